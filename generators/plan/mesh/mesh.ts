import type { Endpoint } from "../../model/fleet.js";
import { familyOf } from "../../model/net.js";
import type { BirdPlan, HostMesh, MeshInterface, RelayRoutes } from "../types.js";
import { failsOver, PeerCache, planInterfaces, planRelayRoutes } from "./interfaces.js";
import type { Links } from "./links.js";
import type { MeshNode, MeshNodes } from "./nodes.js";

/** Everything about a host that is WireGuard, routing and fail-over. */

/** Seconds between BFD packets; three lost ones mean dead, so a relay's traffic moves after some 3 s. */
const BFD_INTERVAL = 1;
/** A relay of a large mesh answers every host of it: less often, then. */
const BFD_INTERVAL_LARGE = 5;
const LARGE_MESH = 64;

/** Plans the mesh side of all hosts of a cluster, by name. */
export function planMeshes(mesh: MeshNodes, links: Links, mtu: number): Map<string, HostMesh> {
  const cache = new PeerCache();
  const literal = new Map<Endpoint, boolean>();
  const routes = new Map<MeshNode, RelayRoutes[]>();
  const leaves = new Map<MeshNode, MeshNode[]>(mesh.relays.map((relay) => [relay, []]));
  const carriers = findCarriers(mesh, links);
  for (const node of mesh.nodes) {
    if (!failsOver(node, mesh, links)) continue;
    routes.set(node, planRelayRoutes(node, mesh, links));
    for (const relay of node.usable) leaves.get(relay)?.push(node);
  }
  const interval = mesh.nodes.length > LARGE_MESH ? BFD_INTERVAL_LARGE : BFD_INTERVAL;
  return new Map(
    mesh.nodes.map((node) => {
      const own = routes.get(node) ?? [];
      const interfaces = planInterfaces(node, mesh, links, own, cache, mtu);
      return [
        node.name,
        {
          ip: node.ip,
          publicKey: node.publicKey,
          mtu,
          interfaces,
          forwards: carriers.has(node),
          asymmetric: own.length > 0,
          bird: planBird(node, interfaces, own, leaves.get(node) ?? [], interval),
          namedEndpoints: findNamed(interfaces, literal),
        },
      ];
    }),
  );
}

/** Relays that something really goes through. */
function findCarriers(mesh: MeshNodes, links: Links): ReadonlySet<MeshNode> {
  if (mesh.cluster.mesh.topology === "hub") return new Set(mesh.relays);
  const carriers = new Set<MeshNode>();
  if (mesh.devices.length > 0 && mesh.relays[0] !== undefined) carriers.add(mesh.relays[0]);
  for (const [node, behind] of links.behind) {
    if (behind.length === 0) continue;
    for (const relay of node.relay ? mesh.relays : node.usable) if (relay !== node) carriers.add(relay);
    if (carriers.size === mesh.relays.length) break;
  }
  return carriers;
}

function planBird(
  node: MeshNode,
  interfaces: readonly MeshInterface[],
  relays: readonly RelayRoutes[],
  leaves: readonly MeshNode[],
  interval: number,
): BirdPlan | null {
  if (relays.length === 0 && leaves.length === 0) return null;
  return {
    routerId: node.ip,
    interfaces: relays.length === 0 ? ["mesh"] : interfaces.slice(1).map(({ name }) => name),
    interval,
    relays,
    neighbors: leaves.map(({ name, ip }) => ({ name, address: ip })),
  };
}

/** networkd looks a name up once; these are looked up again while running. */
function findNamed(interfaces: readonly MeshInterface[], literal: Map<Endpoint, boolean>): HostMesh["namedEndpoints"] {
  return interfaces.flatMap(({ name, peers }) =>
    peers.flatMap(({ name: peer, publicKey, endpoint }) =>
      endpoint === undefined || isLiteral(endpoint, literal) ? [] : [{ interface: name, peer, publicKey, endpoint }],
    ),
  );
}

/** An endpoint is shared by all who send to it, so it is parsed once. */
function isLiteral(endpoint: Endpoint, literal: Map<Endpoint, boolean>): boolean {
  const known = literal.get(endpoint);
  if (known !== undefined) return known;
  const result = familyOf(endpoint.host) !== null;
  literal.set(endpoint, result);
  return result;
}
