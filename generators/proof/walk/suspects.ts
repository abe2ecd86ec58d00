import type { Mesh, Node } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { isUnavoidable } from "./excuses.js";
import { type Failure, followPair } from "./follow.js";

/**
 * Pairs that are followed packet by packet are at most so many, so that a fleet of ten thousand hosts whose only relay does
 * not forward is still reported in seconds; after that, a few for each sender.
 */
const FOLLOWED_PAIRS = 100_000;
const FOLLOWED_LATER = 2;

/** Pairs that the sweep could not clear: each is followed hop by hop, with all hosts alive and with each relay taken away. */
export class Suspects {
  private readonly seen = new Set<number>();

  constructor(
    private readonly mesh: Mesh,
    private readonly tables: Tables,
    private readonly report: (failure: Failure) => void,
  ) {}

  /** Follows all packets from a host to the places `[first, end)`. */
  add(from: Node, first: number, end: number): void {
    const { nodes } = from.cluster;
    let later = FOLLOWED_LATER;
    for (let place = first; place < end; place++) {
      const to = nodes[place];
      if (to === undefined || to === from) continue;
      const key = from.id * this.mesh.nodes.length + to.id;
      if (this.seen.has(key)) continue;
      if (this.seen.size >= FOLLOWED_PAIRS && later-- <= 0) return;
      this.seen.add(key);
      this.follow(from, to);
    }
  }

  private follow(from: Node, to: Node): void {
    for (const dead of statesOf(from, to)) {
      for (const failure of followPair(this.mesh, this.tables, from, to, dead)) {
        if (!isUnavoidable(failure)) this.report(failure);
      }
    }
  }
}

/** All hosts alive, then each relay taken away; a single relay has nothing to take over from it. */
export function statesOf(from: Node, to: Node): (Node | null)[] {
  const { relays } = from.cluster;
  return relays.length < 2 ? [null] : [null, ...relays.filter((relay) => relay !== from && relay !== to)];
}
