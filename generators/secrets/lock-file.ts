/** Writes `hosts/fleet.lock.json` (or an environment's lock): sorted, one block a host, so that git merges it. */
import type { Lock } from "../model/lock.js";
import { type Stage, stageFile } from "../tree/apply.js";
import { readPlainFile, writeFileAtomic } from "../tree/files.js";
import { compareText, FolderGuard } from "../tree/paths.js";

/** Fields in the order in which they are written; any other one follows, sorted. `admins` comes late in a block. */
const TOP = ["version", "admins", "clusters", "hosts", "devices", "rotate", "revoked"];
const ORDER = [
  ...["mesh", "wireguard", "age", "ssh", "sshRotation", "secrets", "admins", "apart"],
  ...["facts", "leaving", "ipv4", "ipv6"],
  ...["id", "readers", "retiring", "knownTo"],
];
/** Objects whose keys are names; these are sorted by name alone. */
const BY_NAME = new Set(["admins", "apart", "clusters", "hosts", "devices", "rotate", "secrets", "volumes"]);

/** Prints a lock: the same text for the same content, whatever the order of its keys; ends with a newline. */
export function formatLock(lock: Lock): string {
  return `${JSON.stringify(sortFields(lock, TOP), undefined, 2)}\n`;
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

/** @param order of its fields; null where its keys are names */
function sortFields(value: unknown, order: readonly string[] | null): unknown {
  if (Array.isArray(value)) return value.map((item) => sortFields(item, ORDER));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (order === null ? 0 : rank(order, a) - rank(order, b)) || compareText(a, b));
  const orderIn = (key: string) => (order !== null && BY_NAME.has(key) ? null : ORDER);
  return Object.fromEntries(entries.map(([key, item]) => [key, sortFields(item, orderIn(key))]));
}

function rank(order: readonly string[], field: string): number {
  const at = order.indexOf(field);
  return at < 0 ? order.length : at;
}
