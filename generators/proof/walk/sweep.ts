import { accepts, type ClusterNodes, type Mesh, type Node, type WgInterface } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { isUp } from "../link/underlay.js";
import { WireChecks } from "../link/wires.js";
import { intervalAfter } from "../sets/intervals.js";
import type { Suspects } from "./suspects.js";
import { sweepTransit, type TransitQuery } from "./transit.js";

/**
 * Clears pairs in bulk. A host's destinations fall into intervals with one next hop; a direct one is checked at once, and
 * what goes over a relay becomes a question to that relay: is there a place in this interval that does not get my packets?
 * Whatever cannot be cleared this way is a suspect; so a pair that is no suspect works, with every relay taken away in turn.
 */

/** One look at what a host sends. */
interface Scan {
  readonly from: Node;
  /** The relay that was taken away. */
  readonly dead: Node | null;
  /** Filled in. */
  readonly carried: Carried[];
}

/** What a host sends over one relay. */
interface Carried {
  readonly relay: Node;
  readonly first: number;
  readonly end: number;
}

export function sweepCluster(mesh: Mesh, tables: Tables, cluster: ClusterNodes, suspects: Suspects): void {
  const sweep = new ClusterSweep(mesh, tables, cluster, suspects);
  for (const node of cluster.nodes) sweep.scanHost(node);
  sweep.ask();
}

class ClusterSweep {
  private readonly checks: WireChecks;
  /** By the interface on which packets come in. */
  private readonly queries = new Map<WgInterface, TransitQuery[]>();

  constructor(
    private readonly mesh: Mesh,
    private readonly tables: Tables,
    private readonly cluster: ClusterNodes,
    private readonly suspects: Suspects,
  ) {
    this.checks = new WireChecks(cluster);
  }

  /** Looks at everything that a host sends. */
  scanHost(from: Node): void {
    const carried: Carried[] = [];
    this.scan({ from, dead: null, carried }, 0, this.cluster.nodes.length);
    for (const { relay, first, end } of carried) this.scan({ from, dead: relay, carried: [] }, first, end);
  }

  /** Puts the questions to the relays. */
  ask(): void {
    for (const [wire, queries] of this.queries) {
      sweepTransit(this.mesh, this.tables, this.checks, wire, queries, this.suspects);
    }
  }

  /** The places `[first, end)` as the host's routes divide them. */
  private scan(scan: Scan, first: number, end: number): void {
    const { from, dead } = scan;
    const map = this.tables.mapOf(from, dead);
    let place = first;
    for (let i = intervalAfter(map, first); i < map.to.length && place < end; i++) {
      const start = Math.max(place, map.from[i] ?? end);
      const stop = Math.min(end, map.to[i] ?? end);
      if (start >= end) break;
      if (start > place) this.lose(scan, place, start);
      const route = from.routes[map.owner[i] ?? -1];
      const wire = route === undefined ? null : this.tables.wireOf(from, route);
      if (route === undefined || wire === null || route.source !== from.ip) this.suspects.add(from, start, stop);
      else this.scanWire(scan, wire, route.via, start, stop);
      place = stop;
    }
    if (place < end) this.lose(scan, place, end);
  }

  /** Nothing gets to the places `[first, end)`; with a relay taken away, perhaps nothing could. */
  private lose({ from, dead }: Scan, first: number, end: number): void {
    if (dead === null) this.suspects.add(from, first, end);
    else {
      this.suspects.losses.addInterval(from, dead, first, end, (place) => {
        if (place !== dead.place) this.suspects.add(from, place, place + 1);
      });
    }
  }

  /** The places `[first, end)` as the interface's allowed IPs divide them. */
  private scanWire(scan: Scan, wire: WgInterface, via: number | null, first: number, end: number): void {
    const { allowed } = wire;
    const { from } = scan;
    let place = first;
    for (let i = intervalAfter(allowed, first); i < allowed.to.length && place < end; i++) {
      const start = Math.max(place, allowed.from[i] ?? end);
      const stop = Math.min(end, allowed.to[i] ?? end);
      if (start >= end) break;
      if (start > place) this.lose(scan, place, start);
      const peer = allowed.owner[i] ?? -1;
      if (scan.dead !== null && wire.peerHost[peer] === scan.dead.id) this.lose(scan, start, stop);
      else if (!this.cross(scan, wire, peer, via, start, stop)) this.suspects.add(from, start, stop);
      place = stop;
    }
    if (place < end) this.lose(scan, place, end);
  }

  /** Over a link. @returns false where all of `[first, end)` must be followed */
  private cross(scan: Scan, wire: WgInterface, peer: number, via: number | null, first: number, end: number): boolean {
    const { from, dead } = scan;
    const partner = this.tables.partnerOf(wire, peer);
    if (partner === null || !isUp(wire, peer)) return false;
    const next = partner.host;
    // A route that falls with another host than the next one may differ where no question is asked.
    if (next === dead || (via !== null && via !== next.ip)) return false;
    if (!accepts(partner, from, from.place)) return false;
    if (partner.strict && !this.comesBack(partner, from, dead)) return false;
    const own = next.place;
    if (first <= own && own < end) {
      if (!this.checks.isOpen(partner)) this.suspects.add(from, own, own + 1);
      if (end - first === 1) return true;
      if (!next.forwards) return false;
      this.question(partner, from, first, own, dead);
      this.question(partner, from, own + 1, end, dead);
    } else {
      if (!next.forwards) return false;
      this.question(partner, from, first, end, dead);
    }
    if (dead === null && this.cluster.relays.includes(next)) scan.carried.push({ relay: next, first, end });
    return true;
  }

  /** Whether the route back leaves where packets come in, whichever relay is alive. */
  private comesBack(partner: WgInterface, from: Node, dead: Node | null): boolean {
    const back = this.tables.routeTo(partner.host, from.place, dead);
    return back !== null && back.interface === partner.name && back.via === null;
  }

  private question(partner: WgInterface, from: Node, first: number, end: number, dead: Node | null): void {
    if (first >= end || (end - first === 1 && first === from.place)) return;
    let queries = this.queries.get(partner);
    if (queries === undefined) {
      queries = [];
      this.queries.set(partner, queries);
    }
    queries.push({ from, first, end, dead });
  }
}
