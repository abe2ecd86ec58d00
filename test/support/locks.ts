import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  hostLockFile,
  hostOfLockName,
  LOCK_VERSION,
  type Lock,
  type LockedHost,
  lockFolder,
} from "../../generators/model/lock.js";
import { formatLock, printLock } from "../../generators/secrets/lock-text.js";

/** Locks on disk, read and written as people do it, without meshflake's own reader and writer. */

/** The shared file of the fleet's own lock. */
export const LOCK = "hosts/fleet.lock.json";

/** A host's lock file. */
export function lockOf(host: string, lockFile = LOCK): string {
  return hostLockFile(lockFile, host);
}

/** Reads a lock, of this version; without hosts and more where there is none. */
export function readLock(root: string, lockFile = LOCK): Lock {
  const hosts: Record<string, LockedHost> = {};
  for (const name of listFiles(join(root, lockFolder(lockFile)))) {
    const host = hostOfLockName(name);
    if (host === null) continue;
    const { version: _, ...block } = readJson(join(root, lockOf(host, lockFile)));
    hosts[host] = block;
  }
  const shared = listFiles(dirname(join(root, lockFile))).includes(lockFile.slice(lockFile.lastIndexOf("/") + 1));
  return { ...(shared && readJson(join(root, lockFile))), version: LOCK_VERSION, hosts };
}

/** Writes a lock over whatever there is. */
export function putLock(root: string, lock: Lock, lockFile = LOCK): void {
  rmSync(join(root, lockFolder(lockFile)), { recursive: true, force: true });
  mkdirSync(join(root, lockFolder(lockFile)), { recursive: true });
  for (const [path, text] of printLock(lockFile, lock)) writeFileSync(join(root, path), text);
}

/** Writes a lock as version 1 had it, with the hosts in the shared file. */
export function putOldLock(root: string, lock: Lock, lockFile = LOCK): void {
  rmSync(join(root, lockFolder(lockFile)), { recursive: true, force: true });
  mkdirSync(dirname(join(root, lockFile)), { recursive: true });
  writeFileSync(join(root, lockFile), formatLock({ ...lock, version: 1 }));
}

/** A lock from before entries had the digests of their files. */
export function withoutDigests(lock: Lock): Lock {
  return JSON.parse(JSON.stringify(lock, (key, value) => (key === "sha256" ? undefined : value)));
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8"));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
