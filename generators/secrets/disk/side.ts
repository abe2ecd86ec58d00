import { execFileSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../load/json.js";
import { hostLockFile, LOCK_VERSION, type Lock } from "../../model/lock.js";
import { lockedSecretOf, type SecretSpec } from "../../model/secrets.js";
import { idOf } from "../lock-entries.js";

/** What git calls the two sides of a merge: ours is what HEAD has, in a rebase as well (gitrevisions(7)). */
export type Side = "ours" | "theirs";

/**
 * Whose file of a secret belongs to the lock, where git could not merge the file: the lock itself merges more often, and then has one
 * side's value. Where both only encrypted the same value anew, either does.
 * @param lock as it is on disk, merged
 */
export function sideOf(root: string, lockFile: string, lock: Lock, spec: SecretSpec): Side {
  const head = readHead(root, lockFile, spec);
  const retiring = (of: Lock) => lockedSecretOf(of, spec)?.retiring ?? [];
  return idOf(head, spec) === idOf(lock, spec) && isDeepStrictEqual(retiring(head), retiring(lock)) ? "ours" : "theirs";
}

/** What the lock of the last commit says of a secret's host or cluster. */
function readHead(root: string, lockFile: string, { scope, of }: SecretSpec): Lock {
  const shared = readJson(root, lockFile);
  const block = scope === "host" ? readJson(root, hostLockFile(lockFile, of)) : {};
  const hosts = isObject(shared.hosts) ? shared.hosts : {};
  const own = Object.keys(block).length > 0 ? { [of]: block } : {};
  return { ...shared, version: LOCK_VERSION, hosts: { ...hosts, ...own } as Lock["hosts"] };
}

/** A file of the last commit; empty where there is none, or no git. */
function readJson(root: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const text = execFileSync("git", ["show", `HEAD:./${file}`], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 256 * 1024 * 1024,
    });
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
