import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lockOf, putOldLock, readLock } from "../../support/locks.js";
import { runCli } from "../process.js";
import { addHost, clone, commit, generate, isUpToDate, mergeOther, removeHost } from "./people.js";

/** Branches from before the lock was a file a host, merged with those that have split it. */

const test = suite("cli: merged old locks");

/** Two people with a lock of version 1. */
const cloneOld = () => clone(2, (root) => putOldLock(root, readLock(root)));

/** Adds a host, removes another, and leaves the lock as a meshflake of version 1 would. */
async function changeOld(root: string, add: string, remove: string): Promise<void> {
  addHost(root, add);
  removeHost(root, remove);
  await generate(root, "split");
  putOldLock(root, readLock(root));
  commit(root, "as it was");
}

async function settle(root: string): Promise<void> {
  const check = await runCli(["check"], { cwd: root });
  assert.is(check.code, 0, check.stdout + check.stderr);
  await generate(root, "merge");
  await isUpToDate(root);
}

test("check works on a lock of version 1, and generate splits it without another change", async () => {
  const [root = ""] = await cloneOld();
  const before = await runCli(["check"], { cwd: root });
  assert.is(before.code, 0, before.stdout + before.stderr);
  const { stdout } = await runCli(["generate", "--json"], { cwd: root });
  const { changes, keys } = JSON.parse(stdout).trees[0];
  assert.ok(
    changes.every(({ path }: { path: string }) => path.startsWith("hosts/fleet.lock")),
    stdout,
  );
  assert.equal(keys, []);
  assert.is((await runCli(["generate", "--check"], { cwd: root })).code, 0);
});

for (const into of ["old into new", "new into old"]) {
  test(`${into}: both sides' hosts keep their keys, and what one removed stays removed`, async () => {
    const [split = "", old = ""] = await cloneOld();
    addHost(split, "pi4");
    removeHost(split, "ari");
    await generate(split, "add pi4, remove ari");
    await changeOld(old, "pi5", "ziggy");
    const added = [readLock(split).hosts.pi4];
    const [mine, other] = into === "old into new" ? [split, old] : [old, split];
    assert.ok(mergeOther(mine, other).every((file) => file.startsWith("hosts/fleet.lock")));
    await settle(mine);
    const { hosts, rotate } = readLock(mine);
    assert.equal(Object.keys(hosts), ["bianco", "cosmo", "maco", "miki", "pi4", "pi5"]);
    assert.equal([hosts.pi4], added);
    assert.equal(rotate, { "cats/consul-gossip": ["host ari", "host ziggy"] });
    for (const gone of ["ari", "ziggy"]) assert.not.ok(existsSync(join(mine, lockOf(gone))));
  });
}

test.run();
