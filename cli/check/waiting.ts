import { reachOf } from "../../generators/plan/mesh/reach.js";
import type { ClusterPlan, FleetPlan } from "../../generators/plan/types.js";

/** Pairs that nobody can prove yet, since a provider has not given an address. */

/** Pairs are quadratic in hosts; of a larger cluster only the hosts are named that it waits for. */
const PAIR_LIMIT = 1000;

export interface Waiting {
  /** Unordered pairs; null where there are too many hosts to look at all of them. */
  readonly pairs: number | null;
  /** The hosts without an address, sorted. */
  readonly hosts: readonly string[];
}

function countPairs({ cluster, linkOf }: ClusterPlan): number {
  let pairs = 0;
  cluster.hosts.forEach((a, i) => {
    for (let other = i + 1; other < cluster.hosts.length; other++) {
      const b = cluster.hosts[other];
      if (b !== undefined && linkOf(a, b).kind === "pending") pairs++;
    }
  });
  return pairs;
}

/** Linear where no host waits, which is nearly always. */
export function findWaiting(plan: FleetPlan): Waiting {
  const hosts: string[] = [];
  let pairs: number | null = 0;
  for (const own of plan.clusters.values()) {
    const { cluster } = own;
    const waiting = cluster.hosts.filter((name) => {
      const host = plan.hosts.get(name)?.host;
      return host !== undefined && reachOf(host, cluster.mesh.port).pending;
    });
    if (waiting.length === 0) continue;
    const found: number | null = cluster.hosts.length > PAIR_LIMIT ? null : countPairs(own);
    if (found === 0) continue;
    hosts.push(...waiting);
    pairs = pairs === null || found === null ? null : pairs + found;
  }
  return { pairs, hosts: hosts.sort() };
}
