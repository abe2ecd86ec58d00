/** Waiting, with limits. */

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Looks until there is nothing left to wait for.
 * @param lacks what is still missing, in words; nothing means that it is there
 * @returns how long it took and what was still missing when the time was over
 */
export async function waitUntil(
  lacks: () => Promise<readonly string[]>,
  { limitMs, everyMs = 500 }: { readonly limitMs: number; readonly everyMs?: number },
): Promise<{ readonly afterMs: number; readonly lacks: readonly string[] }> {
  const begun = performance.now();
  for (;;) {
    const missing = await lacks();
    const afterMs = performance.now() - begun;
    if (missing.length === 0 || afterMs > limitMs) return { afterMs, lacks: missing };
    await pause(everyMs);
  }
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
