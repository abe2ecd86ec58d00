/** Where secrets wait until the lock has their public halves. */
import { createHash } from "node:crypto";
import { TEMP_PREFIX } from "../tree/files.js";
import { KEY_FILES, type KeyKind } from "./kinds.js";

/**
 * The name of a secret that waits for the lock: it carries a hash of the public half, so that the next run knows whether
 * the lock has it. 32 hex digits are 128 bits.
 */
export function stagedName(kind: KeyKind, publicHalf: string): string {
  const hash = createHash("sha256").update(publicHalf).digest("hex").slice(0, 32);
  return `${TEMP_PREFIX}${hash}-${KEY_FILES[kind]}`;
}
