import type { HostPlan } from "../../generators/plan/types.js";

/** Whose Raft a host votes in, for people: its cluster loses that vote while it is away. */
export function votesOf({ consul, nomad }: HostPlan): string[] {
  return [...(consul?.server === true ? ["Consul"] : []), ...(nomad?.server === true ? ["Nomad"] : [])];
}
