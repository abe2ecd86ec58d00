import type { BirdView } from "../../render/types.js";
import { isUp } from "../link/underlay.js";
import { buildIntervalMap, type Claim, type IntervalMap, ownerOf } from "../sets/intervals.js";
import { remember } from "../sets/remember.js";
import { admits } from "./firewall.js";
import { matchesName } from "./nftables.js";
import { accepts, type Mesh, type Node, nodeAt, type WgInterface } from "./nodes.js";
import type { Route } from "./routes.js";

/** BFD, single hop (RFC 5881). */
const BFD_PORT = 3784;

/** How many IPv4 addresses there are: a host's number and an address make one number. */
const ADDRESSES = 2 ** 32;

type Neighbors = ReadonlyMap<string, BirdView["neighbors"]>;

/** Routing tables of all hosts, with every relay alive or with one taken away; each is worked out when it is first asked for. */
export class Tables {
  /** With all hosts alive, by host number. */
  private readonly alive: IntervalMap[] = [];
  /** With a relay taken away, for hosts whose routes depend on it. */
  private readonly failed = new Map<number, IntervalMap>();
  /** By host number and neighbour's address. */
  private readonly bfd = new Map<number, string | null>();
  private readonly neighbors = new Map<BirdView, Neighbors>();

  constructor(private readonly mesh: Mesh) {}

  /** Which of the host's routes each place takes. @param dead the relay that was taken away */
  mapOf(node: Node, dead: Node | null): IntervalMap {
    // Only what goes through the dead relay differs.
    if (dead !== null && node.routes.some(({ via }) => via === dead.ip)) return this.mapWithout(node, dead);
    const known = this.alive[node.id];
    if (known !== undefined) return known;
    const map = this.build(node, null);
    this.alive[node.id] = map;
    return map;
  }

  private mapWithout(node: Node, dead: Node): IntervalMap {
    return remember(this.failed, node.id * ADDRESSES + dead.ip, () => this.build(node, dead));
  }

  private build(node: Node, dead: Node | null): IntervalMap {
    const claims: Claim[] = [];
    node.routes.forEach((route, owner) => {
      const { via, prefix, rank } = route;
      const holds = via === null || (via !== dead?.ip && this.bfdProblem(node, route) === null);
      if (holds) claims.push({ prefix, owner, rank });
    });
    return buildIntervalMap(claims, node.cluster.index);
  }

  /** The route to a place; null where the host has none. */
  routeTo(node: Node, place: number, dead: Node | null): Route | null {
    return node.routes[ownerOf(this.mapOf(node, dead), place)] ?? null;
  }

  /** The mesh interface that a route leaves by; null where it leaves the mesh. */
  wireOf(node: Node, route: Route): WgInterface | null {
    return route.mesh ? (node.interfaces.find(({ name }) => name === route.interface) ?? null) : null;
  }

  /** The interface on the other side of a peer. */
  partnerOf(wire: WgInterface, peer: number): WgInterface | null {
    return this.mesh.interfaces[wire.partner[peer] ?? -1] ?? null;
  }

  /** Why the BFD session that guards a route is down; null where it is up. */
  bfdProblem(node: Node, route: Route): string | null {
    return remember(this.bfd, node.id * ADDRESSES + (route.via ?? 0), () => this.judgeBfd(node, route));
  }

  private judgeBfd(node: Node, route: Route): string | null {
    const relay = nodeAt(node.cluster, route.via ?? 0);
    const wire = this.wireOf(node, route);
    if (relay === null || wire === null) return "its neighbour is no host";
    const peer = ownerOf(wire.allowed, relay.place);
    const partner = peer < 0 ? null : this.partnerOf(wire, peer);
    if (partner === null || partner.host !== relay) return `there is no link to ${relay.name}`;
    const back = wire.partnerPeer[peer] ?? -1;
    if (!isUp(wire, peer) || !isUp(partner, back)) return `the link to ${relay.name} is down`;
    if (!accepts(partner, node, node.place)) return `${relay.name} does not accept its address`;
    if (!runsBfd(node, wire.name)) return `${node.name} runs no BFD on ${wire.name}`;
    const { bird } = relay.world.views.mesh;
    const answers = bird === null ? [] : (this.neighborsOf(bird).get(node.world.ip) ?? []);
    const answered = answers.some(({ interface: name, local }) => name === partner.name && local === relay.world.ip);
    if (!answered || !runsBfd(relay, partner.name)) return `${relay.name} does not answer its BFD`;
    if (!admitsBfd(relay, partner.name, node)) return `${relay.name} keeps udp ${BFD_PORT} closed on ${partner.name}`;
    if (!admitsBfd(node, wire.name, relay)) return `${node.name} keeps udp ${BFD_PORT} closed on ${wire.name}`;
    return null;
  }

  private neighborsOf(bird: BirdView): Neighbors {
    return remember(this.neighbors, bird, () => {
      const neighbors = new Map<string, BirdView["neighbors"][number][]>();
      for (const neighbor of bird.neighbors) remember(neighbors, neighbor.address, () => []).push(neighbor);
      return neighbors;
    });
  }
}

function runsBfd({ world }: Node, name: string): boolean {
  return matchesName(world.views.mesh.bird?.interfaces ?? [], name);
}

function admitsBfd(at: Node, name: string, from: Node): boolean {
  return admits(at.firewall, { in: name, source: from.ip, destination: at.ip, protocol: "udp", port: BFD_PORT });
}
