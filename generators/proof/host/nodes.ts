import { parseIpv4 } from "../../model/net.js";
import type { Family } from "../../model/vocabulary.js";
import type { Network, WireguardPeer } from "../../render/types.js";
import { type EndpointReader, type EndpointTarget, makeEndpointReader } from "../link/endpoints.js";
import {
  type AddressIndex,
  buildIntervalMap,
  type Claim,
  type IntervalMap,
  ownerOf,
  placeOf,
} from "../sets/intervals.js";
import { type Prefix, PrefixReader } from "../sets/prefixes.js";
import type { ProofHost, ProofWorld } from "../world.js";
import { type Daemons, readDaemons } from "./daemons.js";
import { type Firewall, FirewallReader } from "./firewall.js";
import { type Route, readRoutes } from "./routes.js";
import { isPending, readReaches } from "./uplinks.js";

/** The rendered world, read once: numbers instead of texts, and hosts instead of keys. */

/** A WireGuard interface. Its peers are columns, since a full mesh of a thousand hosts has a million of them. */
export interface WgInterface {
  readonly host: Node;
  readonly name: string;
  /** Bytes inside the tunnel. */
  readonly mtu: number;
  /** The fixed UDP port; 0 where the kernel chooses. */
  readonly port: number;
  readonly peers: readonly WireguardPeer[];
  /** The host that has the peer's key, by its number; -1 for a device, -2 where nobody has it. */
  readonly peerHost: readonly number[];
  /** The peers in the order of their hosts' numbers; null where they are in that order anyway. */
  readonly byHost: readonly number[] | null;
  /** Packets must come in where the route back goes out. */
  readonly strict: boolean;
  readonly endpoints: readonly (EndpointTarget | null)[];
  /** Which peer a mesh address belongs to: allowed IPs, longest first. */
  readonly allowed: IntervalMap;
  /** The interface on the other side, by its number in `Mesh.interfaces`; -1 where there is none. Filled in by `linkMesh`. */
  readonly partner: number[];
  /** The peer entry on the other side. */
  readonly partnerPeer: number[];
  /** Whether packets to the peer arrive; a `LinkState`. */
  readonly state: number[];
  /** Its place in `Mesh.interfaces`. */
  readonly id: number;
}

export interface Node {
  readonly id: number;
  readonly name: string;
  readonly world: ProofHost;
  readonly cluster: ClusterNodes;
  readonly ip: number;
  /** The place of its address in the cluster's index. */
  readonly place: number;
  readonly interfaces: readonly WgInterface[];
  readonly names: ReadonlySet<string>;
  readonly firewall: Firewall;
  readonly daemons: Daemons;
  readonly routes: readonly Route[];
  /** Whether one of its interfaces has the address that others send to. */
  readonly ownsAddress: boolean;
  readonly forwards: boolean;
  /** Families of the underlay over which it can send and receive. */
  readonly reaches: Readonly<Record<Family, boolean>>;
  /** Every public address is missing that a provider will give. */
  readonly pending: boolean;
}

export interface ClusterNodes {
  readonly name: string;
  readonly topology: "full" | "hub";
  readonly index: AddressIndex;
  /** In the order of `index`. */
  readonly nodes: Node[];
  readonly relays: readonly Node[];
}

export interface Mesh {
  readonly world: ProofWorld;
  readonly nodes: readonly Node[];
  readonly interfaces: readonly WgInterface[];
  readonly clusters: readonly ClusterNodes[];
  readonly prefixes: PrefixReader;
}

interface Readers {
  readonly world: ProofWorld;
  readonly prefixes: PrefixReader;
  readonly firewalls: FirewallReader;
  readonly endpoints: EndpointReader;
  /** Host numbers by public key. */
  readonly keys: Map<string, number>;
  readonly interfaces: WgInterface[];
}

/** Reads the rendered world. */
export function readMesh(world: ProofWorld): Mesh {
  const readers: Readers = {
    world,
    prefixes: new PrefixReader(),
    firewalls: new FirewallReader(),
    endpoints: makeEndpointReader(world),
    keys: new Map([...world.hosts.values()].map((host, id) => [host.publicKey, id])),
    interfaces: [],
  };
  const clusters = new Map<string, ClusterNodes & { relays: Node[] }>();
  for (const { name, topology } of world.clusters.values()) {
    const own = [...world.hosts.values()].filter((host) => host.cluster === name);
    const index = Float64Array.from(own.map((host) => parseIpv4(host.ip))).sort();
    clusters.set(name, { name, topology, index, nodes: [], relays: [] });
  }
  const nodes: Node[] = [];
  for (const host of world.hosts.values()) {
    const cluster = clusters.get(host.cluster);
    if (cluster === undefined) throw new RangeError(`${host.name} is in cluster ${host.cluster}, which does not exist`);
    const node = readNode(host, nodes.length, cluster, readers);
    nodes.push(node);
    cluster.nodes[node.place] = node;
  }
  for (const cluster of clusters.values()) {
    const relays = new Set(world.clusters.get(cluster.name)?.relays);
    cluster.relays.push(...cluster.nodes.filter((node) => relays.has(node.name)));
  }
  const all = [...clusters.values()];
  return { world, nodes, interfaces: readers.interfaces, clusters: all, prefixes: readers.prefixes };
}

function readNode(host: ProofHost, id: number, cluster: ClusterNodes, readers: Readers): Node {
  const { mesh, network } = host.views;
  const ip = parseIpv4(host.ip);
  const interfaces: WgInterface[] = [];
  const reaches = readReaches(host);
  const names = new Set(Object.values(mesh.netdevs).map(({ netdevConfig }) => netdevConfig.Name));
  const node: Node = {
    id,
    name: host.name,
    world: host,
    cluster,
    ip,
    place: placeOf(cluster.index, ip),
    interfaces,
    names,
    firewall: readers.firewalls.read(network.firewall),
    daemons: readDaemons(host.views, host.ip),
    routes: readRoutes(host, ip, names, readers.prefixes),
    ownsAddress: Object.values(mesh.networks).some((unit) => addressesOf(unit).includes(host.ip)),
    forwards: forwardsPackets(host),
    reaches,
    pending: isPending(host, reaches),
  };
  for (const netdev of Object.values(mesh.netdevs)) {
    const own = readInterface(node, netdev.netdevConfig.Name, host, readers);
    interfaces.push(own);
    readers.interfaces.push(own);
  }
  return node;
}

/** The host that has a mesh address; null where nobody has it. */
export function nodeAt(cluster: ClusterNodes, ip: number): Node | null {
  const node = cluster.nodes[placeOf(cluster.index, ip)];
  return node?.ip === ip ? node : null;
}

/** Literal addresses of a network unit, without prefix lengths. */
function addressesOf(unit: Network): string[] {
  const texts = [...(unit.address ?? []), ...(unit.addresses ?? []).map(({ Address }) => Address)];
  return texts.map((text) => text.split("/", 1)[0] ?? "");
}

function forwardsPackets({ views: { mesh } }: ProofHost): boolean {
  return mesh.sysctl["net.ipv4.ip_forward"] === 1 || mesh.sysctl["net.ipv4.conf.all.forwarding"] === 1;
}

function readInterface(node: Node, name: string, host: ProofHost, readers: Readers): WgInterface {
  const netdev = Object.values(host.views.mesh.netdevs).find(({ netdevConfig }) => netdevConfig.Name === name);
  const peers = netdev?.wireguardPeers ?? [];
  const peerHost: number[] = [];
  const endpoints: (EndpointTarget | null)[] = [];
  const claims: Claim[] = [];
  for (const { PublicKey, AllowedIPs, Endpoint } of peers) {
    const owner = peerHost.length;
    peerHost.push(readers.keys.get(PublicKey) ?? (readers.world.deviceKeys.has(PublicKey) ? -1 : -2));
    endpoints.push(Endpoint === undefined ? null : readers.endpoints(Endpoint));
    for (const text of AllowedIPs) {
      const prefix: Prefix | null = readers.prefixes.read(text);
      // Of two peers with one network, the later one has it.
      if (prefix !== null) claims.push({ prefix, owner, rank: owner });
    }
  }
  return {
    id: readers.interfaces.length,
    host: node,
    name,
    mtu: Number(netdev?.netdevConfig.MTUBytes ?? 1420),
    port: netdev?.wireguardConfig.ListenPort ?? 0,
    peers,
    peerHost,
    byHost: orderByHost(peerHost),
    strict: node.firewall.strict || isStrict(host.views.mesh.sysctl, name),
    endpoints,
    allowed: buildIntervalMap(claims, node.cluster.index),
    partner: peerHost.map(() => -1),
    partnerPeer: peerHost.map(() => -1),
    state: peerHost.map(() => 0),
  };
}

function orderByHost(peerHost: readonly number[]): number[] | null {
  let ascending = true;
  for (let i = 1; i < peerHost.length && ascending; i++) ascending = (peerHost[i - 1] ?? 0) <= (peerHost[i] ?? 0);
  return ascending ? null : [...peerHost.keys()].sort((a, b) => (peerHost[a] ?? 0) - (peerHost[b] ?? 0));
}

/** The peer entry of a host on an interface; -1 where it has none. */
export function findPeer({ peerHost, byHost }: WgInterface, host: number): number {
  let low = 0;
  let high = peerHost.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((peerHost[byHost === null ? middle : (byHost[middle] ?? 0)] ?? 0) < host) low = middle + 1;
    else high = middle;
  }
  const peer = byHost === null ? low : (byHost[low] ?? -1);
  return peerHost[peer] === host ? peer : -1;
}

/** Linux takes the larger of the setting for all interfaces and the interface's own; 1 is strict, 2 loose. */
function isStrict(sysctl: Readonly<Record<string, number>>, name: string): boolean {
  return Math.max(sysctl["net.ipv4.conf.all.rp_filter"] ?? 0, sysctl[`net.ipv4.conf.${name}.rp_filter`] ?? 0) === 1;
}

/** Whether an interface lets the packets of a place in through a host: what WireGuard calls cryptokey routing. */
export function accepts(wire: WgInterface, through: Node, place: number): boolean {
  return wire.peerHost[ownerOf(wire.allowed, place)] === through.id;
}
