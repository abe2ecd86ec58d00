import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../generators/model/lock.js";
import { put } from "../tree/temp.js";
import { cleanEnv, copyGenerated, makeFolder, runCli } from "./process.js";

/** People who change a fleet on a branch each, in clones of their own, and git between them. */

const test = suite("cli: merged branches");

const LOCK = "hosts/fleet.lock.json";

const NAMES: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@example.org",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@example.org",
};

/** @returns what git prints, and nothing where it fails, as a merge with conflicts does */
function git(root: string, ...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, env: cleanEnv(NAMES), encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}

/** The reference fleet as two people have it. */
async function cloneTwice(): Promise<{ mine: string; other: string }> {
  const mine = await copyGenerated();
  git(mine, "init", "--quiet", "--initial-branch=main");
  git(mine, "add", "--all");
  git(mine, "commit", "--quiet", "--message=fleet");
  const other = join(makeFolder(), "other");
  git(mine, "clone", "--quiet", mine, other);
  return { mine, other };
}

async function generate(root: string, message: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(["generate"], { cwd: root });
  assert.is(code, 0, `${stdout}${stderr}`);
  git(root, "add", "--all");
  git(root, "commit", "--quiet", `--message=${message}`);
  return stdout;
}

function addHost(root: string, name: string): void {
  put(
    root,
    `hosts/${name}.ts`,
    'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "madrid", model: 4 });\n',
  );
}

function readLock(root: string): Lock {
  return JSON.parse(readFileSync(join(root, LOCK), "utf8")) as Lock;
}

/** Merges what the other person did. @returns files that git could not merge */
function mergeOther(root: string, other: string): string[] {
  git(root, "fetch", "--quiet", other, "main");
  git(root, "merge", "--quiet", "--no-edit", "FETCH_HEAD");
  return git(root, "diff", "--name-only", "--diff-filter=U")
    .trim()
    .split("\n")
    .filter((name) => name !== "");
}

async function isUpToDate(root: string): Promise<void> {
  const { code, stdout, stderr } = await runCli(["generate", "--check"], { cwd: root });
  assert.is(code, 0, `${stdout}${stderr}`);
}

test("two neighbours, and a host that one side removes: both sides' keys are kept, and nothing is made by hand", async () => {
  const { mine, other } = await cloneTwice();
  const gone = Object.keys(readLock(mine).hosts).find((name) => name === "ziggy") ?? "";
  addHost(mine, "pi4");
  await generate(mine, "add pi4");
  addHost(other, "pi5");
  rmSync(join(other, `hosts/${gone}.ts`));
  await generate(other, `add pi5, remove ${gone}`);
  const before = { mine: readLock(mine), other: readLock(other) };

  const conflicts = mergeOther(mine, other);
  assert.ok(conflicts.includes(LOCK));
  assert.equal(
    conflicts.filter((file) => file !== LOCK && !file.startsWith("modules/hosts/")),
    [],
  );
  const check = await runCli(["check"], { cwd: mine });
  assert.is(check.code, 0, check.stdout + check.stderr);
  assert.match(check.stdout + check.stderr, /lock-merged/);
  assert.match(check.stdout + check.stderr, /pi4 of HEAD, (.* and )?pi5 of /);
  const said = await generate(mine, "merge");
  assert.match(said, /git's conflicts in \d+ files settled/);

  const merged = readLock(mine);
  assert.equal(merged.hosts.pi4, before.mine.hosts.pi4);
  assert.equal(merged.hosts.pi5, before.other.hosts.pi5);
  assert.is(merged.hosts[gone], undefined);
  assert.equal(merged.rotate, before.other.rotate);
  assert.not.ok(JSON.stringify([merged.clusters, merged.hosts]).includes(`"${gone}"`));
  assert.is(readdirSync(join(mine, "secrets")).includes(gone), false);
  await isUpToDate(mine);
  assert.is(git(mine, "status", "--porcelain"), "");
});

test("hosts that are no neighbours: git merges the lock, the secrets and all that people write", async () => {
  const { mine, other } = await cloneTwice();
  addHost(mine, "aaa");
  await generate(mine, "add aaa");
  addHost(other, "zzz");
  await generate(other, "add zzz");
  const before = { mine: readLock(mine), other: readLock(other) };

  const conflicts = mergeOther(mine, other);
  assert.equal(
    conflicts.filter((file) => !file.startsWith("modules/hosts/")),
    [],
  );
  await generate(mine, "merge");
  const merged = readLock(mine);
  assert.equal([merged.hosts.aaa, merged.hosts.zzz], [before.mine.hosts.aaa, before.other.hosts.zzz]);
  await isUpToDate(mine);
});

test("one host that both add is theirs to decide", async () => {
  const { mine, other } = await cloneTwice();
  for (const root of [mine, other]) {
    addHost(root, "pi4");
    await generate(root, "add pi4");
  }
  mergeOther(mine, other);
  const { code, stdout, stderr } = await runCli(["generate"], { cwd: mine });
  assert.is(code, 2);
  assert.match(stdout + stderr, /hosts\.pi4\.wireguard is "[^"]+" in HEAD, and "[^"]+" in .*\[lock-conflict\]/);
});

test.run();
