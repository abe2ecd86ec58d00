import type { MeshInterface, MeshPeer, RelayRoutes } from "../types.js";
import { commonRelays, type Links } from "./links.js";
import { canLink, type MeshNode, type MeshNodes } from "./nodes.js";
import { endpointTo, mustKeepAlive } from "./reach.js";

/**
 * The WireGuard interfaces of a host. WireGuard ties an address to one peer of an interface, so a host that may choose
 * between relays has an interface for each of them, and routes decide; everything else lives on `mesh`.
 */

/** Linux's IFNAMSIZ less the closing zero. */
const INTERFACE_NAME_MAX = 15;
/** Keeps most NATs' UDP mappings open; WireGuard's own recommendation. */
const KEEPALIVE = 25;
/** BIRD's default preference of static routes; later relays get less. */
const FIRST_PREFERENCE = 200;

/** The interface towards a relay: `to-<relay>`, shortened with a hash of the whole name where it is too long. */
export function relayInterfaceName(relay: string): string {
  const name = `to-${relay}`;
  if (name.length <= INTERFACE_NAME_MAX) return name;
  let hash = 0;
  for (let i = 0; i < relay.length; i++) hash = (Math.imul(hash, 31) + relay.charCodeAt(i)) & 0xffff;
  return `to-${relay.slice(0, 7)}-${hash.toString(16).padStart(4, "0")}`;
}

/** Whether the host chooses between relays. A relay keeps one interface, so that it can forward between its peers. */
export function failsOver(node: MeshNode, mesh: MeshNodes, links: Links): boolean {
  if (node.relay || node.usable.length < 2) return false;
  return mesh.cluster.mesh.topology === "hub" || (links.behind.get(node) ?? []).length > 0;
}

/** Peers are shared between the hosts that see them alike: a full mesh has a million of them, in a few thousand kinds. */
export class PeerCache {
  private readonly peers = new Map<MeshNode, MeshPeer[]>();

  /** The peer `to` as `from` writes it, with nothing behind it. */
  peerOf(from: MeshNode, to: MeshNode): MeshPeer {
    const endpoint = endpointTo(from.reach, to.reach) ?? undefined;
    const keepalive =
      endpoint !== undefined && mustKeepAlive(from.reach, to.reach)
        ? (from.host.mesh.keepalive ?? KEEPALIVE)
        : undefined;
    return this.shared(to, endpoint, keepalive);
  }

  /** The peer `to` as a relay writes it where `to` begins the link from an interface of its own. */
  passive(to: MeshNode): MeshPeer {
    return this.shared(to, undefined, undefined);
  }

  private shared(to: MeshNode, endpoint: MeshPeer["endpoint"], keepalive: number | undefined): MeshPeer {
    const known = this.peers.get(to) ?? [];
    if (known.length === 0) this.peers.set(to, known);
    const found = known.find((peer) => peer.endpoint === endpoint && peer.keepalive === keepalive);
    if (found !== undefined) return found;
    const peer: MeshPeer = {
      name: to.name,
      kind: "host",
      publicKey: to.publicKey,
      allowedIps: to.self,
      ...(endpoint !== undefined && { endpoint }),
      ...(keepalive !== undefined && { keepalive }),
    };
    known.push(peer);
    return peer;
  }
}

function withBehind(peer: MeshPeer, behind: readonly string[]): MeshPeer {
  return behind.length === 0 ? peer : { ...peer, allowedIps: [...peer.allowedIps, ...behind] };
}

/** What lies behind each peer of the host's `mesh` interface, beside the peer itself. */
function behindPeers(node: MeshNode, mesh: MeshNodes, links: Links): ReadonlyMap<MeshNode, readonly string[]> {
  const behind = new Map<MeshNode, string[]>();
  const add = (relay: MeshNode, network: string) => {
    const networks = behind.get(relay);
    if (networks === undefined) behind.set(relay, [network]);
    else networks.push(network);
  };
  for (const other of links.behind.get(node) ?? []) {
    const [first] = commonRelays(node, other, mesh.relays);
    if (first !== undefined) add(first, other.self[0]);
  }
  const [first] = mesh.relays;
  if (first !== undefined && node !== first) for (const { ip } of mesh.devices) add(first, `${ip}/32`);
  return behind;
}

/** The peers of `mesh`, sorted by name. */
function directPeers(node: MeshNode, mesh: MeshNodes, links: Links, alone: boolean, cache: PeerCache): MeshPeer[] {
  const hub = mesh.cluster.mesh.topology === "hub";
  const behind = behindPeers(node, mesh, links);
  const peers: MeshPeer[] = [];
  for (const other of hub && !node.relay ? mesh.relays : mesh.nodes) {
    if (other === node || !canLink(node, other)) continue;
    // A host that fails over meets its relays on their own interfaces.
    if (!alone && other.relay && node.usable.includes(other)) continue;
    if (node.relay && failsOver(other, mesh, links) && other.usable.includes(node)) {
      peers.push(cache.passive(other));
      continue;
    }
    if (hub && !node.relay) {
      // The range would move all traffic to whichever peer has it: only the single relay does.
      const range = node.usable[0] === other ? [mesh.cluster.mesh.ipv4.network] : other.self;
      peers.push({ ...cache.peerOf(node, other), allowedIps: range });
    } else peers.push(withBehind(cache.peerOf(node, other), behind.get(other) ?? []));
  }
  if (node === mesh.relays[0]) {
    for (const { device, ip } of mesh.devices)
      peers.push({ name: device.name, kind: "device", publicKey: device.publicKey, allowedIps: [`${ip}/32`] });
  }
  return peers.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the host reaches over one of its relays, by relay. */
export function planRelayRoutes(node: MeshNode, mesh: MeshNodes, links: Links): RelayRoutes[] {
  const hub = mesh.cluster.mesh.topology === "hub";
  const others = links.behind.get(node) ?? [];
  const devices = mesh.devices.map(({ ip }) => `${ip}/32`);
  return node.usable.map((relay, index) => {
    const single = others.filter((other) => commonRelays(node, other, mesh.relays).includes(relay));
    const own = relay === mesh.relays[0] && !hub ? devices : [];
    return {
      relay: relay.name,
      via: relay.ip,
      preference: FIRST_PREFERENCE - index,
      routes: [...(hub ? [mesh.cluster.mesh.ipv4.network] : []), ...single.map((other) => other.self[0]), ...own],
    };
  });
}

function relayInterface(node: MeshNode, relay: MeshNode, allowed: readonly string[], cache: PeerCache, mtu: number) {
  const peer = cache.peerOf(node, relay);
  return {
    name: relayInterfaceName(relay.name),
    kind: "relay",
    address: `${node.ip}/32`,
    peerAddress: `${relay.ip}/32`,
    mtu,
    peers: [{ ...peer, allowedIps: allowed, keepalive: node.host.mesh.keepalive ?? KEEPALIVE }],
  } satisfies MeshInterface;
}

/**
 * All mesh interfaces of a host: `mesh` first, then one for each relay in order of preference.
 * @param routes what lies behind each relay; empty where the host does not fail over
 * @param mtu bytes
 */
export function planInterfaces(
  node: MeshNode,
  mesh: MeshNodes,
  links: Links,
  routes: readonly RelayRoutes[],
  cache: PeerCache,
  mtu: number,
): MeshInterface[] {
  const hub = mesh.cluster.mesh.topology === "hub";
  const range = mesh.cluster.mesh.ipv4;
  const alone = routes.length === 0;
  const peers = directPeers(node, mesh, links, alone, cache);
  // The mesh's range leads to the relays' interfaces, where there are some; a peer beside it needs a route of its own.
  const narrow = hub && !alone;
  const main: MeshInterface = {
    name: "mesh",
    kind: "direct",
    address: `${node.ip}/${narrow ? 32 : range.prefix}`,
    ...(narrow && peers.length > 0 && { routes: peers.flatMap(({ allowedIps }) => allowedIps) }),
    listenPort: mesh.cluster.mesh.port,
    mtu,
    peers,
  };
  const relays = routes.map((route, index) => {
    const relay = node.usable[index];
    if (relay === undefined) throw new RangeError(`no relay for route ${index} of ${node.name}`);
    return relayInterface(node, relay, hub ? [range.network] : [...relay.self, ...route.routes], cache, mtu);
  });
  return [main, ...relays];
}
