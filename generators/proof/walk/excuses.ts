import { familyOf } from "../../model/net.js";
import { FAMILIES } from "../../model/vocabulary.js";
import type { Node } from "../host/nodes.js";
import { shareFamily } from "../link/underlay.js";
import type { Failure, Stop } from "./follow.js";

/**
 * What no plan could mend: a pair that waits for a provider's address, and one whose only way is over the relay that was
 * taken away, since no other relay reaches both.
 */
export type Excuse = "waits" | "single-relay";

/** Whether one of them could begin, by what their sites offer and their addresses say alone. */
export function couldLink(a: Node, b: Node, later = false): boolean {
  return couldStart(a, b, later) || couldStart(b, a, later);
}

/** @param later whether addresses count that a provider has not given yet */
function couldStart(from: Node, to: Node, later = false): boolean {
  const { address, endpoint, site } = to.world;
  if (from.world.site.name === site.name && hasLocalAddress(to)) return true;
  return FAMILIES.some((family) => {
    if (!shareFamily(from, to, family)) return false;
    // A name may hold addresses of either family; a literal only counts for its own.
    const named = endpoint !== undefined && (familyOf(endpoint.host) ?? family) === family;
    const known = family === "ipv4" ? address.public4 : address.public6;
    if (site[family] === "public") return named || known !== undefined || (later && to.pending);
    return site[family] === "portForwarded" && named;
  });
}

function hasLocalAddress({ world: { address, site } }: Node): boolean {
  if (address.lan !== undefined) return true;
  return (
    (address.ipv4 !== undefined && site.ipv4 !== "public") || (address.ipv6 !== undefined && site.ipv6 !== "public")
  );
}

/** Whether a relay could take a host's packets on: the host begins, or both are relays and either does. */
export function carries(relay: Node, node: Node, later = false): boolean {
  if (relay === node) return false;
  if (couldStart(node, relay, later)) return true;
  return node.cluster.relays.includes(node) && couldStart(relay, node, later);
}

/** Whether a relay is left that reaches both. */
export function hasOtherRelay(a: Node, b: Node, dead: Node | null, later = false): boolean {
  return a.cluster.relays.some((relay) => relay !== dead && carries(relay, a, later) && carries(relay, b, later));
}

/** How many relays are left that reach a host; a relay needs none. */
export function countRelaysLeft(node: Node, dead: Node): number {
  const { relays } = node.cluster;
  if (relays.includes(node)) return Infinity;
  return relays.filter((relay) => relay !== dead && carries(relay, node)).length;
}

/** Whether two hosts need a provider's address before anything can join them. */
export function isWaiting(a: Node, b: Node): boolean {
  const { relays, topology } = a.cluster;
  const pending = a.pending || b.pending;
  if (!pending && !relays.some((relay) => relay.pending)) return false;
  const direct = topology === "full" || relays.includes(a) || relays.includes(b);
  if (direct && couldLink(a, b)) return false;
  // In a full mesh, the address makes a direct link of the pair.
  return (pending && topology === "full") || !hasOtherRelay(a, b, null);
}

/** Whether two hosts are joined without a relay once providers have given their addresses. */
export function willBeJoined(a: Node, b: Node, without: Node): boolean {
  const { relays, topology } = a.cluster;
  if (relays.some(({ pending }) => pending) && hasOtherRelay(a, b, without, true)) return true;
  const direct = topology === "full" || relays.includes(a) || relays.includes(b);
  return direct && (a.pending || b.pending) && couldLink(a, b, true);
}

/**
 * Where a packet stops that could only have got further over a link that is not there. A host accepts nothing of others from
 * a relay that it cannot begin a link to, though that relay may take packets for it.
 */
const LINK_STOPS = new Set<Stop>([
  "no-route",
  "bfd-down",
  "leaves-mesh",
  "no-peer",
  "unknown-key",
  "relay-down",
  "one-sided-peer",
  "no-keepalive",
  "no-start",
  "source-refused",
]);

/** What a missing endpoint leads to: no link, or one that nobody can begin. */
const WAITING_STOPS = new Set<Stop>(["no-route", "bfd-down", "leaves-mesh", "no-peer", "no-start"]);

/** Why no plan could have brought the packet through; null where one could. */
export function excuseOf({ stop, from, to, dead }: Failure): Excuse | null {
  if (WAITING_STOPS.has(stop) && isWaiting(from, to)) return "waits";
  if (dead === null || !LINK_STOPS.has(stop)) return null;
  const { relays } = from.cluster;
  // A relay links to others by itself; whom it cannot link to, it reaches over one other relay and back.
  const isOneRelay = relays.includes(from) || relays.includes(to);
  return (isOneRelay ? couldLink(from, to) : hasOtherRelay(from, to, dead)) ? null : "single-relay";
}
