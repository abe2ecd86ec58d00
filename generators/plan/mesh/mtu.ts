import type { Cluster, Fleet } from "../../model/fleet.js";

/**
 * WireGuard adds 32 bytes of its own (type, receiver, counter, tag), UDP 8, and IP 20 or 40; see the table in
 * WireGuard's paper, section 5.4.6.
 */
export const OVERHEAD = { ipv4: 60, ipv6: 80 } as const;

/**
 * The MTU inside a cluster's tunnels: what the smallest uplink of its sites carries, so that no pair needs to discover it.
 * @returns bytes
 */
export function planMtu(fleet: Fleet, cluster: Cluster): number {
  if (cluster.mesh.mtu !== undefined) return cluster.mesh.mtu;
  let mtu = Number.POSITIVE_INFINITY;
  const seen = new Set<unknown>();
  for (const name of cluster.hosts) {
    const site = fleet.hosts.get(name)?.site;
    if (site === undefined || seen.has(site)) continue;
    seen.add(site);
    mtu = Math.min(mtu, site.mtu - OVERHEAD[site.ipv6 === "none" ? "ipv4" : "ipv6"]);
  }
  return Number.isFinite(mtu) ? mtu : 1500 - OVERHEAD.ipv6;
}
