import type { FleetPlan } from "../../../generators/plan/types.js";

/** In which order hosts are deployed whose WireGuard keys change. Pure. */

/** Hosts that have this one as a peer: their modules hold its public key. */
export function listPeers({ hosts }: FleetPlan, of: string): readonly string[] {
  const has = [...hosts.values()].filter(({ mesh }) =>
    mesh.interfaces.some(({ peers }) => peers.some(({ name }) => name === of)),
  );
  return has.map(({ host }) => host.name);
}

/**
 * Hosts that only the mesh reaches come first: once a peer has a new key, it does not let them in before they are deployed as
 * well. Among those that are reached as well as each other, the ones with a new key come before their peers.
 * @param hosts in an order that is kept as far as nothing speaks against it
 */
export function orderForMesh(plan: FleetPlan, hosts: readonly string[], rekeyed: ReadonlySet<string>): string[] {
  const rank = (host: string) => 2 * reachOf(plan, host) + (rekeyed.has(host) ? 0 : 1);
  return [...hosts].sort((a, b) => rank(a) - rank(b));
}

/** From how many machines a host is reached without the mesh: from none, from those with IPv6, from all. */
function reachOf({ hosts }: FleetPlan, name: string): 0 | 1 | 2 {
  const { public4, public6 } = hosts.get(name)?.host.address ?? {};
  if (public4 !== undefined) return 2;
  return public6 === undefined ? 0 : 1;
}
