import type { LabState } from "../../protocol.js";
import type { LabSpec } from "../../spec.js";
import type { Failure } from "../report.js";

/** Whether daemons ran on. Pure. */

/** The units that are to run all the time: not what ends by itself, nor what a timer repeats. */
function lastingUnits(spec: LabSpec): ReadonlySet<string> {
  return new Set(
    spec.hosts.flatMap(({ name, units }) =>
      units
        .filter(({ restart, everyMs }) => restart === "always" && everyMs === undefined)
        .map((unit) => `${name}/${unit.name}`),
    ),
  );
}

/**
 * @param after what happened in between
 * @param only names of the units that must run on; all lasting ones where it is missing
 */
export function judgeRestarts(
  spec: LabSpec,
  before: LabState,
  now: LabState,
  after: string,
  only?: ReadonlySet<string>,
): Failure[] {
  const lasting = lastingUnits(spec);
  const pids = new Map(
    before.hosts.flatMap(({ name, units }) => units.map((unit) => [`${name}/${unit.name}`, unit.pid] as const)),
  );
  const matters = (host: string, unit: string) => lasting.has(`${host}/${unit}`) && (only?.has(unit) ?? true);
  return now.hosts.flatMap(({ name: host, units }) =>
    units
      .filter(({ name, pid }) => matters(host, name) && pids.get(`${host}/${name}`) !== pid)
      .map(({ name, lastExit }) => ({
        expected: `${name} on ${host} runs on after ${after}`,
        seen: `it was started again (${lastExit ?? "it never ended"})`,
        look: `meshflake lab logs ${host} ${name}`,
      })),
  );
}
