import type { HostViews } from "../../generators/render/types.js";
import type { UnitChange } from "./types.js";

/**
 * Which systemd units a host's switch touches. NixOS restarts a unit whose file or `restartTriggers` changed, and reloads
 * those that say so: nftables has `reloadIfChanged`, BIRD's configuration and networkd's `.network` files are
 * `reloadTriggers`. A `.netdev` file, which holds WireGuard's peers, restarts networkd; links stay up meanwhile.
 */

interface Part {
  readonly unit: string;
  readonly action: "restarts" | "reloads";
  /** The view's part that the unit reads; undefined or null where the host does not run it. */
  readonly of: (views: HostViews) => unknown;
}

/** By the name of the generated file. */
const PARTS: Readonly<Record<string, readonly Part[]>> = {
  network: [
    { unit: "systemd-networkd", action: "restarts", of: ({ network }) => network.netdevs },
    { unit: "systemd-networkd", action: "reloads", of: ({ network }) => network.networks },
    { unit: "nftables", action: "reloads", of: ({ network }) => network.firewall },
  ],
  mesh: [
    { unit: "systemd-networkd", action: "restarts", of: ({ mesh }) => mesh.netdevs },
    { unit: "systemd-networkd", action: "reloads", of: ({ mesh }) => mesh.networks },
    { unit: "systemd-sysctl", action: "restarts", of: ({ mesh }) => mesh.sysctl },
    { unit: "bird", action: "reloads", of: ({ mesh }) => mesh.bird },
  ],
  consul: [{ unit: "consul", action: "restarts", of: ({ consul }) => consul }],
  nomad: [{ unit: "nomad", action: "restarts", of: ({ nomad }) => nomad }],
  dns: [{ unit: "unbound", action: "restarts", of: ({ dns }) => dns }],
};

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function compareUnit(part: Part, before: HostViews, after: HostViews): UnitChange[] {
  const [was, is] = [part.of(before), part.of(after)];
  if (JSON.stringify(was ?? null) === JSON.stringify(is ?? null)) return [];
  if (isMissing(was)) return [{ unit: part.unit, action: "starts" }];
  if (isMissing(is)) return [{ unit: part.unit, action: "stops" }];
  return [{ unit: part.unit, action: part.action }];
}

/**
 * @param unit a generated file's name without its extension, e.g. `mesh`
 * @returns where both views say the same, the text changed with meshflake itself: then every unit of the file; as it is where
 * the old views are not known
 */
function compareFile(unit: string, before: HostViews | undefined, after: HostViews): UnitChange[] {
  const parts = PARTS[unit] ?? [];
  const changes = before === undefined ? [] : parts.flatMap((part) => compareUnit(part, before, after));
  if (changes.length > 0) return changes;
  return parts.filter(({ of }) => !isMissing(of(after))).map(({ unit, action }) => ({ unit, action }));
}

/**
 * @param changed names of the host's generated files that differ, without folder and extension
 * @param before undefined where it is not known
 */
export function compareUnits(
  changed: readonly string[],
  before: HostViews | undefined,
  after: HostViews,
): UnitChange[] {
  const units = new Map<string, UnitChange>();
  for (const change of changed.flatMap((file) => compareFile(file, before, after))) {
    // A restart reads everything that a reload would.
    if (change.action !== "reloads" || !units.has(change.unit)) units.set(change.unit, change);
  }
  return [...units.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1));
}
