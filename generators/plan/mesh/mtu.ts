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
  let mtu = cluster.mesh.mtu ?? Number.POSITIVE_INFINITY;
  const seen = new Set<unknown>();
  for (const name of cluster.hosts) {
    const host = fleet.hosts.get(name);
    // A smaller own MTU means that nothing larger arrives there, whoever sends it.
    mtu = Math.min(mtu, host?.mesh.mtu ?? mtu);
    const site = host?.site;
    if (cluster.mesh.mtu !== undefined || site === undefined || seen.has(site)) continue;
    seen.add(site);
    mtu = Math.min(mtu, site.mtu - OVERHEAD[site.ipv6 === "none" ? "ipv4" : "ipv6"]);
  }
  return Number.isFinite(mtu) ? mtu : 1500 - OVERHEAD.ipv6;
}
