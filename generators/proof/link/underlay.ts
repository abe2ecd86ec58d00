import { FAMILIES, type Family } from "../../model/vocabulary.js";
import { admitsUnderlay } from "../host/firewall.js";
import { findPeer, type Mesh, type Node, type WgInterface } from "../host/nodes.js";
import type { Arrival, EndpointTarget } from "./endpoints.js";

/** Links: whether the UDP packets of two WireGuard interfaces reach each other over what their sites offer. */

/** Why a side cannot send the first packet. */
export type StartBlock =
  | "no-endpoint"
  | "mesh-only-name"
  | "elsewhere"
  | "shared-forwarding"
  | "other-site"
  | "no-family"
  | "closed-uplink"
  | "stale-address"
  | "wrong-port"
  | "closed-port";

/** What becomes of packets that are sent to a peer. */
export const LINK_STATES = ["up", "no-peer", "no-keepalive", "no-start"] as const;
export type LinkState = (typeof LINK_STATES)[number];
const CODE = { up: 0, "no-peer": 1, "no-keepalive": 2, "no-start": 3 } as const satisfies Record<LinkState, number>;

/** Whether packets sent to the peer arrive. */
export function isUp(wire: WgInterface, peer: number): boolean {
  return wire.state[peer] === CODE.up;
}

export function linkState(wire: WgInterface, peer: number): LinkState {
  return LINK_STATES[wire.state[peer] ?? CODE["no-peer"]] ?? "no-peer";
}

/** Pairs the peer entries of all interfaces, and judges each direction. */
export function linkMesh(mesh: Mesh): void {
  for (const wire of mesh.interfaces) {
    for (let peer = 0; peer < wire.peerHost.length; peer++) {
      if (wire.partner[peer] !== -1) continue;
      const other = mesh.nodes[wire.peerHost[peer] ?? -1];
      const partner = other === undefined ? null : findPartner(wire, peer, other);
      if (partner === null) wire.state[peer] = CODE["no-peer"];
      else judgeLink(wire, peer, partner);
    }
  }
}

/**
 * Packets arrive where this side can begin by itself, or where the other side begins and keeps the link open, so that this
 * side always knows where to and every translation and stateful firewall on the way lets it in.
 */
function judgeLink(wire: WgInterface, peer: number, partner: WgInterface): void {
  const back = findPeer(partner, wire.host.id);
  const there = judgeStart(wire, peer, partner) === null;
  const here = judgeStart(partner, back, wire) === null;
  setLink(wire, peer, partner, back, stateOf(there, here && keepsAlive(partner, back), here));
  // The other side is paired with this one, unless it has several to choose from.
  if (findPartner(partner, back, wire.host) !== wire || findPeer(wire, partner.host.id) !== peer) return;
  setLink(partner, back, wire, peer, stateOf(here, there && keepsAlive(wire, peer), there));
}

function keepsAlive(wire: WgInterface, peer: number): boolean {
  return (wire.peers[peer]?.PersistentKeepalive ?? 0) > 0;
}

function stateOf(starts: boolean, isKeptOpen: boolean, startsBack: boolean): LinkState {
  if (starts || isKeptOpen) return "up";
  return startsBack ? "no-keepalive" : "no-start";
}

function setLink(wire: WgInterface, peer: number, partner: WgInterface, back: number, state: LinkState): void {
  wire.partner[peer] = partner.id;
  wire.partnerPeer[peer] = back;
  wire.state[peer] = CODE[state];
}

/** The interface of the other host that packets of this one reach: there may be several with its key. */
function findPartner(wire: WgInterface, peer: number, other: Node): WgInterface | null {
  if (other.cluster !== wire.host.cluster || other === wire.host) return null;
  let first: WgInterface | null = null;
  let several = false;
  for (const candidate of other.interfaces) {
    if (findPeer(candidate, wire.host.id) < 0) continue;
    if (first !== null) several = true;
    first ??= candidate;
  }
  if (!several) return first;
  const candidates = other.interfaces.filter((candidate) => findPeer(candidate, wire.host.id) >= 0);
  return (
    candidates.find((candidate) => judgeStart(wire, peer, candidate) === null) ??
    candidates.find((candidate) => judgeStart(candidate, findPeer(candidate, wire.host.id), wire) === null) ??
    first
  );
}

/** Why `from` cannot send the first packet to the interface `to`; null where it can. */
export function judgeStart(from: WgInterface, peer: number, to: WgInterface): StartBlock | null {
  const target = from.endpoints[peer] ?? null;
  if (target === null) return "no-endpoint";
  if (target.meshOnly) return "mesh-only-name";
  let block: StartBlock = "elsewhere";
  for (const arrival of target.arrivals) {
    if (arrival.host !== to.host.name) continue;
    const own = judgeArrival(from, peer, to, target, arrival);
    if (own === null) return null;
    block = own;
  }
  return block;
}

function judgeArrival(
  from: WgInterface,
  peer: number,
  to: WgInterface,
  target: EndpointTarget,
  arrival: Arrival,
): StartBlock | null {
  const sameSite = from.host.world.site.name === to.host.world.site.name;
  if (arrival.way === "lan") {
    if (!sameSite) return "other-site";
  } else {
    const block = judgeUplinks(from, to, arrival);
    if (block !== null) return block;
    if (arrival.way === "mapped" && isShared(target, arrival)) return "shared-forwarding";
    if (to.host.world.site.dynamic && !sameSite && !isLookedUpAgain(from, peer, target)) return "stale-address";
  }
  if (arrival.port !== to.port) return "wrong-port";
  return admitsUnderlay(to.host.firewall, to.host.names, to.port) ? null : "closed-port";
}

/** Hosts of the same site meet at their own router, which turns such packets around (RFC 4787, REQ-9). */
function judgeUplinks(from: WgInterface, to: WgInterface, arrival: Arrival): StartBlock | null {
  const { site } = to.host.world;
  let block: StartBlock = "no-family";
  for (const family of arrival.families) {
    if (!shareFamily(from.host, to.host, family)) continue;
    const uplink = site[family];
    if (uplink === "public" || (uplink === "portForwarded" && arrival.way === "mapped")) return null;
    block = "closed-uplink";
  }
  return block;
}

/** Whether packets of a family can leave one host and come in at the other. */
export function shareFamily(from: Node, to: Node, family: Family): boolean {
  return from.reaches[family] && to.reaches[family];
}

/** A router forwards a port to one host only. */
function isShared({ arrivals }: EndpointTarget, { host }: Arrival): boolean {
  return arrivals.length > 1 && arrivals.some((other) => other.way === "mapped" && other.host !== host);
}

/** Networkd looks a name up once; only what is looked up again follows a changing address. */
function isLookedUpAgain(from: WgInterface, peer: number, target: EndpointTarget): boolean {
  const key = from.peers[peer]?.PublicKey;
  const { reresolve } = from.host.world.views.mesh;
  return !target.literal && reresolve.some((one) => one.interface === from.name && one.publicKey === key);
}

/** The families and the way that a link's packets may take, of whichever side can begin. */
export function pathOf(wire: WgInterface, peer: number, partner: WgInterface): { family: Family; lan: boolean }[] {
  const back = wire.partnerPeer[peer] ?? -1;
  return [...arrivalsOf(wire, peer, partner), ...arrivalsOf(partner, back, wire)];
}

function arrivalsOf(from: WgInterface, peer: number, to: WgInterface): { family: Family; lan: boolean }[] {
  if (judgeStart(from, peer, to) !== null) return [];
  const target = from.endpoints[peer] ?? null;
  const [here, there] = [from.host.world.site, to.host.world.site];
  return (target?.arrivals ?? [])
    .filter(({ host, way }) => host === to.host.name && (way !== "lan" || here.name === there.name))
    .flatMap(({ families, way }) =>
      FAMILIES.filter(
        (family) => families.includes(family) && (way === "lan" || shareFamily(from.host, to.host, family)),
      ).map((family) => ({ family, lan: way === "lan" })),
    );
}
