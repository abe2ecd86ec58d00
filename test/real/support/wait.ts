import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds after which what was waited for is not to come any more: a busy machine takes a multiple of what a quiet one does. */
const LIMIT_MS = 240_000;
/** Milliseconds between two looks. */
const EVERY_MS = 250;

/** How to wait. */
export interface EventuallyOptions {
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

/**
 * Looks again until something is true.
 * @param what for the error when it never is
 * @param look a look that throws is one in vain
 * @throws Error after four minutes, with what the last look threw as its cause
 */
export async function eventually(
  what: string,
  look: () => boolean | Promise<boolean>,
  { everyMs = EVERY_MS }: EventuallyOptions = {},
): Promise<void> {
  let cause: unknown;
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(everyMs)) {
    try {
      if (await look()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`not within four minutes: ${what}`, { cause });
}
