import type { Stall } from "./protocol.js";

/** Sees when this machine stands still: a process that only sleeps is woken up late. */

/** Milliseconds between two looks at the clock. */
const EVERY_MS = 20;
/** What a busy machine's timers are late anyway; nothing that checks measure is as fine. */
const LEAST_MS = 100;

/** @param asleepMs how long it slept that wanted to sleep for `EVERY_MS` @returns null where it was not late by much */
export function stallOf(wokenAt: number, asleepMs: number): Stall | null {
  const ms = asleepMs - EVERY_MS;
  return ms < LEAST_MS ? null : { at: wokenAt - ms, ms };
}

/** All stalls since it was first asked. */
export class Stalls {
  private readonly seen: Stall[] = [];
  private watches = false;

  read(): readonly Stall[] {
    if (!this.watches) this.sleep();
    this.watches = true;
    return this.seen;
  }

  private sleep(): void {
    const begun = performance.now();
    setTimeout(() => {
      const stall = stallOf(Date.now(), performance.now() - begun);
      if (stall !== null) this.seen.push(stall);
      this.sleep();
    }, EVERY_MS);
  }
}
