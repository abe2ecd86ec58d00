import type { Mesh, Node } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { excuseOf, isWaiting } from "./excuses.js";
import { type Failure, followPair } from "./follow.js";
import type { Losses } from "./losses.js";

/**
 * Pairs that are followed packet by packet are at most so many, so that a fleet of ten thousand hosts whose only relay does
 * not forward is still reported in seconds; after that, a few for each sender.
 */
export const FOLLOWED_PAIRS = 100_000;
const FOLLOWED_LATER = 2;

/** Pairs that the sweep could not clear: each is followed hop by hop, with all hosts alive and with each relay taken away. */
export class Suspects {
  /** Whether there were so many that only some were followed. */
  sampled = false;
  private waiting = 0;
  private readonly seen = new Set<number>();

  constructor(
    private readonly mesh: Mesh,
    private readonly tables: Tables,
    readonly losses: Losses,
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
      const waits = isWaiting(from, to);
      if (!waits && this.seen.size - this.waiting >= FOLLOWED_PAIRS) {
        this.sampled = true;
        if (later-- <= 0) return;
      }
      this.seen.add(key);
      if (waits) this.waiting++;
      this.follow(from, to);
    }
  }

  private follow(from: Node, to: Node): void {
    let works = true;
    for (const dead of statesOf(from, to)) {
      for (const failure of followPair(this.mesh, this.tables, from, to, dead)) {
        const excuse = excuseOf(failure);
        if (excuse === null) this.report(failure);
        else if (dead === null) this.losses.waiting++;
        else if (works && excuse === "waits") this.losses.any = true;
        else if (works) this.losses.add(from, to, dead);
        if (dead === null) works = false;
      }
    }
  }
}

/** All hosts alive, then each relay taken away. */
export function statesOf(from: Node, to: Node): (Node | null)[] {
  return [null, ...from.cluster.relays.filter((relay) => relay !== from && relay !== to)];
}
