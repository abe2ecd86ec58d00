import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Since when a file is as it is. */
export interface FileDate {
  /** ISO 8601, to the second, in UTC. */
  readonly date: string;
  /** `commit` is the last one that changed it; `disk` is a file that git does not have like this. */
  readonly from: "commit" | "disk";
}

const git = promisify(execFile);
const LIMIT = 256 * 1024 * 1024;

/**
 * Dates all files of a folder: by git's last commit of each, found in one walk through the history; otherwise by the disk.
 * @param files relative to the root
 */
export async function dateFiles(
  root: string,
  folder: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, FileDate>> {
  const [committed, changed] = await Promise.all([readLog(root, folder), readChanged(root, folder)]);
  const dates = new Map<string, FileDate>();
  for (const file of files) {
    const date = changed.has(file) ? undefined : committed.get(file);
    if (date !== undefined) dates.set(file, { date, from: "commit" });
    else {
      const stats = statSync(join(root, file), { throwIfNoEntry: false });
      if (stats !== undefined) dates.set(file, { date: toUtc(stats.mtime), from: "disk" });
    }
  }
  return dates;
}

async function runGit(root: string, args: readonly string[]): Promise<string> {
  try {
    return (await git("git", args, { cwd: root, maxBuffer: LIMIT })).stdout;
  } catch {
    // No git, no repository, no commit: the disk's dates are all that there is.
    return "";
  }
}

/** Newest first, so the first mention of a file counts. */
async function readLog(root: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const format = ["--format=%x01%cI", "--name-only", "-z", "--relative", "--no-renames"];
  const text = await runGit(root, ["log", ...format, "--", folder]);
  const dates = new Map<string, string>();
  for (const block of text.split("\u0001").slice(1)) {
    const [date = "", ...files] = block.split(/[\0\n]+/);
    for (const file of files) if (file !== "" && !dates.has(file)) dates.set(file, toUtc(new Date(date)));
  }
  return dates;
}

async function readChanged(root: string, folder: string): Promise<ReadonlySet<string>> {
  const tracked = await runGit(root, ["diff", "HEAD", "--name-only", "-z", "--relative", "--no-renames", "--", folder]);
  return new Set(tracked.split("\0"));
}

function toUtc(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
