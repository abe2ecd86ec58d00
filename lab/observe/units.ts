import type { LabState } from "../protocol.js";

/** Units that do not run although nobody broke them, in words for people. Pure. */

/** @returns e.g. `ari: unbound has failed (exit code 1)`; nothing of hosts that are not up, which lack more than units */
export function lacksOfUnits({ hosts, faults }: Pick<LabState, "hosts" | "faults">): string[] {
  const killed = new Set(
    faults.flatMap((fault) => (fault.kind === "kill-unit" ? [`${fault.host}/${fault.unit}`] : [])),
  );
  return hosts
    .filter(({ state }) => state === "up")
    .flatMap(({ name: host, units }) =>
      units
        .filter(({ name }) => !killed.has(`${host}/${name}`))
        .filter(({ state }) => state === "failed" || state === "stopped")
        .map(({ name, state, lastExit }) => {
          const how = state === "failed" ? "has failed" : "was stopped";
          return `${host}: ${name} ${how}${lastExit === null ? "" : ` (${lastExit})`}`;
        }),
    );
}
