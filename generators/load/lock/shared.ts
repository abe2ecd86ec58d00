import { LOCK_VERSION, WHOLE_LOCK_VERSION } from "../../model/lock.js";
import type { Problem } from "../../model/problem.js";
import { isObject, parseJson } from "../json.js";
import { resolveLock } from "../merge/resolve.js";
import type { PreparedSides } from "../merge/sides.js";
import { describeTwice, findTwice } from "../merge/twice.js";
import { checkLock } from "./shape.js";

type Fields = Readonly<Record<string, unknown>>;

export interface SharedLock {
  /** Empty where the file is wrong. */
  readonly value: Fields;
  /** Whether its hosts are those of the hosts' files as well, merged with them. */
  readonly whole: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Reads the shared file of a lock.
 * @param file relative to the repository
 * @param hosts what the hosts' files say
 */
export async function readShared(root: string, file: string, text: string, hosts: Fields): Promise<SharedLock> {
  let whole = false;
  const prepare = (sides: PreparedSides): PreparedSides => {
    whole = hasHosts(sides.ours) !== hasHosts(sides.theirs);
    return {
      ours: prepareSide(sides.ours, whole, hosts),
      theirs: prepareSide(sides.theirs, whole, hosts),
      ...(sides.base && { base: { value: prepareSide(sides.base.value, false, hosts) } }),
    };
  };
  const resolved = resolveLock(root, file, text, { prepare });
  if (resolved !== null) {
    if (!("value" in resolved)) return { value: {}, whole, problems: resolved.problems };
    return settle(resolved.value, whole, [...resolved.problems, ...checkLock(file, resolved.value)]);
  }
  const result = await parseJson(file, text, "lock-syntax");
  if ("problem" in result) return { value: {}, whole, problems: [result.problem] };
  const twice = findTwice(text, result.value);
  return settle(result.value, whole, [
    ...(twice === null ? [] : [describeTwice(file, twice)]),
    ...checkLock(file, result.value),
  ]);
}

function settle(value: unknown, whole: boolean, problems: readonly Problem[]): SharedLock {
  return { value: isObject(value) ? value : {}, whole, problems };
}

function hasHosts(side: unknown): boolean {
  return isObject(side) && side.hosts !== undefined;
}

/**
 * Where one side has the hosts in this file and the other in files of their own, the latter are what is on disk: the first side
 * has no such files, so that git had nothing to merge in them.
 */
function prepareSide(side: unknown, fill: boolean, hosts: Fields): unknown {
  if (!isObject(side)) return side;
  const version = side.version === WHOLE_LOCK_VERSION ? LOCK_VERSION : side.version;
  return { ...side, version, ...(fill && !hasHosts(side) && { hosts }) };
}
