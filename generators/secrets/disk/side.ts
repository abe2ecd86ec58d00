import { isDeepStrictEqual } from "node:util";
import type { Lock } from "../../model/lock.js";
import { lockedSecretOf, type SecretSpec } from "../../model/secrets.js";
import { idOf } from "../lock-entries.js";
import { readHeadLock } from "./head-lock.js";

/** What git calls the two sides of a merge: ours is what HEAD has, in a rebase as well (gitrevisions(7)). */
export type Side = "ours" | "theirs";

/**
 * Whose file of a secret belongs to the lock, where git could not merge the file: the lock itself merges more often, and then has one
 * side's value. Where both only encrypted the same value anew, either does.
 * @param lock as it is on disk, merged
 */
export function sideOf(root: string, lockFile: string, lock: Lock, spec: SecretSpec): Side {
  const head = readHeadLock(root, lockFile, spec.scope === "host" ? [spec.of] : []);
  const retiring = (of: Lock) => lockedSecretOf(of, spec)?.retiring ?? [];
  return idOf(head, spec) === idOf(lock, spec) && isDeepStrictEqual(retiring(head), retiring(lock)) ? "ours" : "theirs";
}
