import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { GITATTRIBUTES } from "../../../cli/init/project.js";
import { put } from "../../tree/temp.js";
import { cleanEnv, copyGenerated, makeFolder, runCli } from "../process.js";

/** People who change a fleet on a branch each, in clones of their own, and git between them. */

/** Git's own settings, in its environment. */
export const AUTHOR: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@example.org",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@example.org",
};

/** @returns what git prints, and nothing where it fails, as a merge with conflicts does */
export function git(root: string, ...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, env: cleanEnv(AUTHOR), encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}

/** The reference fleet as some people have it. @param prepare changes it before they get it */
export async function clone(people: number, prepare: (root: string) => void = () => {}): Promise<string[]> {
  const first = await copyGenerated();
  put(first, ".gitattributes", GITATTRIBUTES);
  prepare(first);
  git(first, "init", "--quiet", "--initial-branch=main");
  commit(first, "fleet");
  const others = Array.from({ length: people - 1 }, () => join(makeFolder(), "clone"));
  for (const other of others) git(first, "clone", "--quiet", first, other);
  return [first, ...others];
}

export function commit(root: string, message: string): void {
  git(root, "add", "--all");
  git(root, "commit", "--quiet", `--message=${message}`);
}

export async function generate(root: string, message: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(["generate"], { cwd: root });
  assert.is(code, 0, `${stdout}${stderr}`);
  commit(root, message);
  return stdout;
}

const PI = '.raspberryPi({ site: "madrid", model: 4 })';
/** A server of Consul and Nomad that relays as well. */
export const server = (number: number) =>
  `.contaboVm({ site: "nuremberg", address: { ipv4: "203.0.113.${number}/24", gateway4: "203.0.113.1" }, mesh: { relay: true }, nomad: { server: true }, consul: { server: true } })`;

export function addHost(root: string, name: string, builder = PI): void {
  put(root, `hosts/${name}.ts`, `import fleet from "./fleet";\n\nexport default fleet${builder};\n`);
}

export function removeHost(root: string, name: string): void {
  rmSync(join(root, `hosts/${name}.ts`));
}

/** Files that git could not merge. */
export function listConflicts(root: string): string[] {
  const names = git(root, "diff", "--name-only", "--diff-filter=U").trim().split("\n");
  return names.filter((name) => name !== "");
}

/** Merges what somebody else did. @returns `listConflicts` */
export function mergeOther(root: string, other: string): string[] {
  git(root, "fetch", "--quiet", other, "main");
  git(root, "merge", "--quiet", "--no-edit", "FETCH_HEAD");
  return listConflicts(root);
}

/** What the fleet is once it was generated says so itself. */
export async function isUpToDate(root: string): Promise<void> {
  const { code, stdout, stderr } = await runCli(["generate", "--check"], { cwd: root });
  assert.is(code, 0, `${stdout}${stderr}`);
  assert.is(git(root, "status", "--porcelain"), "");
}
