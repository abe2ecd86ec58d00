import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../generators/model/problem.js";
import type { Progress } from "../../protocol.js";
import { isUnreachable, LabClient } from "../client.js";
import { isAlive, type Lab } from "../records.js";
import { readLogTail } from "./start.js";

/** Milliseconds between two attempts to reach a lab that has just been started. */
const RETRY_MS = 25;

function refuseDead({ folder, record }: Lab): UserError {
  const said = readLogTail(folder);
  return new UserError(`the lab ${record.name} ended while it started${said === "" ? "" : `:\n${said}`}`, undefined, 1);
}

/** What happens while a lab starts, from its first moment on; ends once it is ready or has failed. */
async function* followStart(lab: Lab, signal: AbortSignal): AsyncGenerator<Progress> {
  const client = new LabClient(lab.socket);
  while (!signal.aborted) {
    try {
      yield* client.progress(signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isUnreachable(error)) throw error;
      if (!isAlive(lab.record)) throw refuseDead(lab);
      await sleep(RETRY_MS);
    }
  }
}

/** How long to wait, and who is told meanwhile. */
export interface ReadyOptions {
  /** Seconds. */
  readonly timeout: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** How the wait ended; `interrupted` where the signal did it. */
export type Started =
  | { readonly kind: "ready"; readonly afterMs: number }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "late"; readonly waitsFor: string | null }
  | { readonly kind: "interrupted" };

/**
 * Waits until a lab is ready.
 * @throws UserError where it ended meanwhile
 */
export async function waitUntilReady(lab: Lab, { timeout, signal, onProgress }: ReadyOptions): Promise<Started> {
  const late = AbortSignal.timeout(timeout * 1000);
  let waitsFor: string | null = null;
  for await (const progress of followStart(lab, AbortSignal.any([late, signal]))) {
    onProgress(progress);
    if (progress.kind === "waiting") waitsFor = progress.text;
    if (progress.kind === "ready" || progress.kind === "failed") return progress;
  }
  if (signal.aborted) return { kind: "interrupted" };
  if (late.aborted) return { kind: "late", waitsFor };
  if (!isAlive(lab.record)) throw refuseDead(lab);
  return { kind: "failed", message: "it stopped telling what it does" };
}
