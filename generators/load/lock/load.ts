import { isDeepStrictEqual } from "node:util";
import { EMPTY_LOCK, LOCK_VERSION, type Lock, type LockedHost, lockFolder } from "../../model/lock.js";
import type { Problem } from "../../model/problem.js";
import { isObject } from "../json.js";
import { FILE_START, problemAt, problemIn } from "../problems.js";
import { describeStray, readHostLock } from "./host.js";
import { readShared, type SharedLock } from "./shared.js";
import { viewLock } from "./view.js";

export interface LoadedLock {
  /** Empty where there is none, or where a file is wrong. */
  readonly lock: Lock;
  readonly problems: readonly Problem[];
}

type Blocks = Readonly<Record<string, unknown>>;

/**
 * Reads a lock and checks its shape: the shared file, and each host's. A shared file of version 1 has the hosts as well.
 * @param file the shared file, relative to the repository
 */
export async function loadLock(root: string, file: string): Promise<LoadedLock> {
  const view = viewLock(root, file);
  const problems: Problem[] = view.strays.map((name) => describeStray(`${lockFolder(file)}/${name}`));
  const hosts: Record<string, unknown> = {};
  for (const [name, path] of view.hosts) {
    const read = await readHostLock(root, path, name, view.read(path) ?? "");
    problems.push(...read.problems);
    if (read.block !== undefined) hosts[name] = read.block;
  }
  const text = view.read(file);
  if (text === null && view.hosts.size === 0) return { lock: EMPTY_LOCK, problems };
  const shared = text === null ? missing(file) : await readShared(root, file, text, hosts);
  problems.push(...shared.problems);
  const blocks = isObject(shared.value.hosts) ? shared.value.hosts : {};
  if (!shared.whole) problems.push(...findContradictions(file, view.hosts, hosts, blocks));
  if (problems.some(({ severity }) => severity === "error")) return { lock: EMPTY_LOCK, problems };
  const all = Object.entries(shared.whole ? blocks : { ...blocks, ...hosts });
  const sorted = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) as Record<string, LockedHost>;
  return { lock: { ...shared.value, version: LOCK_VERSION, hosts: sorted } as Lock, problems };
}

/** What is owed and revoked would be forgotten: no run leaves hosts' files without the shared one. */
function missing(file: string): SharedLock {
  const message = `is missing, and ${lockFolder(file)} has hosts' files that belong to it`;
  const hint = `bring it back from git: \`git checkout HEAD -- ${file}\``;
  return { value: {}, whole: false, problems: [problemAt("lock-syntax", file, FILE_START, message, hint)] };
}

/** Hosts that stand in both places, as a lock of version 1 has it that was taken over others' files, and not alike. */
function* findContradictions(
  file: string,
  files: ReadonlyMap<string, string>,
  hosts: Blocks,
  blocks: Blocks,
): Generator<Problem> {
  for (const [name, path] of files) {
    if (hosts[name] === undefined || !Object.hasOwn(blocks, name) || isDeepStrictEqual(hosts[name], blocks[name]))
      continue;
    const message = `the lock has two blocks of ${name}, and they differ: here, and hosts.${name} in ${file}`;
    const hint = `remove the one whose keys are not those in secrets/: hosts.${name} in ${file}, or this file`;
    yield problemIn("lock-conflict", path, [], message, hint);
  }
}
