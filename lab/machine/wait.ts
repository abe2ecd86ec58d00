import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks until something is so.
 * @param timeoutMs milliseconds
 * @param everyMs milliseconds between two looks
 * @returns whether it came to be so in time
 */
export async function waitUntil(isSo: () => boolean, timeoutMs: number, everyMs = 10): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; ; ) {
    if (isSo()) return true;
    if (Date.now() >= end) return false;
    await sleep(everyMs);
  }
}
