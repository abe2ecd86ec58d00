import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";

/** The repository as a git revision had it, in a private folder that goes away again. */

export interface BaseRevision {
  /** The folder, absolute. */
  readonly root: string;
  /** The revision's short name, for people. */
  readonly revision: string;
}

function runGit(root: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  return execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** What git says itself, e.g. about who owns the repository. */
interface GitFault {
  /** Empty where git said nothing. */
  readonly reason: string;
  /** Its last line, where that is another one: git ends with what to do. */
  readonly advice?: string;
}

function readGitError(error: unknown): GitFault {
  if (!(error instanceof Error)) return { reason: String(error) };
  if ("code" in error && error.code === "ENOENT") return { reason: "git is not installed" };
  const { stderr } = error as { stderr?: unknown };
  const lines = String(stderr ?? "").split("\n");
  const said = lines.map((line) => line.trim()).filter((line) => line !== "");
  const reason = said.find((line) => /^(fatal|error):/.test(line)) ?? said.at(-1) ?? "";
  const advice = said.at(-1);
  return { reason, ...(advice !== undefined && advice !== reason && { advice }) };
}

function explainGit(base: string, error: unknown, silent: string): UserError {
  const { reason, advice } = readGitError(error);
  const hint = advice ?? (reason === "" ? "commit first, or name another --base" : undefined);
  return new UserError(`cannot compare with ${base}: ${reason || silent}`, hint, 1, { cause: error });
}

function resolveRevision(root: string, base: string): { commit: string; short: string; prefix: string } {
  try {
    const commit = runGit(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${base}^{commit}`]);
    const short = runGit(root, ["rev-parse", "--short", commit]);
    return { commit, short, prefix: runGit(root, ["rev-parse", "--show-prefix"]) };
  } catch (error) {
    // `--quiet` says nothing of a revision that does not exist, and everything else.
    throw explainGit(base, error, base === "HEAD" ? "the repository has no commit yet" : `no git revision ${base}`);
  }
}

/** An index of its own, so that the person's staging area is never touched. */
function checkOut(root: string, folder: string, tree: string): void {
  const env = { ...process.env, GIT_INDEX_FILE: join(folder, "index") };
  const target = join(folder, "tree");
  mkdirSync(target);
  runGit(root, ["read-tree", tree], env);
  const top = runGit(root, ["rev-parse", "--show-toplevel"]);
  execFileSync("git", ["checkout-index", "--all", `--prefix=${target}/`], {
    cwd: top,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const modules = join(root, "node_modules");
  if (existsSync(modules) && !existsSync(join(target, "node_modules")))
    symlinkSync(modules, join(target, "node_modules"));
}

/**
 * Runs `use` on the files of a revision, read from git without touching index or work tree.
 * @param root the repository, which may lie below git's own
 * @param base a revision as git names it
 * @throws UserError where there is no git, no such revision, or no such folder in it
 */
export async function withBaseRevision<Result>(
  root: string,
  base: string,
  use: (revision: BaseRevision) => Promise<Result>,
): Promise<Result> {
  const { commit, short, prefix } = resolveRevision(root, base);
  const folder = mkdtempSync(join(tmpdir(), "meshflake-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    try {
      checkOut(root, folder, `${commit}:${prefix}`);
    } catch (error) {
      throw explainGit(base, error, "git could not read its files");
    }
    return await use({ root: join(folder, "tree"), revision: short });
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    remove();
  }
}
