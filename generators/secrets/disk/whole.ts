/** Whether a file can be what age wrote, told without any key: by how it begins and ends. */
import { hasMarkers } from "../../load/merge/conflict.js";
import { readPlainFile, readStart } from "../../tree/files.js";
import type { FolderGuard } from "../../tree/paths.js";
import type { Side } from "./side.js";

/** age's own format, and the armor around it. */
const BINARY = "age-encryption.org/v1\n";
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END = /-----END AGE ENCRYPTED FILE-----\s*$/;
/** The damage of a file that holds both sides of a merge. */
export const UNMERGED = "has git's conflict markers";
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

/** What is wrong with an encrypted file, to follow its name in a sentence; null where nothing is. */
export function findDamage(guard: FolderGuard, path: string): string | null {
  const start = readStart(guard, path, AT_ONCE);
  const text = start.length < AT_ONCE ? start : (readPlainFile(guard, path)?.toString("latin1") ?? "");
  if (text === "") return "is empty";
  if (text.startsWith(BINARY)) return null;
  if (!text.startsWith(ARMOR)) return "is not encrypted with age";
  if (isUnmerged(text)) return UNMERGED;
  return ARMOR_END.test(text) ? null : "is cut off: its last line is missing";
}
