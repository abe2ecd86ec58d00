import type { HostSpec, UnitSpec } from "../../spec.js";
import type { Unit } from "./unit.js";

/** In which order a host's units start and end: each begins after those that it names, and is gone before they end. */

/** Units in an order in which each comes after those that it names. */
export function sortUnits({ units }: Pick<HostSpec, "units">): readonly UnitSpec[] {
  const sorted: UnitSpec[] = [];
  const seen = new Set<string>();
  const visit = (unit: UnitSpec): void => {
    if (seen.has(unit.name)) return;
    seen.add(unit.name);
    for (const before of units) if (unit.after.includes(before.name)) visit(before);
    sorted.push(unit);
  };
  for (const unit of units) visit(unit);
  return sorted;
}

/**
 * Stops units as systemd does: in the reverse of the order in which they start, and at the same time where nothing is said about it.
 * Those that are not to end are waited for by nobody.
 */
export async function stopInOrder(units: readonly Pick<Unit, "spec" | "stop">[]): Promise<void> {
  const byName = new Map(units.map((unit) => [unit.spec.name, unit]));
  const order = sortUnits({ units: units.map(({ spec }) => spec) }).map(({ name }) => name);
  const ended = new Map<string, Promise<void>>();
  for (const name of order.toReversed()) {
    const unit = byName.get(name);
    // Those are stopped already, as they come later in the order.
    const later = [...ended].filter(([other]) => byName.get(other)?.spec.after.includes(name));
    ended.set(
      name,
      Promise.all(later.map(([, end]) => end)).then(() => unit?.stop()),
    );
  }
  await Promise.all(ended.values());
}
