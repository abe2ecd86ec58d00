import type { Mesh, Node, WgInterface } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { isUp } from "../link/underlay.js";
import type { WireChecks } from "../link/wires.js";
import { type IntervalMap, ownerOf } from "../sets/intervals.js";
import { Marks } from "../sets/marks.js";
import { countRelaysLeft } from "./excuses.js";
import type { Suspects } from "./suspects.js";

/** Is there a place in `[first, end)` that does not get what the host sends there over this relay? */
export interface TransitQuery {
  readonly from: Node;
  readonly first: number;
  readonly end: number;
  /** The relay that was taken away. */
  readonly dead: Node | null;
}

/** From the sender's place `at` on, a destination has one mark more or less. */
interface Change {
  readonly at: number;
  readonly place: number;
  readonly count: 1 | -1;
}

/**
 * Answers all questions about packets that come in on one interface. A destination is marked while the sender is one whose
 * packets may not arrive there; going through the senders in order, a mark comes and goes where the accepted networks begin
 * and end, and finding the marks of an interval takes logarithmic time. Marks that never go are set first.
 */
export function sweepTransit(
  mesh: Mesh,
  tables: Tables,
  checks: WireChecks,
  wire: WgInterface,
  queries: readonly TransitQuery[],
  suspects: Suspects,
): void {
  const { nodes } = wire.host.cluster;
  const marks = new Marks(nodes.length);
  const changes = markDestinations(mesh, tables, checks, wire, marks);
  changes.sort((a, b) => a.at - b.at);
  const inOrder = [...queries].sort((a, b) => a.from.place - b.from.place);
  const stranded = new Map<Node, Set<Node>>();
  let next = 0;
  for (const { from, first, end, dead } of inOrder) {
    for (let change = changes[next]; change !== undefined && change.at <= from.place; change = changes[++next]) {
      marks.add(change.place, change.count);
    }
    for (let place = marks.next(first); place < end; place = marks.next(place + 1)) {
      const to = nodes[place];
      if (to === undefined) continue;
      if (dead !== null && isStranded(to, from, dead, stranded)) suspects.losses.any = true;
      else suspects.add(from, place, place + 1);
    }
  }
}

/** Whether nothing but the dead relay reaches the destination: no plan helps, and the destination is asked as well. */
function isStranded(to: Node, from: Node, dead: Node, known: Map<Node, Set<Node>>): boolean {
  const { relays } = to.cluster;
  let stranded = known.get(dead);
  if (stranded === undefined) {
    stranded = new Set(to.cluster.nodes.filter((node) => countRelaysLeft(node, dead) === 0));
    known.set(dead, stranded);
  }
  return stranded.has(to) && !stranded.has(from) && !relays.includes(from);
}

function markDestinations(mesh: Mesh, tables: Tables, checks: WireChecks, into: WgInterface, marks: Marks): Change[] {
  const { host } = into;
  const changes: Change[] = [];
  const cleared = new Uint8Array(host.cluster.nodes.length);
  cleared[host.place] = 1;
  const map = tables.mapOf(host, null);
  for (let i = 0; i < map.to.length; i++) {
    const route = host.routes[map.owner[i] ?? -1];
    const out = route === undefined ? null : tables.wireOf(host, route);
    // Where the relay's own route may fail over, each packet is followed.
    if (route === undefined || out === null || route.via !== null || !checks.forwards(host, into, out)) continue;
    for (let peer = 0; peer < out.peerHost.length; peer++) {
      const to = mesh.nodes[out.peerHost[peer] ?? -1];
      if (to === undefined || to.cluster !== host.cluster) continue;
      if (to.place < (map.from[i] ?? 0) || to.place >= (map.to[i] ?? 0)) continue;
      if (clearDestination(tables, checks, out, peer, to, changes)) cleared[to.place] = 1;
    }
  }
  for (let place = 0; place < cleared.length; place++) if (cleared[place] === 0) marks.add(place, 1);
  return changes;
}

/** Notes who is not accepted by a direct peer. @returns false where nobody may be */
function clearDestination(
  tables: Tables,
  checks: WireChecks,
  out: WgInterface,
  peer: number,
  to: Node,
  changes: Change[],
): boolean {
  const partner = tables.partnerOf(out, peer);
  if (partner === null || !isUp(out, peer) || !checks.isOpen(partner)) return false;
  if (ownerOf(out.allowed, to.place) !== peer) return false;
  addRefused(partner.allowed, (owner) => partner.peerHost[owner] === out.host.id, to, changes);
  if (!partner.strict) return true;
  const { routes } = to;
  if (routes.some(({ via }) => via !== null)) return false;
  addRefused(tables.mapOf(to, null), (owner) => routes[owner]?.interface === partner.name, to, changes);
  return true;
}

/** Marks a destination for all senders outside the intervals that are accepted; itself is no sender. */
function addRefused(map: IntervalMap, accepts: (owner: number) => boolean, to: Node, changes: Change[]): void {
  let place = 0;
  const refuse = (first: number, end: number) => {
    if (first >= end) return;
    changes.push({ at: first, place: to.place, count: 1 }, { at: end, place: to.place, count: -1 });
  };
  const refuseUntil = (end: number) => {
    if (place <= to.place && to.place < end) {
      refuse(place, to.place);
      refuse(to.place + 1, end);
    } else refuse(place, end);
  };
  for (let i = 0; i < map.to.length; i++) {
    if (!accepts(map.owner[i] ?? -1)) continue;
    refuseUntil(map.from[i] ?? 0);
    place = map.to[i] ?? place;
  }
  refuseUntil(to.cluster.nodes.length);
}
