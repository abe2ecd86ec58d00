/**
 * Writes a lock: all files that change, or none. One file is put in place by one rename; where there are more, a journal stands for
 * the rest from the first of them on (see `load/lock/journal.ts`).
 */
import { randomBytes } from "node:crypto";
import { formatLockJournal, hashLock, type JournalEntry, lockJournalPath } from "../../load/lock/journal.js";
import { viewLock } from "../../load/lock/view.js";
import { EMPTY_LOCK, isLockableName, type Lock, lockFolder } from "../../model/lock.js";
import { commitStages, type Stage } from "../../tree/apply.js";
import type { Change } from "../../tree/diff.js";
import {
  discardTemps,
  type FileWrite,
  listFolder,
  removeEmptyFolder,
  removeFile,
  renameTemps,
  TEMP_PREFIX,
  type TempFile,
  writeFileAtomic,
  writeTemps,
} from "../../tree/files.js";
import { FolderGuard, folderOf } from "../../tree/paths.js";
import { printLock } from "../lock-text.js";

/**
 * Finds the files of a lock that have to change: against what a killed run leaves once it is settled.
 * @param lockFile the shared file, relative to the repository
 */
export function diffLock(root: string, lockFile: string, lock: Lock): Change[] {
  const wrong = Object.keys(lock.hosts).find((name) => !isLockableName(name));
  if (wrong !== undefined) throw new Error(`no host can be called ${JSON.stringify(wrong)}`);
  // Refuses links.
  new FolderGuard(root).exists(lockFolder(lockFile));
  const view = viewLock(root, lockFile);
  const gone = new Set(view.hosts.values());
  const changes: Change[] = [];
  if (lock === EMPTY_LOCK && view.read(lockFile) === null && gone.size === 0) return changes;
  for (const [path, after] of printLock(lockFile, lock)) {
    gone.delete(path);
    const before = view.read(path);
    if (before === null) changes.push({ kind: "create", path, after });
    else if (before !== after) changes.push({ kind: "update", path, before, after });
  }
  for (const path of gone) changes.push({ kind: "delete", path, before: view.read(path) ?? "" });
  return changes;
}

/** What a killed run left of a lock, for `settleSecrets`. */
export interface LeftLock {
  /** Renames that it did not get to. */
  readonly finish: readonly TempFile[];
  /** Files to remove after them, in this order. */
  readonly discard: readonly string[];
}

/** Finds what a killed run left of a lock, its temporary files among it. */
export function findLeftLock(root: string, lockFile: string): LeftLock {
  const guard = new FolderGuard(root);
  const { journal } = viewLock(root, lockFile);
  const { renames = [], deletes = [] } = journal ?? {};
  const pending = new Set(renames.map(({ temp }) => temp));
  const temps = [folderOf(lockFile), lockFolder(lockFile)].flatMap((folder) =>
    listFolder(guard, folder).flatMap((name) => (name.startsWith(TEMP_PREFIX) ? [`${folder}/${name}`] : [])),
  );
  const left = temps.filter((temp) => !pending.has(temp));
  return { finish: renames, discard: [...deletes, ...left, ...(journal === null ? [] : [journal.path])] };
}

/** Stages what `diffLock` found, for `commitStages`. Whatever a killed run left has to be settled before. */
export async function stageLockChanges(root: string, lockFile: string, changes: readonly Change[]): Promise<Stage> {
  const guard = new FolderGuard(root);
  const folder = lockFolder(lockFile);
  // New files come last: the journal's reader goes by the others.
  const rank = ({ kind }: Change) => (kind === "create" ? 1 : 0);
  const sorted = [...changes].sort((a, b) => rank(a) - rank(b));
  const temps = await writeTemps(guard, toWrites(lockFile, sorted));
  const journal = sorted.length > 1;
  const discard = () => {
    if (journal) removeFile(guard, lockJournalPath(lockFile));
    discardTemps(guard, temps);
  };
  try {
    if (journal) await writeJournal(guard, lockFile, sorted, temps.files);
  } catch (error) {
    discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    const isNew = new Set(sorted.flatMap(({ kind, path }) => (kind === "create" ? [path] : [])));
    renameTemps(
      guard,
      temps.files.filter(({ path }) => !isNew.has(path)),
    );
    for (const { path, after } of sorted) if (after === undefined) removeFile(guard, path);
    renameTemps(
      guard,
      temps.files.filter(({ path }) => isNew.has(path)),
    );
    if (journal) removeFile(guard, lockJournalPath(lockFile));
    if (sorted.some(({ kind }) => kind === "delete")) removeEmptyFolder(guard, folder);
  };
  return { commit, discard };
}

/** Temporary files lie in the lock's own folder, where no other lock's run takes them for its own. */
function toWrites(lockFile: string, changes: readonly Change[]): FileWrite[] {
  const name = lockFolder(lockFile).slice(folderOf(lockFile).length + 1);
  const writes = changes.flatMap(({ path, after }): FileWrite[] => {
    if (after === undefined) return [];
    const temp = `${TEMP_PREFIX}${randomBytes(6).toString("hex")}`;
    if (changes.length === 1) return [{ path, data: after }];
    return [{ path, data: after, temp: path === lockFile ? `${name}/${temp}` : temp }];
  });
  // The folder is made for a host's file.
  return writes.sort((a, b) => Number(a.path === lockFile) - Number(b.path === lockFile));
}

async function writeJournal(
  guard: FolderGuard,
  lockFile: string,
  changes: readonly Change[],
  temps: readonly TempFile[],
): Promise<void> {
  const tempOf = new Map(temps.map(({ path, temp }) => [path, temp]));
  const entries = changes.map(({ path, before, after }): JournalEntry => {
    const hash = (text: string | undefined) => (text === undefined ? null : hashLock(text));
    return { path, before: hash(before), after: hash(after), temp: tempOf.get(path) ?? null };
  });
  await writeFileAtomic(guard, { path: lockJournalPath(lockFile), data: formatLockJournal(entries) });
}

/** Stages a lock for `commitStages`; does nothing where its files already say the same. */
export async function stageLock(root: string, lockFile: string, lock: Lock): Promise<Stage> {
  return stageLockChanges(root, lockFile, diffLock(root, lockFile, lock));
}

/**
 * Writes a lock by itself, and what a killed run left of it before.
 * @param lockFile the shared file, relative to the repository
 * @returns whether anything was written
 */
export async function writeLock(root: string, lockFile: string, lock: Lock): Promise<boolean> {
  const guard = new FolderGuard(root);
  const { finish, discard } = findLeftLock(root, lockFile);
  renameTemps(guard, finish);
  for (const path of discard) removeFile(guard, path);
  const changes = diffLock(root, lockFile, lock);
  await commitStages([() => stageLockChanges(root, lockFile, changes)]);
  return changes.length > 0;
}
