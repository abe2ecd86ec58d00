import { execFileSync } from "node:child_process";
import { isObject } from "../../load/json.js";
import { hostLockFile, LOCK_VERSION, type Lock } from "../../model/lock.js";

/** The lock of git's last commit. */

function git(root: string, args: readonly string[], input = ""): string | null {
  try {
    return execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "ignore"],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch {
    return null;
  }
}

/** Whether a folder is in a working tree of git's. */
export function isInGit(root: string): boolean {
  return git(root, ["rev-parse", "--is-inside-work-tree"])?.trim() === "true";
}

/** Files of the last commit as JSON; null for those that it does not have. @param paths relative to the root */
function readHead(root: string, paths: readonly string[]): readonly unknown[] {
  const asked = paths.map((path) => `HEAD:./${path}\n`).join("");
  let rest = Buffer.from(git(root, ["cat-file", "--batch"], asked) ?? "");
  return paths.map(() => {
    // `<hash> blob <bytes>`, the content and a newline; or `<name> missing`.
    const end = rest.indexOf("\n") + 1;
    const bytes = Number(/ blob (\d+)\n$/.exec(rest.toString("utf8", 0, end))?.[1] ?? -1);
    const content = bytes < 0 ? "null" : rest.toString("utf8", end, end + bytes);
    rest = rest.subarray(bytes < 0 ? end : end + bytes + 1);
    return parse(content);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the lock of the last commit says of some hosts, and of all clusters. */
export function readHeadLock(root: string, lockFile: string, hosts: readonly string[]): Lock {
  const [shared, ...blocks] = readHead(root, [lockFile, ...hosts.map((host) => hostLockFile(lockFile, host))]);
  const own = hosts.flatMap((host, index) => (isObject(blocks[index]) ? [[host, blocks[index]] as const] : []));
  const lock: Partial<Lock> = isObject(shared) ? shared : {};
  return { ...lock, version: LOCK_VERSION, hosts: { ...lock.hosts, ...Object.fromEntries(own) } };
}
