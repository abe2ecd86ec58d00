import { constants } from "node:os";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The exit code of a shell whose program a signal ended. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

export interface Interruptible<Result> {
  readonly result: Result;
  /** The first signal that came meanwhile. */
  readonly interruptedBy: NodeJS.Signals | null;
}

/**
 * Runs `use` to its end, signals or not: it tidies up by itself once its own signal says that somebody wants it to stop.
 * Later signals change nothing.
 */
export async function withInterrupt<Result>(
  use: (signal: AbortSignal) => Promise<Result>,
): Promise<Interruptible<Result>> {
  const controller = new AbortController();
  let interruptedBy: NodeJS.Signals | null = null;
  const stop = (signal: NodeJS.Signals) => {
    interruptedBy ??= signal;
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const result = await use(controller.signal);
    return { result, interruptedBy };
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
