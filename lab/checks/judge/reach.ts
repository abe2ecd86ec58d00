import type { LinkSpec } from "../../spec.js";
import type { Failure } from "../report.js";

/** Whether pairs of hosts reach each other as the plan promises. Pure. */

/** What one host saw of another. */
export interface PairSeen {
  readonly from: string;
  readonly to: string;
  /** Milliseconds, null where there was no answer. */
  readonly ping: number | null;
  readonly tcp: number | null;
  /** Of a packet as large as the plan allows, which must not be split. */
  readonly large: number | null;
  /** The mesh address of whoever took a packet with one hop to live: the peer itself, or a relay. Null where nobody said so. */
  readonly firstHop: string | null;
}

/** What a pair is held against. */
export interface PairExpectations {
  readonly link: LinkSpec;
  /** Bytes of the large packet. */
  readonly bytes: number;
  /** Mesh addresses by host name. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Holds what was seen of a pair against the path that the plan promised. */
export function judgePair(seen: PairSeen, { link, bytes, addresses }: PairExpectations): Failure[] {
  const pair = `${seen.from} to ${seen.to}`;
  switch (link.kind) {
    case "none":
    case "pending":
      return judgeSeparate(seen, `no path: the plan says ${link.kind}`);
    case "direct":
    case "relay": {
      const look = `meshflake lab exec ${seen.from} -- ip route get ${addresses.get(seen.to) ?? seen.to}`;
      const silent = (["ping", "tcp", "large"] as const).filter((way) => seen[way] === null);
      const unanswered = silent.map((way) => ({
        expected: `${pair}: ${nameWay(way, bytes)} is answered`,
        seen: "no answer",
        look,
      }));
      return [...unanswered, ...judgePath(seen, link, addresses)];
    }
  }
}

function nameWay(way: "ping" | "tcp" | "large", bytes: number): string {
  if (way === "large") return `a packet of ${bytes} bytes that must not be split`;
  return way === "tcp" ? "a TCP connection" : "a ping";
}

function judgePath(seen: PairSeen, link: LinkSpec, addresses: ReadonlyMap<string, string>): Failure[] {
  const promised = link.kind === "direct" ? seen.to : (link.relays[0] ?? "");
  if (seen.firstHop !== null && seen.firstHop === addresses.get(promised)) return [];
  const names = new Map([...addresses].map(([name, address]) => [address, name]));
  const hop = seen.firstHop === null ? "nobody that answers" : (names.get(seen.firstHop) ?? seen.firstHop);
  return [
    {
      expected:
        link.kind === "direct"
          ? `${seen.from} to ${seen.to}: directly`
          : `${seen.from} to ${seen.to}: over the relay ${promised}`,
      seen: `the first hop is ${hop}`,
      look: `meshflake lab exec ${seen.from} -- ip route get ${addresses.get(seen.to) ?? seen.to}`,
    },
  ];
}

/** What hosts that must know nothing of each other saw. */
export interface StrangerSeen {
  readonly from: string;
  readonly to: string;
  readonly ping: number | null;
  readonly tcp: number | null;
  readonly udp?: number | null;
}

/** @param expected why they must not reach each other */
export function judgeSeparate(seen: StrangerSeen, expected: string): Failure[] {
  const ways = (["ping", "tcp", "udp"] as const).filter((way) => (seen[way] ?? null) !== null);
  return ways.map((way) => ({
    expected: `${seen.from} to ${seen.to}: ${expected}`,
    seen: `${way === "ping" ? "a ping" : way.toUpperCase()} was answered`,
    look: `meshflake lab exec ${seen.from} -- ip route get ${seen.to}`,
    final: true,
  }));
}
