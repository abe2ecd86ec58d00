/**
 * The journal of a run that changes several lock files at once. Each file is put in place by a rename, and a run may be killed
 * between two of them: what the journal says then counts as the lock, so that it is always wholly the old one or the new one.
 *
 * It lies in the folder of the hosts' files, and holds no secret. It counts only while each of its files is what it was or what it
 * becomes, and once one of those that git may know has become so: after a `git reset` the change is as if it had never begun, and
 * files that it had made are taken back.
 */
import { createHash } from "node:crypto";
import { hostOfLockName, lockFolder } from "../../model/lock.js";
import { isObject } from "../json.js";
import { readText } from "./text.js";

/** What names of meshflake's own files in a lock's folder begin with; they are no host's. */
export const OWN_PREFIX = ".meshflake-";

/** One file of a change. */
export interface JournalEntry {
  /** Relative to the repository. */
  readonly path: string;
  /** Hash of what was there before; null where there was nothing. */
  readonly before: string | null;
  /** Hash of what is to be there; null where it is deleted. */
  readonly after: string | null;
  /** Where the new content waits, relative to the repository; null where it is deleted. */
  readonly temp: string | null;
}

/** A journal that a killed run left. */
export interface LeftJournal {
  readonly path: string;
  /** Renames that the run did not get to; none where it never began. */
  readonly renames: readonly { readonly path: string; readonly temp: string }[];
  /** Files that it did not get to delete; or that it made, where all the rest was taken back. */
  readonly deletes: readonly string[];
}

/** Where a lock's journal is. @param lockFile the shared file */
export function lockJournalPath(lockFile: string): string {
  return `${lockFolder(lockFile)}/${OWN_PREFIX}journal.json`;
}

/** The hash of a lock file, for its journal. */
export function hashLock(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Prints a journal. */
export function formatLockJournal(files: readonly JournalEntry[]): string {
  return `${JSON.stringify({ version: 1, files }, undefined, 2)}\n`;
}

/** Reads the journal of a lock, against what is on disk. @returns null where there is none */
export function readLockJournal(root: string, lockFile: string): LeftJournal | null {
  const path = lockJournalPath(lockFile);
  const text = readText(root, path);
  if (text === null) return null;
  const left = parseJournal(text, lockFile).map((entry) => ({ ...entry, now: hashOf(root, entry.path) }));
  const nothing = { path, renames: [], deletes: [] };
  if (!left.every(({ now, before, after }) => now === before || now === after)) return nothing;
  // Files that are new come last, and a reset leaves them where they are: of a change of others as well they tell nothing.
  const known = left.filter(({ before }) => before !== null);
  const made = left.filter(({ before, now, after }) => before === null && now === after);
  if (known.length > 0 && known.every(({ now, before }) => now === before)) {
    return { ...nothing, deletes: made.map((entry) => entry.path) };
  }
  if (known.length === 0 && made.length === 0) return nothing;
  const open = left.filter(({ now, after }) => now !== after);
  const renames = open.flatMap(({ path, temp, after }) =>
    temp !== null && hashOf(root, temp) === after ? [{ path, temp }] : [],
  );
  const deletes = open.flatMap(({ path, temp }) => (temp === null ? [path] : []));
  return renames.length + deletes.length < open.length ? nothing : { path, renames, deletes };
}

function hashOf(root: string, path: string): string | null {
  const text = readText(root, path);
  return text === null ? null : hashLock(text);
}

/** The entries of a journal; none where it names anything but files of this lock, as only somebody else's would. */
function parseJournal(text: string, lockFile: string): readonly JournalEntry[] {
  try {
    const { files }: { files?: unknown } = JSON.parse(text);
    const entries = Array.isArray(files) ? files : [];
    return entries.every((entry) => isEntry(entry, lockFile)) ? entries : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown, lockFile: string): entry is JournalEntry {
  if (!isObject(entry)) return false;
  const { path, before, after, temp } = entry;
  const folder = `${lockFolder(lockFile)}/`;
  const nameOf = (text: unknown) =>
    typeof text === "string" && text.startsWith(folder) ? text.slice(folder.length) : "";
  const isOurs = path === lockFile || hostOfLockName(nameOf(path)) !== null;
  const isTemp = temp === null || (nameOf(temp).startsWith(OWN_PREFIX) && !nameOf(temp).includes("/"));
  const isHash = (value: unknown) => value === null || typeof value === "string";
  return isOurs && isTemp && isHash(before) && isHash(after) && (after === null) === (temp === null);
}
