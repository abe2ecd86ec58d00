/** Writes `hosts/fleet.lock.json` (or an environment's lock): sorted, one block a host, so that git merges it. */
import type { Lock } from "../model/lock.js";
import { type Stage, stageFile } from "../tree/apply.js";
import { readPlainFile, writeFileAtomic } from "../tree/files.js";
import { compareText, FolderGuard } from "../tree/paths.js";

/** Fields in the order in which they are written; any other one follows, sorted. */
const ORDER = [
  ...["version", "admins", "clusters", "hosts", "devices", "rotate", "revoked"],
  ...["mesh", "wireguard", "age", "ssh", "sshRotation", "secrets", "facts", "leaving", "ipv4", "ipv6"],
  ...["id", "readers", "retiring", "knownTo"],
];
/** Objects whose keys are names; these are sorted by name alone. */
const BY_NAME = new Set(["admins", "clusters", "hosts", "devices", "rotate", "secrets", "volumes"]);

/** Prints a lock: the same text for the same content, whatever the order of its keys; ends with a newline. */
export function formatLock(lock: Lock): string {
  return `${JSON.stringify(sortFields(lock, false), undefined, 2)}\n`;
}

/**
 * Writes the lock atomically; does nothing where the file already says the same.
 * @param path relative to the root
 * @returns whether it was written
 */
export async function writeLock(root: string, path: string, lock: Lock): Promise<boolean> {
  const guard = new FolderGuard(root);
  const data = formatLock(lock);
  if (readPlainFile(guard, path)?.toString() === data) return false;
  await writeFileAtomic(guard, { path, data });
  return true;
}

/** Stages the lock for `commitStages`; does nothing where the file already says the same. */
export async function stageLock(root: string, path: string, lock: Lock): Promise<Stage> {
  const data = formatLock(lock);
  if (readPlainFile(new FolderGuard(root), path)?.toString() === data) {
    return { commit: async () => {}, discard: () => {} };
  }
  return stageFile(root, { path, data });
}

function sortFields(value: unknown, byName: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => sortFields(item, false));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (byName ? 0 : rank(a) - rank(b)) || compareText(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortFields(item, !byName && BY_NAME.has(key))]));
}

function rank(field: string): number {
  const at = ORDER.indexOf(field);
  return at < 0 ? ORDER.length : at;
}
