import { LOCK_VERSION } from "../../model/lock.js";
import type { Problem } from "../../model/problem.js";
import { secretsFolder } from "../../model/secrets.js";
import { ENVIRONMENTS_FOLDER } from "../files.js";
import { isObject, parseJson } from "../json.js";
import { resolveLock } from "../merge/resolve.js";
import { describeTwice, findTwice } from "../merge/twice.js";
import { FILE_START, problemAt } from "../problems.js";
import { checkHostLock } from "./shape.js";

export interface HostLock {
  /** Missing where the file is wrong. */
  readonly block?: unknown;
  readonly problems: readonly Problem[];
}

/** Reads a host's lock file. @param file relative to the repository */
export async function readHostLock(root: string, file: string, host: string, text: string): Promise<HostLock> {
  const resolved = resolveLock(root, file, text, {
    prepare: ({ ours, theirs, base }) => ({
      ours: wrap(host, ours),
      theirs: wrap(host, theirs),
      ...(base && { base: { value: wrap(host, base.value) } }),
    }),
    secrets: `${secretsFolder(environmentOf(file))}/${host}`,
  });
  if (resolved !== null) {
    if (!("value" in resolved)) return { problems: resolved.problems };
    const value = unwrap(host, resolved.value);
    return settle(value, [...resolved.problems, ...checkHostLock(file, value)]);
  }
  const result = await parseJson(file, text, "lock-syntax");
  if ("problem" in result) return { problems: [result.problem] };
  const { value } = result;
  const twice = findTwice(text, value);
  return settle(value, [...(twice === null ? [] : [describeTwice(file, twice)]), ...checkHostLock(file, value)]);
}

function settle(value: unknown, problems: readonly Problem[]): HostLock {
  if (!isObject(value) || problems.some(({ severity }) => severity === "error")) return { problems };
  const { version: _, ...block } = value;
  return { block, problems };
}

/** The environment whose lock a file belongs to. */
function environmentOf(file: string): string | null {
  const [, folder = ""] = file.split(`${ENVIRONMENTS_FOLDER}/`);
  return folder === "" ? null : folder.slice(0, folder.indexOf(".lock/"));
}

/** A host's file as a lock of this host alone, which is what is merged. */
function wrap(host: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { version, ...block } = value;
  return { version, hosts: { [host]: block } };
}

function unwrap(host: string, value: unknown): unknown {
  if (!isObject(value) || !isObject(value.hosts)) return value;
  const block = value.hosts[host];
  return isObject(block) ? { version: value.version ?? LOCK_VERSION, ...block } : block;
}

/** A file beside the hosts' that is none of theirs. */
export function describeStray(file: string): Problem {
  const message = "is no host's lock file: those are plain files called NAME.lock.json, by the names of hosts";
  const hint = "move it elsewhere; if it was a host's, restore its name from git";
  return problemAt("lock-syntax", file, FILE_START, message, hint);
}
