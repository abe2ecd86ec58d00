import { FAMILIES } from "../../model/vocabulary.js";
import type { Node } from "../host/nodes.js";
import type { Failure, Stop } from "./follow.js";

/**
 * What no plan could mend. A pair whose only way is over the relay that was taken away, since no other relay reaches both,
 * and a pair that waits for a provider's address, are no mistakes of what was rendered.
 */

/** Whether one of them could begin, by what their sites offer alone. */
export function couldLink(a: Node, b: Node): boolean {
  return couldStart(a, b) || couldStart(b, a);
}

function couldStart(from: Node, to: Node): boolean {
  const [here, there] = [from.world, to.world];
  const { address, endpoint, site } = there;
  const sameSite = here.site.name === site.name;
  if (sameSite && hasLocalAddress(to)) return true;
  return FAMILIES.some((family) => {
    if (here.site[family] === "none") return false;
    const known = family === "ipv4" ? address.public4 : address.public6;
    if (site[family] === "public") return known !== undefined || endpoint !== undefined;
    return site[family] === "portForwarded" && endpoint !== undefined;
  });
}

function hasLocalAddress({ world: { address, site } }: Node): boolean {
  if (address.lan !== undefined) return true;
  return (
    (address.ipv4 !== undefined && site.ipv4 !== "public") || (address.ipv6 !== undefined && site.ipv6 !== "public")
  );
}

/** Whether a relay is left that reaches both. */
export function hasOtherRelay(a: Node, b: Node, dead: Node | null): boolean {
  return a.cluster.relays.some((relay) => carries(relay, a, dead) && carries(relay, b, dead));
}

/** Whether a relay is left that reaches the host at all. */
export function hasRelay(node: Node, dead: Node): boolean {
  return node.cluster.relays.some((relay) => carries(relay, node, dead));
}

function carries(relay: Node, node: Node, dead: Node | null): boolean {
  return relay !== dead && relay !== node && !relay.pending && couldLink(relay, node);
}

/** Whether a packet could only have got further over a link that is not there. */
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
]);

/** Whether no plan could have brought the packet through. */
export function isUnavoidable({ stop, from, to, dead }: Failure): boolean {
  if (!LINK_STOPS.has(stop)) return false;
  if (from.pending || to.pending) return true;
  const { relays } = from.cluster;
  if (dead === null) {
    return relays.some((relay) => relay.pending) && !couldLink(from, to) && !hasOtherRelay(from, to, null);
  }
  const toRelay = relays.includes(from) || relays.includes(to);
  return !hasOtherRelay(from, to, dead) && !(toRelay && couldLink(from, to));
}
