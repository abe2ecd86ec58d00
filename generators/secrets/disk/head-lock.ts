import { isObject } from "../../load/json.js";
import { hostLockFile, LOCK_VERSION, type Lock } from "../../model/lock.js";
import { readObjects } from "./git.js";

/** The lock of git's last commit. */

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the lock of the last commit says of some hosts, and of all clusters. */
export function readHeadLock(root: string, lockFile: string, hosts: readonly string[]): Lock {
  const paths = [lockFile, ...hosts.map((host) => hostLockFile(lockFile, host))];
  const files = readObjects(
    root,
    paths.map((path) => `HEAD:./${path}`),
  );
  const [shared, ...blocks] = files.map((data) => (data === null ? null : parse(data.toString("utf8"))));
  const own = hosts.flatMap((host, index) => (isObject(blocks[index]) ? [[host, blocks[index]] as const] : []));
  const lock: Partial<Lock> = isObject(shared) ? shared : {};
  return { ...lock, version: LOCK_VERSION, hosts: { ...lock.hosts, ...Object.fromEntries(own) } };
}
