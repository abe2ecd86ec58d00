import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import { systemName } from "../../generators/render/paths.js";
import type { OnceSettings } from "./once.js";
import type { Guard, MachineView } from "./types.js";

/** What every machine has, wherever it is. */

/**
 * Whether the host votes in Consul's or Nomad's Raft. Its cluster loses a vote while it is away, so no two voters are made or replaced
 * at once.
 */
export function isVoter({ consul, nomad }: HostPlan): boolean {
  return consul?.server === true || nomad?.server === true;
}

/** Every machine is kept, not only voters and those with volumes: what else is on a disk, the plan cannot know. */
function guardOf({ lock }: FleetPlan, host: string, { replace, unlock }: OnceSettings): Guard {
  return lock.hosts[host]?.leaving ?? (replace === host ? "replaced" : unlock === host ? "machine" : "kept");
}

/** What every machine has. */
export function viewMachine(plan: FleetPlan, hostPlan: HostPlan, once: OnceSettings): MachineView {
  const { host } = hostPlan;
  return {
    host: host.name,
    name: systemName(plan.fleet, host.name),
    cluster: host.cluster,
    voter: isVoter(hostPlan),
    guard: guardOf(plan, host.name, once),
  };
}
