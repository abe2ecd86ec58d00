import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Processes as /proc shows them. */

/** The PID of a process's parent (field 4 of proc(5)'s `stat`), or null where it is gone. */
export function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}

/**
 * Looks until something is so.
 * @param timeoutMs milliseconds
 * @returns whether it came to be so in time
 */
export async function waitUntil(isSo: () => boolean, timeoutMs: number, everyMs = 10): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; ; ) {
    if (isSo()) return true;
    if (Date.now() >= end) return false;
    await sleep(everyMs);
  }
}
