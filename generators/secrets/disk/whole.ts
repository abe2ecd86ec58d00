/** Whether a file can be what age wrote, told without any key: by how it begins and ends, and by the digest that its writer noted. */
import { hasMarkers } from "../../load/merge/conflict.js";
import { readPlainFile, readStart } from "../../tree/files.js";
import type { FolderGuard } from "../../tree/paths.js";
import { digestFile } from "../digest.js";
import type { Side } from "./side.js";

/** age's own format, and the armor around it. */
const BINARY = "age-encryption.org/v1\n";
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END = /-----END AGE ENCRYPTED FILE-----\s*$/;
/** The damage of a file that holds both sides of a merge. */
export const UNMERGED = "has git's conflict markers";
/** The damage of a file that is whole, and another one than its entry in the lock was written for. */
export const OTHER = "is not the file that its entry in the lock was written for";
/** More than any secret that meshflake makes, with a dozen readers: one read tells all. */
const AT_ONCE = 4096;

/** Whether git left both sides of a merge in an armored file. */
export function isUnmerged(text: string): boolean {
  return text.startsWith(ARMOR) && hasMarkers(text);
}

/**
 * What to do about a file that git could not merge.
 * @param side whose value the lock has
 * @param rekey the command that encrypts it to those who are to read it now
 */
export function takeSide(path: string, side: Side, rekey: string): string {
  return `take the file whose value the lock has: \`git checkout --${side} ${path}\`; then \`${rekey}\`, and \`git add\``;
}

/**
 * What is wrong with an encrypted file, to follow its name in a sentence; null where nothing is.
 * @param digest of the file that its entry in the lock was written for; null where that says nothing
 */
export function findDamage(guard: FolderGuard, path: string, digest: string | null): string | null {
  const start = readStart(guard, path, AT_ONCE);
  if (start.length < AT_ONCE) return damageOf(Buffer.from(start, "latin1"), digest);
  return damageOf(readPlainFile(guard, path) ?? Buffer.alloc(0), digest);
}

/** The same of what was read already. */
export function damageOf(data: Uint8Array, digest: string | null): string | null {
  const damage = findFormDamage(Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1"));
  return damage ?? (digest !== null && digestFile(data) !== digest ? OTHER : null);
}

function findFormDamage(text: string): string | null {
  if (text === "") return "is empty";
  if (text.startsWith(BINARY)) return null;
  if (!text.startsWith(ARMOR)) return "is not encrypted with age";
  if (isUnmerged(text)) return UNMERGED;
  return ARMOR_END.test(text) ? null : "is cut off: its last line is missing";
}
