import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../../generators/model/lock.js";
import { LOCK, lockOf, readLock } from "../../support/locks.js";
import { runCli } from "../process.js";
import { addHost, clone, generate, git, isUpToDate, listConflicts, mergeOther, removeHost, server } from "./people.js";

/** Branches that add and remove hosts: what people share is merged by git alone. */

const test = suite("cli: merged branches");

/** Hosts that are next to each other in the alphabet: before all others, between two, after all. */
const NEIGHBOURS = [
  ["aaa", "aab"],
  ["bianco2", "bianco3"],
  ["zzy", "zzz"],
] as const;

test("neighbours that two people add merge without a conflict, at either end of the alphabet and between", async () => {
  const [mine = "", other = ""] = await clone(2);
  const shared = readFileSync(join(mine, LOCK), "utf8");
  for (const [one, two] of NEIGHBOURS) {
    addHost(mine, one);
    addHost(other, two);
  }
  await generate(mine, "add some");
  await generate(other, "add others");
  for (const root of [mine, other])
    assert.is(readFileSync(join(root, LOCK), "utf8"), shared, "a new host is its own file");
  const before = [readLock(mine), readLock(other)] as const;

  assert.equal(mergeOther(mine, other), []);
  const check = await runCli(["check"], { cwd: mine });
  assert.is(check.code, 0, check.stdout + check.stderr);
  assert.match(
    check.stdout + check.stderr,
    /modules\/hosts\/\.meshflake\.json.*git merged \d+ generated files .*\[tree-merged\]/,
  );
  assert.match(await generate(mine, "merge"), /\d+ files that git merged settled/);
  const merged = readLock(mine);
  for (const [one, two] of NEIGHBOURS) {
    assert.equal([merged.hosts[one], merged.hosts[two]], [before[0].hosts[one], before[1].hosts[two]]);
  }
  await isUpToDate(mine);
});

test("three people, with servers that relay among what they add, over a rebase and a cherry-pick", async () => {
  const [mine = "", second = "", third = ""] = await clone(3);
  const shared = readFileSync(join(mine, LOCK), "utf8");
  addHost(mine, "pi4");
  addHost(second, "pi5");
  for (const [name, number] of [
    ["pi6", 76],
    ["pi7", 77],
  ] as const)
    addHost(third, name, server(number));
  for (const root of [mine, second, third]) {
    await generate(root, "add one");
    assert.is(readFileSync(join(root, LOCK), "utf8"), shared);
  }
  const added = [readLock(second).hosts.pi5, readLock(third).hosts.pi6, readLock(third).hosts.pi7];

  git(second, "fetch", "--quiet", mine, "main");
  git(second, "rebase", "--quiet", "FETCH_HEAD");
  assert.equal(listConflicts(second), []);
  await generate(second, "add pi5");
  if (existsSync(join(second, ".git/rebase-merge"))) git(second, "-c", "core.editor=true", "rebase", "--continue");

  git(second, "fetch", "--quiet", third, "main");
  git(second, "cherry-pick", "FETCH_HEAD");
  assert.equal(listConflicts(second), []);
  await generate(second, "add pi6");
  const { hosts } = readLock(second);
  assert.equal([hosts.pi5, hosts.pi6, hosts.pi7], added);
  assert.ok(hosts.pi4 !== undefined);
  await isUpToDate(second);
});

/** What one host's end leaves in a lock. */
function traces({ hosts, clusters, rotate = {}, revoked = [] }: Lock, name: string) {
  const debts = Object.values(rotate).filter((who) => who.includes(`host ${name}`)).length;
  return { named: JSON.stringify([hosts, clusters]).includes(`"${name}"`), debts, revoked };
}

/** What git asks about where one branch removed what the other one changed: `generate` knows that it is gone. */
function withoutModulesOf(gone: readonly string[], conflicts: readonly string[]): readonly string[] {
  return conflicts.filter((file) => !gone.some((host) => file.startsWith(`modules/hosts/${host}/`)));
}

test("a host that one side removes while the other adds its neighbour stays removed, with what it leaves", async () => {
  const [mine = "", other = ""] = await clone(2);
  addHost(mine, "zigga");
  await generate(mine, "add zigga");
  removeHost(other, "ziggy");
  await generate(other, "remove ziggy");
  const ended = traces(readLock(other), "ziggy");
  assert.equal([ended.named, ended.debts, ended.revoked.length], [false, 1, 2]);

  assert.equal(withoutModulesOf(["ziggy"], mergeOther(mine, other)), []);
  await generate(mine, "merge");
  assert.equal(traces(readLock(mine), "ziggy"), ended);
  assert.not.ok(existsSync(join(mine, lockOf("ziggy"))));
  assert.not.ok(existsSync(join(mine, "secrets/ziggy")));
  await isUpToDate(mine);
});

test("two hosts that two people remove: what both leave is owed, and the lock's conflict settles by itself", async () => {
  const [mine = "", other = ""] = await clone(2);
  removeHost(mine, "ari");
  await generate(mine, "remove ari");
  removeHost(other, "ziggy");
  await generate(other, "remove ziggy");
  const revoked = [mine, other].flatMap((root) => readLock(root).revoked ?? []);

  // Both wrote down what is owed, at the same place; no host's file is among what git asks about.
  assert.equal(withoutModulesOf(["ari", "ziggy"], mergeOther(mine, other)), [LOCK]);
  const check = await runCli(["check"], { cwd: mine });
  assert.is(check.code, 0, check.stdout + check.stderr);
  assert.match(check.stdout + check.stderr, /lock-merged/);
  await generate(mine, "merge");
  const merged = readLock(mine);
  assert.equal(merged.revoked, revoked.sort());
  assert.equal(merged.rotate, { "cats/consul-gossip": ["host ari", "host ziggy"] });
  assert.equal(Object.keys(merged.hosts), ["bianco", "cosmo", "maco", "miki"]);
  await isUpToDate(mine);
});

test("one host that both remove is gone once", async () => {
  const [mine = "", other = ""] = await clone(2);
  for (const root of [mine, other]) {
    removeHost(root, "ziggy");
    await generate(root, "remove ziggy");
  }
  assert.equal(withoutModulesOf(["ziggy"], mergeOther(mine, other)), []);
  await generate(mine, "merge");
  assert.equal(traces(readLock(mine), "ziggy"), traces(readLock(other), "ziggy"));
  await isUpToDate(mine);
});

test("one host that both add is theirs to decide, and the hint is enough", async () => {
  const [mine = "", other = ""] = await clone(2);
  for (const root of [mine, other]) {
    addHost(root, "pi4");
    await generate(root, "add pi4");
  }
  const before = readLock(other).hosts.pi4;
  assert.ok(mergeOther(mine, other).includes(lockOf("pi4")));
  const { code, stdout, stderr } = await runCli(["generate"], { cwd: mine });
  assert.is(code, 2);
  const said = stdout + stderr;
  assert.match(
    said,
    /hosts\/fleet\.lock\/pi4\.lock\.json:\d+:\d+ {2}hosts\.pi4\.wireguard is "[^"]+" in HEAD, and "[^"]+" in /,
  );
  const [, command = ""] = /`git (checkout --theirs [^`]+)`/.exec(said) ?? [];
  assert.is(command, `checkout --theirs ${lockOf("pi4")} secrets/pi4`);
  git(mine, ...command.split(" "));
  await generate(mine, "merge");
  assert.equal(readLock(mine).hosts.pi4, before);
  await isUpToDate(mine);
});

test("servers that come on one side, and one that is replaced on the other", async () => {
  const [mine = "", other = ""] = await clone(2);
  for (const [name, number] of [
    ["pi4", 74],
    ["pi5", 75],
  ] as const)
    addHost(mine, name, server(number));
  await generate(mine, "servers more");
  removeHost(other, "maco");
  addHost(other, "mado", server(78));
  await generate(other, "another server");
  const keysIn = (root: string, ...names: string[]) =>
    names.map((name) => readLock(root).hosts[name]).map((host) => [host?.mesh, host?.age, host?.ssh, host?.wireguard]);
  const before = [...keysIn(mine, "pi4", "pi5"), ...keysIn(other, "mado")];
  assert.equal(mergeOther(mine, other), []);
  await generate(mine, "merge");
  const merged = readLock(mine);
  assert.is(traces(merged, "maco").named, false);
  assert.equal(keysIn(mine, "pi4", "pi5", "mado"), before);
  await isUpToDate(mine);
});

test.run();
