import { reachOf } from "../../generators/plan/mesh/reach.js";
import type { FleetPlan } from "../../generators/plan/types.js";

/** Hosts that others cannot link to yet, since their provider has not given them an address; sorted. */
export function findWaiting(plan: FleetPlan): string[] {
  const hosts: string[] = [];
  for (const { cluster } of plan.clusters.values()) {
    for (const name of cluster.hosts) {
      const host = plan.hosts.get(name)?.host;
      if (host !== undefined && reachOf(host, cluster.mesh.port).pending) hosts.push(name);
    }
  }
  return hosts.sort();
}
