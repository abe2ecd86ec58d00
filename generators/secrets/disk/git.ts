/** What git has of files, read by its own command; nothing where there is no git, no repository or no commit. */
import { execFileSync } from "node:child_process";

const LIMIT = 256 * 1024 * 1024;

/** Runs git in a folder. @param input for its stdin @returns null where it fails */
export function runGit(root: string, args: readonly string[], input = ""): Buffer | null {
  try {
    return execFileSync("git", args, { cwd: root, input, stdio: ["pipe", "pipe", "ignore"], maxBuffer: LIMIT });
  } catch {
    return null;
  }
}

/** Whether a folder is in a working tree of git's. */
export function isInGit(root: string): boolean {
  return runGit(root, ["rev-parse", "--is-inside-work-tree"])?.toString("utf8").trim() === "true";
}

/**
 * Reads many objects at once.
 * @param names as git writes them (gitrevisions(7)): `HEAD:./FILE`, `:2:./FILE`, a hash; relative to the root
 * @returns null for those that it does not have
 */
export function readObjects(root: string, names: readonly string[]): readonly (Buffer | null)[] {
  if (names.length === 0) return [];
  let rest = runGit(root, ["cat-file", "--batch"], names.map((name) => `${name}\n`).join("")) ?? Buffer.alloc(0);
  return names.map(() => {
    // `<hash> blob <bytes>`, the content and a newline; or `<name> missing`.
    const end = rest.indexOf("\n") + 1;
    const bytes = Number(/ blob (\d+)\n$/.exec(rest.toString("utf8", 0, end))?.[1] ?? -1);
    const content = bytes < 0 ? null : rest.subarray(end, end + bytes);
    rest = rest.subarray(bytes < 0 ? end : end + bytes + 1);
    return content;
  });
}
