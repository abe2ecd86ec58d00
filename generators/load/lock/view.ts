import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { HOST_LOCK_END, hostOfLockName, lockFolder } from "../../model/lock.js";
import { type LeftJournal, OWN_PREFIX, readLockJournal } from "./journal.js";
import { readText } from "./text.js";

/** The files of a lock as they count: with what a killed run did not get to. */
export interface LockView {
  /** Relative to the repository: the hosts' files, sorted by host. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Names in the folder that are no host's, and no file of meshflake's own; sorted. */
  readonly strays: readonly string[];
  readonly journal: LeftJournal | null;
  /** @returns null where there is none */
  readonly read: (path: string) => string | null;
}

/** Looks at the files of a lock. @param lockFile the shared file */
export function viewLock(root: string, lockFile: string): LockView {
  const folder = lockFolder(lockFile);
  const entries = listFolder(join(root, folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const hosts = new Map<string, string>();
  const strays: string[] = [];
  let journal: LeftJournal | null = null;
  for (const entry of entries) {
    const host = entry.isFile() ? hostOfLockName(entry.name) : null;
    if (host !== null) hosts.set(host, `${folder}/${entry.name}`);
    else if (entry.name.startsWith(OWN_PREFIX)) journal ??= entry.isFile() ? readLockJournal(root, lockFile) : null;
    // What editors and file managers leave is none of the lock's.
    else if (entry.name.endsWith(HOST_LOCK_END) && !entry.name.startsWith(".")) strays.push(entry.name);
  }
  if (journal === null) return { hosts, strays, journal, read: (path) => readText(root, path) };
  return throughJournal(root, lockFile, { hosts, strays, journal });
}

function throughJournal(
  root: string,
  lockFile: string,
  view: Omit<LockView, "read" | "journal"> & { journal: LeftJournal },
): LockView {
  const { renames, deletes } = view.journal;
  const temps = new Map(renames.map(({ path, temp }) => [path, temp]));
  const hosts = new Map(view.hosts);
  for (const path of [...temps.keys(), ...deletes]) {
    const host = hostOfLockName(path.slice(lockFolder(lockFile).length + 1));
    if (host === null || path === lockFile) continue;
    if (temps.has(path)) hosts.set(host, path);
    else hosts.delete(host);
  }
  const sorted = new Map([...hosts].sort(([a], [b]) => (a < b ? -1 : 1)));
  // A run that is under way puts them in place meanwhile.
  const read = (path: string) =>
    deletes.includes(path) ? null : (readText(root, temps.get(path) ?? path) ?? readText(root, path));
  return { ...view, hosts: sorted, read };
}

function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
