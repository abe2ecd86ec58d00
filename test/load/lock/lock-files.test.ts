import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadLock } from "../../../generators/load/lock/load.js";
import { EMPTY_LOCK, type Lock } from "../../../generators/model/lock.js";
import { formatLock } from "../../../generators/secrets/lock-text.js";
import { LOCK, lockOf, putLock, putOldLock } from "../../support/locks.js";
import { put, withFolder } from "../../tree/temp.js";

/** A lock in its files, of this version and of the one before, and what is wrong with a file. */

const test = suite("load: lock files");

const PI = { mesh: "10.10.0.1", wireguard: "pi's" };
const TWO: Lock = { version: 2, hosts: { pi: PI, web: { mesh: "10.10.0.2" } }, revoked: ["a"] };

async function load(root: string) {
  const { lock, problems } = await loadLock(root, LOCK);
  const where = problems.map(({ code, origins, line, message }) => [code, origins[0]?.file, line, message]);
  return { lock, problems: where };
}

const fine = (lock: Lock) => ({ lock, problems: [] as unknown[] });

test("files of hosts, a lock of version 1, and both beside each other say the same", () =>
  withFolder(async (root) => {
    assert.equal(await load(root), fine({ version: 2, hosts: {} }));
    putLock(root, TWO);
    assert.equal(await load(root), fine(TWO));
    putOldLock(root, TWO);
    assert.equal(await load(root), fine(TWO));
    // As a branch from before leaves it that is taken over what others have split.
    put(root, lockOf("web"), formatLock({ version: 2, mesh: "10.10.0.2" }));
    put(root, lockOf("zed"), formatLock({ version: 2, mesh: "10.10.0.3" }));
    assert.equal(await load(root), fine({ ...TWO, hosts: { ...TWO.hosts, zed: { mesh: "10.10.0.3" } } }));
  }));

test("two blocks of one host that differ are for a person to decide", () =>
  withFolder(async (root) => {
    putOldLock(root, TWO);
    put(root, lockOf("pi"), formatLock({ version: 2, mesh: "10.10.0.1", wireguard: "another" }));
    const { problems } = await load(root);
    assert.equal(problems, [
      [
        "lock-conflict",
        lockOf("pi"),
        undefined,
        `the lock has two blocks of pi, and they differ: here, and hosts.pi in ${LOCK}`,
      ],
    ]);
  }));

test("what is no host's file is said, and what a run of meshflake leaves is not", () =>
  withFolder(async (root) => {
    putLock(root, TWO);
    // Of a run, of file managers, of editors and of git's own tools.
    for (const name of [".meshflake-tmp-0", ".DS_Store", ".pi.lock.json.swp", "pi.lock.json~", "pi.lock.json.orig"])
      put(root, `hosts/fleet.lock/${name}`, "");
    assert.equal(await load(root), fine(TWO));
    put(root, "hosts/fleet.lock/Pi.lock.json", "{}");
    mkdirSync(join(root, lockOf("folder")));
    symlinkSync("web.lock.json", join(root, lockOf("link")));
    const { problems } = await load(root);
    const names = ["Pi.lock.json", "folder.lock.json", "link.lock.json"];
    assert.equal(
      problems.map(([code, file]) => [code, file]),
      names.map((name) => ["lock-syntax", `hosts/fleet.lock/${name}`]),
    );
  }));

test("hosts' files without the shared one are an error: what is owed would be forgotten", () =>
  withFolder(async (root) => {
    putLock(root, TWO);
    rmSync(join(root, LOCK));
    const { lock, problems } = await loadLock(root, LOCK);
    assert.equal(lock, EMPTY_LOCK);
    assert.equal(
      problems.map(({ code, message, hint }) => [code, message, hint]),
      [
        [
          "lock-syntax",
          "is missing, and hosts/fleet.lock has hosts' files that belong to it",
          "bring it back from git: `git checkout HEAD -- hosts/fleet.lock.json`",
        ],
      ],
    );
  }));

test("a host's file that is wrong has its own problem", () =>
  withFolder(async (root) => {
    for (const [text, expected] of [
      ["{\n", ["lock-syntax", 2, /^is not JSON: /]],
      ["[]", ["lock-syntax", undefined, /^is not an object$/]],
      ['{ "version": 3 }', ["lock-syntax", undefined, /^version 3 is not 2/]],
      ['{ "version": 2, "mesh": 4 }', ["lock-syntax", undefined, /^is not an address$/]],
      ['{\n "version": 2,\n "mesh": "1",\n "mesh": "2"\n}', ["duplicate-key", 4, /^mesh is there twice/]],
    ] as const) {
      putLock(root, TWO);
      put(root, lockOf("pi"), text);
      const [code, line, message] = expected;
      const { lock, problems } = await load(root);
      assert.equal(lock.hosts, {});
      assert.is(problems.length, 1);
      assert.equal(problems[0]?.slice(0, 3), [code, lockOf("pi"), line]);
      assert.match(String(problems[0]?.[3]), message);
    }
    putOldLock(root, { version: 2, hosts: { "../pi": PI } });
    assert.match(JSON.stringify((await load(root)).problems), /cannot be the name of a host/);
  }));

const conflict = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> topic\n`;

test("a host's file with git's markers is merged, and one host with two keys is not", () =>
  withFolder(async (root) => {
    putLock(root, TWO);
    const text = (wireguard: string, rest: string) => `{\n  "version": 2,\n${wireguard}${rest}}\n`;
    put(root, lockOf("pi"), text('  "mesh": "10.10.0.1",\n', conflict('  "age": "a"\n', '  "ssh": "s"\n')));
    const merged = await load(root);
    assert.equal(merged.lock.hosts.pi, { mesh: "10.10.0.1", age: "a", ssh: "s" });
    assert.equal(
      merged.problems.map(([code, file, line]) => [code, file, line]),
      [["lock-merged", lockOf("pi"), 4]],
    );
    put(root, lockOf("pi"), text("", conflict('  "age": "a"\n', '  "age": "b"\n')));
    assert.equal((await load(root)).problems, [
      ["lock-conflict", lockOf("pi"), 4, 'hosts.pi.age is "a" in HEAD, and "b" in topic'],
    ]);
  }));

test("a lock of version 1 that git could not merge with one that is split is merged with its files", () =>
  withFolder(async (root) => {
    const old: Lock = { ...TWO, hosts: { ...TWO.hosts, theirs: { mesh: "10.10.0.4" } } };
    const whole = formatLock({ ...old, version: 1 });
    const split = formatLock({ version: 2, revoked: ["a"] });
    for (const [ours, theirs] of [
      [whole, split],
      [split, whole],
    ] as const) {
      putLock(root, { ...TWO, hosts: { ...TWO.hosts, own: { mesh: "10.10.0.3" } } });
      put(root, LOCK, conflict(ours, theirs));
      const { lock, problems } = await load(root);
      assert.equal(Object.keys(lock.hosts), ["own", "pi", "theirs", "web"]);
      assert.equal(lock.revoked, ["a"]);
      assert.equal(
        problems.map(([code, file]) => [code, file]),
        [["lock-merged", LOCK]],
      );
    }
    rmSync(join(root, "hosts/fleet.lock"), { recursive: true });
    assert.equal(Object.keys((await load(root)).lock.hosts), ["pi", "theirs", "web"]);
  }));

test.run();
