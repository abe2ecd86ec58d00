import { parseIpv4 } from "../../../generators/model/net.js";
import { admits, forwards } from "../../../generators/proof/host/firewall.js";
import { type Mesh, type Node, readMesh, type WgInterface } from "../../../generators/proof/host/nodes.js";
import type { Route } from "../../../generators/proof/host/routes.js";
import { Tables } from "../../../generators/proof/host/tables.js";
import { isUp, linkMesh, linkState } from "../../../generators/proof/link/underlay.js";
import { countRelaysLeft, excuseOf } from "../../../generators/proof/walk/excuses.js";
import type { Failure, Stop } from "../../../generators/proof/walk/follow.js";
import type { ProofWorld } from "../../../generators/proof/world.js";

/**
 * The proof again, pair by pair and port by port, with linear searches and without intervals, marks or caches: slow, and
 * simple enough to be right. It shares how settings are read and how one link is judged.
 */

/** A failing packet in one line, to compare. */
export function describeFailure({ from, to, dead, stop, hop, listener }: Failure): string {
  const port = stop === "closed-port" ? ` ${listener.port}/${listener.protocol}` : "";
  return `${from.name}>${to.name} without ${dead?.name ?? "nobody"}: ${stop} at ${hop.name}${port}`;
}

export interface ReferenceProof {
  readonly failures: string[];
  /** How many others a host loses with a relay that nothing can replace. */
  readonly losses: string[];
  readonly survives: boolean;
  readonly pending: number;
}

export function proveByReference(world: ProofWorld): ReferenceProof {
  const mesh = readMesh(world);
  linkMesh(mesh);
  const tables = new Tables(mesh);
  const found = new Set<string>();
  const losses = new Map<string, number>();
  let survives = true;
  let pending = 0;
  for (const from of mesh.nodes) {
    for (const to of mesh.nodes) {
      if (from === to || from.cluster !== to.cluster) continue;
      const { relays } = from.cluster;
      const dead = relays.filter((relay) => relay !== from && relay !== to);
      let works = true;
      for (const state of [null, ...dead]) {
        const failures = sendAll(mesh, tables, from, to, state);
        const excuses = failures.map(excuseOf);
        failures.forEach((failure, i) => {
          if (excuses[i] === null) found.add(describeFailure(failure));
        });
        if (state === null) {
          works = failures.length === 0;
          if (excuses.includes("waits")) pending++;
        } else if (works && excuses.includes("waits")) survives = false;
        if (state !== null && excuses.includes("single-relay")) {
          survives = false;
          if (relays.length < 2 || countRelaysLeft(from, state) > countRelaysLeft(to, state)) continue;
          const key = `${from.name} without ${state.name}`;
          losses.set(key, (losses.get(key) ?? 0) + 1);
        }
      }
    }
  }
  return {
    failures: [...found].sort(),
    losses: [...losses].map(([key, count]) => `${key}: ${count}`).sort(),
    survives,
    pending,
  };
}

/** The failures of all ports of a pair. A relay that does not forward all of them counts for all of them. */
function sendAll(mesh: Mesh, tables: Tables, from: Node, to: Node, dead: Node | null): Failure[] {
  const wanted = to.daemons.listeners.filter((listener) => (listener.from & from.daemons.roles) !== 0);
  const failures = wanted.flatMap((listener) => send(mesh, tables, from, to, dead, listener) ?? []);
  const unforwarded = failures.filter(({ stop }) => stop === "forward-rule");
  return unforwarded.length > 0 ? unforwarded : failures;
}

type Listener = Node["daemons"]["listeners"][number];

function send(mesh: Mesh, tables: Tables, from: Node, to: Node, dead: Node | null, listener: Listener): Failure | null {
  let here = from;
  let into: WgInterface | null = null;
  const fail = (stop: Stop, hop: Node): Failure => ({
    stop,
    from,
    to,
    dead,
    hop,
    next: null,
    wire: null,
    peer: -1,
    listener,
  });
  const packet = { source: from.ip, destination: to.ip, protocol: listener.protocol, port: listener.port };
  for (let hop = 0; hop < 8; hop++) {
    if (into !== null && !here.forwards) return fail("no-forwarding", here);
    const route = findRoute(tables, here, to.ip, dead);
    const asleep = here.routes.some(({ via, prefix }) => via !== null && inside(prefix.text, to.ip));
    if (route === null) return fail(asleep ? "bfd-down" : "no-route", here);
    const wire = here.interfaces.find(({ name }) => route.mesh && name === route.interface);
    if (wire === undefined) return fail("leaves-mesh", here);
    if (into === null && route.source !== from.ip) return fail("wrong-source", here);
    if (into !== null && !forwards(here.firewall, { ...packet, in: into.name, out: wire.name })) {
      return fail("forward-rule", here);
    }
    const peer = findAllowed(wire, to.ip);
    if (peer < 0) return fail(asleep && route.via === null ? "bfd-down" : "no-peer", here);
    const next: Node | undefined = mesh.nodes[wire.peerHost[peer] ?? -1];
    if (next === undefined) return fail("unknown-key", here);
    if (next === dead) return fail("relay-down", here);
    const state = linkState(wire, peer);
    if (!isUp(wire, peer)) return fail(state === "no-peer" || state === "up" ? "one-sided-peer" : state, here);
    const partner: WgInterface | undefined = mesh.interfaces[wire.partner[peer] ?? -1];
    if (partner === undefined) return fail("one-sided-peer", here);
    const accepted = findAllowed(partner, from.ip);
    if (partner.peers[accepted]?.PublicKey !== here.world.publicKey) return fail("source-refused", next);
    if (partner.strict && findRoute(tables, next, from.ip, dead)?.interface !== partner.name) {
      return fail("reverse-path", next);
    }
    if (next === to) {
      if (!to.ownsAddress) return fail("not-its-address", to);
      return admits(to.firewall, { ...packet, in: partner.name }) ? null : fail("closed-port", to);
    }
    here = next;
    into = partner;
  }
  return fail("loop", here);
}

function inside(text: string, ip: number): boolean {
  const [address = "", length = "32"] = text.split("/");
  const size = 2 ** (32 - Number(length));
  return Math.floor(parseIpv4(address) / size) === Math.floor(ip / size);
}

/** The longest prefix, then the higher rank, then the later one. */
function findRoute(tables: Tables, node: Node, ip: number, dead: Node | null): Route | null {
  let best: Route | null = null;
  for (const route of node.routes) {
    if (!inside(route.prefix.text, ip)) continue;
    if (route.via !== null && (route.via === dead?.ip || tables.bfdProblem(node, route) !== null)) continue;
    const longer = best === null || route.prefix.length > best.prefix.length;
    const equal = best !== null && route.prefix.length === best.prefix.length;
    if (longer || (equal && route.rank >= (best?.rank ?? 0))) best = route;
  }
  return best;
}

/** The peer with the longest network around the address; the later one of two. */
function findAllowed(wire: WgInterface, ip: number): number {
  let best = -1;
  let longest = -1;
  wire.peers.forEach(({ AllowedIPs }, peer) => {
    for (const text of AllowedIPs) {
      const length = Number(text.split("/")[1] ?? 32);
      if (inside(text, ip) && length >= longest) {
        best = peer;
        longest = length;
      }
    }
  });
  return best;
}
