import { setTimeout as sleep } from "node:timers/promises";

/** Waiting, with limits; and chance that can be repeated. */

/** How long to wait. */
export interface WaitOptions {
  readonly limitMs: number;
  /** Between two looks. @default 500 */
  readonly everyMs?: number;
  /** When the time began, in milliseconds since 1970. @default now */
  readonly since?: number;
  /** Milliseconds since a moment that do not count. @default none */
  readonly excused?: (since: number) => Promise<number>;
}

/** How long it took, and what was still missing when the time was over: what is only there after it is late, which is a lack too. */
export interface Waited {
  readonly afterMs: number;
  readonly lacks: readonly string[];
}

/**
 * Looks until nothing lacks any more, or the time is over.
 * @param lacks what is still missing, in words; nothing means that it is there
 */
export async function untilNothingLacks(
  lacks: () => Promise<readonly string[]>,
  { limitMs, everyMs = 500, since = Date.now(), excused = async () => 0 }: WaitOptions,
): Promise<Waited> {
  for (;;) {
    const missing = await lacks();
    const afterMs = Date.now() - since;
    const isLate = afterMs > limitMs && afterMs - (await excused(since)) > limitMs;
    if (missing.length === 0) return { afterMs, lacks: isLate ? [late(afterMs, limitMs)] : [] };
    if (isLate) return { afterMs, lacks: missing };
    await sleep(everyMs);
  }
}

function late(afterMs: number, limitMs: number): string {
  return `all is well, but only after ${(afterMs / 1_000).toFixed(1)} s, not within ${limitMs / 1_000} s`;
}

/** Random numbers from 0 to below 1 that a seed determines (mulberry32, a public-domain generator by Tommy Ettinger). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a];
  }
  return shuffled;
}
