import { suggestName } from "../../generators/load/nearest.js";
import { UserError } from "../../generators/model/problem.js";
import type { HostStatus, LabState } from "../../lab/protocol.js";
import { hintFor } from "../../lab/run/faults.js";

/** @throws UserError where the lab has no such host */
export function requireLabHost({ hosts }: Pick<LabState, "hosts">, name: string | undefined): HostStatus {
  const host = hosts.find((one) => one.name === name);
  if (host !== undefined) return host;
  const names = hosts.map((one) => one.name);
  throw new UserError(`the lab has no host \`${name}\``, suggestName(name ?? "", names));
}

/** A host that programs can run on. */
export interface Entrance {
  readonly name: string;
  /** Its first process, in the lab's PID namespace. */
  readonly pid: number;
}

/** @throws UserError where the host is off or frozen, or has not booted yet */
export function requireEntrance({ name, state, pid }: HostStatus): Entrance {
  if (state === "up" && pid !== null) return { name, pid };
  throw new UserError(`${name} is ${state}: nothing can run on it`, hintFor(name, state), 1);
}
