import type { BirdView, Network } from "../../render/types.js";
import type { Prefix, PrefixReader } from "../sets/prefixes.js";
import type { ProofHost } from "../world.js";

/** A host's routing table, out of the addresses and routes of its network units and of BIRD's statics. */

export interface Route {
  readonly prefix: Prefix;
  /** The interface that packets leave by. */
  readonly interface: string;
  /** Whether that is one of the mesh's. */
  readonly mesh: boolean;
  /** The source address of the host's own packets. */
  readonly source: number;
  /**
   * The higher one wins among routes to one network: the kernel's and networkd's have metric 0 and beat BIRD's (metric 32), whose
   * own order is the preference.
   */
  readonly rank: number;
  /** The neighbour whose BFD session must be up, as an address; null where the route always holds. */
  readonly via: number | null;
}

/** Above any preference of BIRD, which is 16 bits wide. */
const KERNEL_RANK = 65536;

interface Wire {
  readonly name: string;
  readonly mesh: boolean;
  readonly unit: Network;
}

/** @param ip the host's mesh address */
export function readRoutes(
  host: ProofHost,
  ip: number,
  meshNames: ReadonlySet<string>,
  prefixes: PrefixReader,
): Route[] {
  const { mesh, network } = host.views;
  const wires: Wire[] = [];
  for (const [file, unit] of [...Object.entries(mesh.networks), ...Object.entries(network.networks)]) {
    const name = unit.matchConfig.Name ?? file;
    wires.push({ name, mesh: meshNames.has(name), unit });
  }
  const routes = wires.flatMap((wire) => [...readConnected(wire, prefixes), ...readStatic(wire, ip, prefixes)]);
  const points = wires.flatMap((wire) => (wire.mesh ? readPoints(wire, prefixes) : []));
  if (mesh.bird !== null) routes.push(...readBird(mesh.bird, points, prefixes));
  return routes;
}

function readConnected({ name, mesh, unit }: Wire, prefixes: PrefixReader): Route[] {
  const addresses = [...(unit.address ?? []).map((Address) => ({ Address })), ...(unit.addresses ?? [])];
  return addresses.flatMap((address: { Address: string; Peer?: string }) => {
    const own = prefixes.read(address.Address);
    const prefix = address.Peer === undefined ? own : prefixes.read(address.Peer);
    // An address of its own, without a network around it, makes no route.
    if (own === null || prefix === null || (address.Peer === undefined && own.length === 32)) return [];
    return [{ prefix, interface: name, mesh, source: own.address, rank: KERNEL_RANK, via: null }];
  });
}

function readStatic({ name, mesh, unit }: Wire, ip: number, prefixes: PrefixReader): Route[] {
  return (unit.routes ?? []).flatMap(({ Destination }) => {
    const prefix = Destination === undefined ? null : prefixes.read(Destination);
    if (prefix === null) return [];
    const own = [...(unit.address ?? []), ...(unit.addresses ?? []).map(({ Address }) => Address)][0];
    const source = own === undefined ? ip : (prefixes.read(own)?.address ?? ip);
    return [{ prefix, interface: name, mesh, source, rank: KERNEL_RANK, via: null }];
  });
}

/** The far ends of point-to-point addresses: the only neighbours that BIRD sees on WireGuard. */
function readPoints({ name, unit }: Wire, prefixes: PrefixReader): { name: string; address: number }[] {
  return (unit.addresses ?? []).flatMap(({ Peer }) => {
    const prefix = Peer === undefined ? null : prefixes.read(Peer);
    return prefix === null ? [] : [{ name, address: prefix.address }];
  });
}

function readBird(
  bird: BirdView,
  points: readonly { name: string; address: number }[],
  prefixes: PrefixReader,
): Route[] {
  const names = new Map(points.map(({ name, address }) => [address, name]));
  const found: Route[] = [];
  for (const { preference, routes, source } of bird.statics) {
    const own = prefixes.read(source)?.address ?? 0;
    for (const { to, via } of routes) {
      const prefix = prefixes.read(to);
      const gateway = prefixes.read(via)?.address ?? 0;
      const name = names.get(gateway);
      if (prefix === null || name === undefined) continue;
      found.push({ prefix, interface: name, mesh: true, source: own, rank: preference, via: gateway });
    }
  }
  return found;
}
