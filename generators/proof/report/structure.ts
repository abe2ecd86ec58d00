import type { Mesh, Node, WgInterface } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { isUp, pathOf } from "../link/underlay.js";
import { covers, type Prefix } from "../sets/prefixes.js";
import type { ProofFinding } from "../world.js";

/** Settings that are wrong by themselves, whether or not a packet meets them. */

/** Bytes that WireGuard adds: its own 32, UDP's 8, and 40 or 20 of IP. */
const OVERHEAD = { ipv6: 80, ipv4: 60 } as const;
/** A LAN is Ethernet, whatever the uplink behind it holds. */
const ETHERNET_MTU = 1500;

export function checkStructure(mesh: Mesh, tables: Tables): ProofFinding[] {
  return [...checkTwice(mesh), ...checkWires(mesh, tables), ...checkGossip(mesh)];
}

function finding(code: string, from: Node, to: Node, message: string, hint: string): ProofFinding {
  return { code, severity: "error", from: from.name, to: to.name, hop: from.name, more: 0, message, hint };
}

/** Mesh addresses and keys that two hosts have. */
function checkTwice({ nodes }: Mesh): ProofFinding[] {
  const found: ProofFinding[] = [];
  const addresses = new Map<number, Node>();
  const keys = new Map<string, Node>();
  for (const node of nodes) {
    const address = addresses.get(node.ip);
    const key = keys.get(node.world.publicKey);
    if (address !== undefined) {
      const message = `${node.name} and ${address.name} both have the mesh address ${node.world.ip}`;
      found.push(finding("proof-address", node, address, message, "give each host an address of its own"));
    }
    if (key !== undefined && node.world.publicKey !== "") {
      const message = `${node.name} and ${key.name} have the same WireGuard key`;
      found.push(finding("proof-key", node, key, message, "give each host a key of its own"));
    }
    addresses.set(node.ip, node);
    keys.set(node.world.publicKey, node);
  }
  return found;
}

/** Peers of other clusters, allowed IPs that two peers share or another cluster owns, and packets that are too large. */
function checkWires(mesh: Mesh, tables: Tables): ProofFinding[] {
  const found: ProofFinding[] = [];
  const foreign = new ForeignPrefixes(mesh);
  const taken = new Map<number, WgInterface>();
  for (const wire of mesh.interfaces) {
    const seen = new Map<string, number>();
    for (let peer = 0; peer < wire.peerHost.length; peer++) {
      const other = mesh.nodes[wire.peerHost[peer] ?? -1];
      found.push(...checkAllowed(mesh, wire, peer, seen, foreign));
      if (other === undefined) continue;
      if (other.cluster !== wire.host.cluster) {
        const message = `${wire.host.name} has a peer of another cluster, ${other.name}`;
        found.push(finding("proof-cluster", wire.host, other, message, "clusters share no peer"));
      }
      found.push(...checkMtu(wire, peer, tables), ...checkShared(mesh, wire, peer, taken));
    }
  }
  return limit(found);
}

function checkAllowed(
  mesh: Mesh,
  wire: WgInterface,
  peer: number,
  seen: Map<string, number>,
  foreign: ForeignPrefixes,
): ProofFinding[] {
  const found: ProofFinding[] = [];
  for (const text of wire.peers[peer]?.AllowedIPs ?? []) {
    const before = seen.get(text);
    if (before !== undefined && before !== peer) found.push(overlap(mesh, wire, text, before, peer));
    seen.set(text, peer);
    const { host } = wire;
    const owner = foreign.ownerOf(text, host);
    if (owner === null) continue;
    const message = `${host.name} allows ${text}, which holds ${owner.world.ip} of ${owner.name} in cluster ${owner.cluster.name}`;
    found.push(finding("proof-cluster", host, owner, message, "allow only addresses of the host's own cluster"));
  }
  return found;
}

function overlap(mesh: Mesh, wire: WgInterface, text: string, before: number, peer: number): ProofFinding {
  const { host, name } = wire;
  const [first, last] = [before, peer].map((one) => mesh.nodes[wire.peerHost[one] ?? -1] ?? host);
  const names = `${first?.name} and ${last?.name}`;
  const message = `${host.name} allows ${text} for two peers of ${name}, ${names}: the last one gets all packets`;
  return finding("proof-overlap", host, last ?? host, message, "allow each network for one peer of an interface");
}

/** The far side answers where it heard from last: two interfaces with one key would take the link from each other. */
function checkShared(mesh: Mesh, wire: WgInterface, peer: number, taken: Map<number, WgInterface>): ProofFinding[] {
  const partner = mesh.interfaces[wire.partner[peer] ?? -1];
  const { host } = wire;
  if (partner === undefined || host.interfaces.length < 2) return [];
  const key = partner.id * mesh.nodes.length + host.id;
  const before = taken.get(key) ?? wire;
  taken.set(key, wire);
  if (before === wire) return [];
  const message = `${host.name} has ${partner.host.name} as a peer on both ${before.name} and ${wire.name}, which is one peer to it`;
  return [finding("proof-peer", host, partner.host, message, "keep a peer on one interface")];
}

function checkMtu(wire: WgInterface, peer: number, tables: Tables): ProofFinding[] {
  const partner = tables.partnerOf(wire, peer);
  if (partner === null) return [];
  const [here, there] = [wire.host.world.site, partner.host.world.site];
  const uplinks = Math.min(here.mtu, there.mtu);
  if (wire.mtu + OVERHEAD.ipv6 <= uplinks || !isUp(wire, peer)) return [];
  for (const { family, lan } of pathOf(wire, peer, partner)) {
    const room = lan ? Math.max(ETHERNET_MTU, uplinks) : uplinks;
    const size = wire.mtu + OVERHEAD[family];
    if (size <= room) continue;
    const message = `${wire.host.name} sends packets of ${size} bytes to ${partner.host.name}, whose way takes ${room}: the MTU of ${wire.name} is ${wire.mtu}`;
    return [
      finding("proof-mtu", wire.host, partner.host, message, `set the MTU to ${room - OVERHEAD[family]} or less`),
    ];
  }
  return [];
}

/** Servers to join that are none of the cluster's. */
function checkGossip(mesh: Mesh): ProofFinding[] {
  const owners = new Map(mesh.nodes.map((node) => [node.world.ip, node]));
  return mesh.nodes.flatMap((node) => {
    const { bound, joins } = node.daemons;
    const wrong = joins
      .map((address) => owners.get(address))
      .find((one) => one !== undefined && one.cluster !== node.cluster);
    const foreign = bound.map((address) => owners.get(address)).find((one) => one !== undefined && one !== node);
    const found: ProofFinding[] = [];
    if (wrong !== undefined) {
      const message = `${node.name} joins ${wrong.name}, which belongs to cluster ${wrong.cluster.name}`;
      found.push(finding("proof-cluster", node, wrong, message, "join servers of the host's own cluster"));
    }
    if (foreign !== undefined) {
      const message = `the daemons of ${node.name} announce the address of ${foreign.name}, ${foreign.world.ip}`;
      found.push(finding("proof-address", node, foreign, message, "bind to the host's own mesh address"));
    }
    return found;
  });
}

/** Which networks hold addresses of other clusters; each network is looked at once a cluster. */
class ForeignPrefixes {
  private readonly known = new Map<object, Map<string, Node | null>>();

  constructor(private readonly mesh: Mesh) {}

  ownerOf(text: string, host: Node): Node | null {
    if (this.mesh.clusters.length < 2) return null;
    let own = this.known.get(host.cluster);
    if (own === undefined) {
      own = new Map();
      this.known.set(host.cluster, own);
    }
    const known = own.get(text);
    if (known !== undefined) return known;
    const prefix: Prefix | null = this.mesh.prefixes.read(text);
    const others = this.mesh.nodes.filter(({ cluster }) => cluster !== host.cluster);
    const owner = prefix === null ? null : (others.find(({ ip }) => covers(prefix, ip)) ?? null);
    own.set(text, owner);
    return owner;
  }
}

/** One finding for each code and host, with the number of further ones. */
function limit(findings: readonly ProofFinding[]): ProofFinding[] {
  const groups = new Map<string, ProofFinding>();
  for (const one of findings) {
    const key = `${one.code} ${one.hop}`;
    const first = groups.get(key);
    groups.set(key, first === undefined ? one : { ...first, more: first.more + 1 });
  }
  return [...groups.values()];
}
