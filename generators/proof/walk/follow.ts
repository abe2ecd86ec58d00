import type { Listener } from "../host/daemons.js";
import { admits, forwards } from "../host/firewall.js";
import { accepts, type Mesh, type Node, type WgInterface } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { isUp, linkState } from "../link/underlay.js";
import { ownerOf } from "../sets/intervals.js";

/** Follows one packet from hop to hop, exactly as each host's kernel would. */

export const STOPS = [
  "no-route",
  "bfd-down",
  "leaves-mesh",
  "wrong-source",
  "no-peer",
  "unknown-key",
  "relay-down",
  "one-sided-peer",
  "no-keepalive",
  "no-start",
  "source-refused",
  "reverse-path",
  "no-forwarding",
  "forward-rule",
  "not-its-address",
  "loop",
  "closed-port",
] as const;
export type Stop = (typeof STOPS)[number];

/** Where and why a packet stops. */
export interface Failure {
  readonly stop: Stop;
  readonly from: Node;
  readonly to: Node;
  /** The relay that was taken away. */
  readonly dead: Node | null;
  /** The host where the packet stops. */
  readonly hop: Node;
  /** The host on the other side of the link that it stops at. */
  readonly next: Node | null;
  readonly wire: WgInterface | null;
  readonly peer: number;
  /** The port that stays closed; for other stops, a port that the sender wants. */
  readonly listener: Listener;
}

/** What a packet may meet: the same for all packets between two hosts, its port aside. */
type Way = { readonly arrived: WgInterface } | Omit<Failure, "from" | "to" | "dead" | "listener">;

/** More hops than any path over relays needs. */
const MAX_HOPS = 8;

/** What the sender's roles talk to at the receiver. */
export function wantedListeners(from: Node, to: Node): readonly Listener[] {
  return to.daemons.listeners.filter((listener) => (listener.from & from.daemons.roles) !== 0);
}

/**
 * Follows a packet for each port that one host's daemons use at another.
 * @param dead the relay that was taken away
 * @returns one failure for a way that nothing takes, or one for each closed port
 */
export function followPair(mesh: Mesh, tables: Tables, from: Node, to: Node, dead: Node | null): Failure[] {
  const wanted = wantedListeners(from, to);
  const [first] = wanted;
  if (first === undefined) return [];
  const way = followWay(mesh, tables, from, to, dead);
  if ("stop" in way) return [{ ...way, from, to, dead, listener: first }];
  const { arrived } = way;
  return wanted
    .filter((listener) => !admitsListener(arrived, listener, from))
    .map((listener) => ({
      stop: "closed-port",
      from,
      to,
      dead,
      hop: to,
      next: null,
      wire: arrived,
      peer: -1,
      listener,
    }));
}

/** Whether the firewall lets packets of a host through to a daemon. */
export function admitsListener(arrived: WgInterface, { protocol, port }: Listener, from: Node): boolean {
  const { host } = arrived;
  return admits(host.firewall, { in: arrived.name, source: from.ip, destination: host.ip, protocol, port });
}

/** Whether packets that come in on one interface may go out on another. */
export function admitsForward(
  host: Node,
  into: string,
  out: string,
  from: Node,
  { ip }: Node,
  listener: Listener,
): boolean {
  const { protocol, port } = listener;
  return forwards(host.firewall, { in: into, out, source: from.ip, destination: ip, protocol, port });
}

function followWay(mesh: Mesh, tables: Tables, from: Node, to: Node, dead: Node | null): Way {
  let here = from;
  let arrived: WgInterface | null = null;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const step = takeStep(mesh, tables, here, arrived, from, to, dead);
    if ("stop" in step) return step;
    if (step.arrived.host === to) {
      return to.ownsAddress ? step : { stop: "not-its-address", hop: to, next: null, wire: null, peer: -1 };
    }
    here = step.arrived.host;
    arrived = step.arrived;
  }
  return { stop: "loop", hop: here, next: null, wire: null, peer: -1 };
}

/** Out of one host and into the next. */
function takeStep(
  mesh: Mesh,
  tables: Tables,
  here: Node,
  into: WgInterface | null,
  from: Node,
  to: Node,
  dead: Node | null,
): Way {
  const stopHere = (stop: Stop, wire: WgInterface | null = null): Way => ({
    stop,
    hop: here,
    next: null,
    wire,
    peer: -1,
  });
  if (into !== null && !here.forwards) return stopHere("no-forwarding", into);
  const route = tables.routeTo(here, to.place, dead);
  if (route === null) return stopHere(hasSleepingRoute(here, to) ? "bfd-down" : "no-route");
  const wire = tables.wireOf(here, route);
  if (wire === null) return stopHere("leaves-mesh");
  if (into === null && route.source !== here.ip) return stopHere("wrong-source", wire);
  if (into !== null && !admitsWay(here, into, wire, from, to)) return stopHere("forward-rule", wire);
  const peer = ownerOf(wire.allowed, to.place);
  // The range of the mesh's own address catches what no relay's route takes any more.
  if (peer < 0) return stopHere(route.via === null && hasSleepingRoute(here, to) ? "bfd-down" : "no-peer", wire);
  const next = mesh.nodes[wire.peerHost[peer] ?? -1] ?? null;
  if (next === null) return stopHere("unknown-key", wire);
  if (next === dead) return { stop: "relay-down", hop: here, next, wire, peer };
  return crossLink(tables, { here, next, wire, peer }, from, dead);
}

/** Whether a relay forwards everything that the sender wants of the receiver. */
function admitsWay(here: Node, into: WgInterface, out: WgInterface, from: Node, to: Node): boolean {
  return wantedListeners(from, to).every((listener) => admitsForward(here, into.name, out.name, from, to, listener));
}

/** Whether there were a route if BFD let it be. */
function hasSleepingRoute(here: Node, to: Node): boolean {
  return here.routes.some(({ via, prefix }) => via !== null && prefix.first <= to.ip && to.ip <= prefix.last);
}

interface Crossing {
  readonly here: Node;
  readonly next: Node;
  readonly wire: WgInterface;
  readonly peer: number;
}

function crossLink(tables: Tables, { here, next, wire, peer }: Crossing, from: Node, dead: Node | null): Way {
  const stopAt = (stop: Stop, hop: Node): Way => ({ stop, hop, next: hop === here ? next : here, wire, peer });
  if (!isUp(wire, peer)) {
    const state = linkState(wire, peer);
    return stopAt(state === "no-keepalive" || state === "no-start" ? state : "one-sided-peer", here);
  }
  const partner = tables.partnerOf(wire, peer);
  if (partner === null) return stopAt("one-sided-peer", here);
  if (!accepts(partner, here, from.place)) return stopAt("source-refused", next);
  if (partner.strict && tables.routeTo(next, from.place, dead)?.interface !== partner.name) {
    return stopAt("reverse-path", next);
  }
  return { arrived: partner };
}
