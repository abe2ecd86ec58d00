/** Prints the files of a lock: sorted, so that the same lock is the same text, and git merges what people change apart. */
import { hostLockFile, LOCK_VERSION, type Lock, type LockedHost } from "../model/lock.js";
import { compareText } from "../tree/paths.js";

/** Fields of the shared file in the order in which they are written; any other one follows, sorted. */
const SHARED = ["version", "admins", "clusters", "hosts", "devices", "rotate", "revoked"];
/** Fields of a host's file, and of blocks within either. */
const ORDER = [
  "version",
  ...["mesh", "wireguard", "age", "ssh", "sshRotation", "sha256", "secrets", "admins", "apart"],
  ...["facts", "leaving", "ipv4", "ipv6"],
  ...["id", "readers", "retiring", "knownTo", "sha256"],
];
/** Objects whose keys are names; these are sorted by name alone. */
const BY_NAME = new Set(["admins", "apart", "clusters", "hosts", "devices", "rotate", "secrets", "sha256", "volumes"]);

/** Prints the shared file of a lock: the same text for the same content, whatever the order of its keys; ends with a newline. */
export function formatLock(content: object): string {
  return `${JSON.stringify(sortFields(content, SHARED), undefined, 2)}\n`;
}

/**
 * Prints a host's file, with a secret a line. What two hosts have in common, such as readers, stands in no line of its own: files that
 * are alike are renamed ones to git, and it brings into a new host's file what another branch did to that of a removed one.
 */
export function formatHostLock(host: LockedHost): string {
  const fields = Object.entries(sortFields({ version: LOCK_VERSION, ...host }, ORDER) as object);
  return `{\n${fields.map(([name, value]) => `  ${JSON.stringify(name)}: ${printField(value)}`).join(",\n")}\n}\n`;
}

function printField(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return printLine(value);
  const lines = Object.entries(value).map(([name, item]) => `    ${JSON.stringify(name)}: ${printLine(item)}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
}

function printLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const items = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${printLine(item)}`);
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
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
    yield [hostLockFile(lockFile, name), formatHostLock(block)];
  }
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
