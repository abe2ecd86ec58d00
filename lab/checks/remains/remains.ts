import type { LabClient } from "../../client/client.js";
import type { Remain } from "../../protocol.js";

/** What a test has left, and how it is taken back. */

/** What is still there, and why. */
export interface Left {
  readonly remain: Remain;
  readonly why: string;
}

/** How it is taken back. */
export interface TakeBackOptions {
  readonly client: LabClient;
  /** The lab's own folder. */
  readonly folder: string;
  /** Multiplies time limits. */
  readonly patience: number;
  /** Milliseconds that a cluster must be seen without any of it: a write that was on its way when its process was killed may come late. */
  readonly quietMs: number;
  readonly step: (text: string) => void;
}

/** A line of what `take-back.js` writes to stdout; the last one is `left`. */
export type TakeBackEvent =
  | { readonly event: "step"; readonly text: string }
  | { readonly event: "left"; readonly left: readonly Left[] };

/** Where a copy of the repository lies while a host is added, in the lab's folder. */
export const NEWCOMER_FOLDER = "newcomer";
