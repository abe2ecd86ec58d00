/** Prints the files of a lock: sorted, so that the same lock is the same text, and git merges what people change apart. */
import { hostLockFile, LOCK_VERSION, type Lock } from "../model/lock.js";
import { compareText } from "../tree/paths.js";

/** Fields in the order in which they are written; any other one follows, sorted. */
const ORDER = [
  ...["version", "admins", "clusters", "hosts", "devices", "rotate", "revoked"],
  ...["mesh", "wireguard", "age", "ssh", "sshRotation", "secrets", "facts", "leaving", "ipv4", "ipv6"],
  ...["id", "readers", "retiring", "knownTo"],
];
/** Objects whose keys are names; these are sorted by name alone. */
const BY_NAME = new Set(["admins", "clusters", "hosts", "devices", "rotate", "secrets", "volumes"]);

/** Prints a file of a lock: the same text for the same content, whatever the order of its keys; ends with a newline. */
export function formatLock(content: object): string {
  return `${JSON.stringify(sortFields(content, false), undefined, 2)}\n`;
}

/**
 * The files of a lock with their texts: the shared one, and one a host.
 * @param lockFile the shared file, relative to the repository
 */
export function* printLock(
  lockFile: string,
  { hosts, ...shared }: Lock,
): Generator<readonly [path: string, text: string]> {
  yield [lockFile, formatLock({ ...shared, version: LOCK_VERSION })];
  for (const [name, block] of Object.entries(hosts)) {
    yield [hostLockFile(lockFile, name), formatLock({ version: LOCK_VERSION, ...block })];
  }
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
