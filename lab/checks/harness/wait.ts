/** Waiting, with limits. */

export interface WaitOptions {
  readonly limitMs: number;
  /** Between two looks. @default 500 */
  readonly everyMs?: number;
  /** When the time began, by `performance.now()`. @default now */
  readonly since?: number;
}

/** @param ms milliseconds */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Looks until there is nothing left to wait for.
 * @param lacks what is still missing, in words; nothing means that it is there
 * @returns how long it took, and what was still missing when the time was over: what is only there after it is late, which is a lack too
 */
export async function waitUntil(
  lacks: () => Promise<readonly string[]>,
  { limitMs, everyMs = 500, since = performance.now() }: WaitOptions,
): Promise<{ readonly afterMs: number; readonly lacks: readonly string[] }> {
  for (;;) {
    const missing = await lacks();
    const afterMs = performance.now() - since;
    if (missing.length === 0) return { afterMs, lacks: afterMs > limitMs ? [late(afterMs, limitMs)] : [] };
    if (afterMs > limitMs) return { afterMs, lacks: missing };
    await pause(everyMs);
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
