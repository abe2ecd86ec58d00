import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadLock } from "../../../generators/load/lock/load.js";
import { hasConflict, hasMarkers, splitConflict } from "../../../generators/load/merge/conflict.js";
import { mergeLocks } from "../../../generators/load/merge/lock-merge.js";
import type { Lock, LockedHost, LockedSecret } from "../../../generators/model/lock.js";
import { withFolder } from "../../tree/temp.js";
import { addedTwice, branchesOf, LOCK, mergeByGit, putStages } from "./branches.js";

/** Two versions of a lock in one: what is kept, and what nobody may guess. */

const test = suite("load: merged locks");

const lockOf = (hosts: Readonly<Record<string, LockedHost>>, more: Partial<Lock> = {}): Lock => ({
  version: 2,
  hosts,
  ...more,
});
const gossip = (readers: readonly string[], id = "a", more: Partial<LockedSecret> = {}): Lock =>
  lockOf({}, { clusters: { cats: { secrets: { "consul-gossip": { id, readers, ...more } } } } });
const PI = { mesh: "10.10.0.1" };

function merge(ours: Lock, theirs: Lock, base?: Lock) {
  const { value, clashes } = mergeLocks(ours, theirs, base && { value: base });
  return clashes.length > 0 ? clashes.map(({ path }) => path.join(".")) : value;
}

test("what one side alone has is kept, unless the other is known to have removed it", () => {
  const [one, two] = [lockOf({ pi: PI, pi4: PI }), lockOf({ pi: PI, pi5: PI })];
  assert.equal(merge(one, two), lockOf({ pi: PI, pi4: PI, pi5: PI }));
  assert.equal(merge(one, two, lockOf({ pi: PI })), lockOf({ pi: PI, pi4: PI, pi5: PI }));
  assert.equal(merge(one, two, lockOf({ pi: PI, pi4: PI })), lockOf({ pi: PI, pi5: PI }));
});

test("a host that one side removed and the other changed stays: generate knows whether it is gone", () => {
  const changed = { mesh: "10.10.0.9" };
  assert.equal(merge(lockOf({}), lockOf({ pi: changed }), lockOf({ pi: PI })), lockOf({ pi: changed }));
});

test("a value that both sides changed is a clash, unless one of them left it", () => {
  const [one, two, three] = ["1", "2", "3"].map((end) => lockOf({ pi: { mesh: `10.10.0.${end}` } })) as [
    Lock,
    Lock,
    Lock,
  ];
  assert.equal(merge(one, two), ["hosts.pi.mesh"]);
  assert.equal(merge(one, two, three), ["hosts.pi.mesh"]);
  assert.equal(merge(one, two, one), two);
  assert.equal(merge(one, two, two), one);
});

test("debts and revoked tokens of both sides count, and those that a side settled do not", () => {
  const debts = (rotate: Record<string, string[]>, revoked: string[]) => lockOf({}, { rotate, revoked });
  const one = debts({ "cats/consul-gossip": ["host pi1"], "cats/mail": ["admin eva"] }, ["a", "c"]);
  const two = debts({ "cats/consul-gossip": ["host pi2"] }, ["b"]);
  assert.equal(
    merge(one, two),
    debts({ "cats/consul-gossip": ["host pi1", "host pi2"], "cats/mail": ["admin eva"] }, ["a", "b", "c"]),
  );
  const base = debts({ "cats/consul-gossip": [], "cats/mail": ["admin eva"] }, ["c"]);
  assert.equal(merge(one, two, base), debts({ "cats/consul-gossip": ["host pi1", "host pi2"] }, ["a", "b"]));
});

test("two branches that remove a host each shorten a list of readers twice", () => {
  const base = gossip(["pi1", "pi2", "pi3", "pi4"]);
  assert.equal(merge(gossip(["pi1", "pi2", "pi3"]), gossip(["pi1", "pi2", "pi4"]), base), gossip(["pi1", "pi2"]));
});

test("two branches that encrypt a file anew for others are a clash: there is one file", () => {
  assert.equal(merge(gossip(["a", "b"]), gossip(["a", "c"]), gossip(["a"])), [
    "clusters.cats.secrets.consul-gossip.readers",
  ]);
  assert.equal(merge(gossip(["a", "b"]), gossip(["a", "c"])), ["clusters.cats.secrets.consul-gossip.readers"]);
  assert.equal(merge(gossip(["a", "b"]), gossip(["a"])), gossip(["a", "b"]));
  assert.equal(merge(gossip(["a", "b", "c"]), gossip(["b"]), gossip(["a", "b"])), gossip(["b", "c"]));
  const admins = (names: Record<string, string[]>) => lockOf({}, { admins: names });
  assert.equal(merge(admins({ nico: ["x"], eva: ["y"] }), admins({ nico: ["x"], bob: ["z"] })), ["admins"]);
  assert.equal(merge(admins({ nico: ["x"] }), admins({ bob: ["z"] }), admins({ nico: ["x"] })), admins({ bob: ["z"] }));
});

test("whom files were made for is whole as well: what one side encrypted anew is true of it, and two sides are a clash", () => {
  const made = (admins: Record<string, string>, more: Partial<LockedHost> = {}) => lockOf({ pi: { admins, ...more } });
  const base = made({ nico: "1" });
  const [came, other] = [made({ nico: "1", eva: "2" }), made({ nico: "1", bob: "3" })];
  assert.equal(merge(came, base, base), came);
  assert.equal(merge(came, other, base), ["hosts.pi.admins"]);
  assert.equal(merge(came, came, base), came);
  const first = made({ nico: "1" }, { apart: { db: { nico: "1" } } });
  assert.equal(merge(came, first, base), made({ nico: "1", eva: "2" }, { apart: { db: { nico: "1" } } }));
  const second = made({ nico: "1" }, { apart: { db: { eva: "2" }, mail: { eva: "2" } } });
  assert.equal(merge(first, second, base), ["hosts.pi.apart.db"]);
  const added = lockOf({ pi: came.hosts.pi ?? {}, pi4: { admins: { nico: "1" } } });
  assert.equal(merge(came, lockOf({ ...base.hosts, pi4: { admins: { nico: "1" } } }), base), added);
  const cluster = (admins: Record<string, string>) => lockOf({}, { clusters: { cats: { admins } } });
  assert.equal(merge(cluster({ eva: "2" }), cluster({ bob: "3" })), ["clusters.cats.admins"]);
});

test("a new value comes with its own readers, and two new values are a clash", () => {
  const rotated = gossip(["a"], "new", { retiring: ["old"] });
  assert.equal(merge(rotated, gossip(["a", "b"], "old"), gossip(["a"], "old")), rotated);
  assert.equal(merge(gossip(["a"], "old"), rotated, gossip(["a", "b"], "old")), rotated);
  assert.equal(merge(rotated, gossip(["a"], "newer")), ["clusters.cats.secrets.consul-gossip.id"]);
  assert.equal(merge(rotated, gossip(["a"], "newer"), gossip(["a"], "old")), [
    "clusters.cats.secrets.consul-gossip.id",
  ]);
  assert.equal(merge(rotated, gossip(["a"], "new"), rotated), gossip(["a"], "new"));
});

test("a digest stays with the value that it is of, and where both sides wrote the same value's file there is none", () => {
  const base = gossip(["a"], "old", { sha256: "0" });
  const [one, two] = [gossip(["a"], "old", { sha256: "1" }), gossip(["a"], "old", { sha256: "2" })];
  assert.equal(merge(one, base, base), one);
  assert.equal(merge(base, one, base), one);
  assert.equal(merge(one, two, base), gossip(["a"], "old"));
  assert.equal(merge(one, two), gossip(["a"], "old"));
  assert.equal(merge(one, gossip(["a"], "old")), gossip(["a"], "old"));
  const rotated = gossip(["a"], "new", { sha256: "3" });
  assert.equal(merge(one, rotated, base), rotated);
  assert.equal(merge(rotated, one, base), rotated);
  const pi = (ssh: string, sha256?: Record<string, string>) =>
    lockOf({ pi: { ...PI, ssh, wireguard: "w", ...(sha256 && { sha256 }) } });
  const was = pi("old", { ssh: "0", wireguard: "0" });
  assert.equal(
    merge(pi("new", { ssh: "1", wireguard: "0" }), pi("old", { ssh: "2", wireguard: "2" }), was),
    pi("new", { ssh: "1", wireguard: "2" }),
  );
  assert.equal(
    merge(pi("old", { ssh: "2", wireguard: "2" }), pi("new", { ssh: "1", wireguard: "0" }), was),
    pi("new", { ssh: "1", wireguard: "2" }),
  );
  assert.equal(merge(pi("old", { ssh: "1", wireguard: "1" }), pi("old", { ssh: "2", wireguard: "2" }), was), pi("old"));
  assert.equal(merge(pi("new", { ssh: "1" }), pi("newer", { ssh: "2" }), was), ["hosts.pi.ssh"]);
});

test("texts: every style of git's markers, any line ends; none that somebody has begun to resolve", () => {
  const plain = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\nd\n";
  const diff3 = "a\n<<<<<<< HEAD\nb\n||||||| 1234567\nx\n=======\nc\n>>>>>>> topic\nd\n";
  const expected = {
    ours: { label: "HEAD", text: "a\nb\nd\n" },
    theirs: { label: "topic", text: "a\nc\nd\n" },
    base: null as string | null,
    lines: [2, 4, 6],
  };
  assert.equal(splitConflict(plain), expected);
  assert.equal(splitConflict(plain.replaceAll("\n", "\r\n")), expected);
  assert.equal(splitConflict(diff3), { ...expected, base: "a\nx\nd\n", lines: [2, 4, 6, 8] });
  assert.is(splitConflict(plain + diff3)?.base, null);
  assert.is(splitConflict(plain.replace("topic", "1234567".padEnd(40, "a")))?.theirs.label, "1234567");
  for (const line of ["<<<<<<< HEAD", "=======", ">>>>>>> topic"]) {
    assert.is(splitConflict(plain.replace(`${line}\n`, "")), null, line);
  }
});

test("texts: any marker is one of a conflict, and a conflict is more than a marker", () => {
  const whole = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\nd\n";
  for (const text of [whole, whole.replaceAll("\n", "\r\n"), whole.slice(2, -3)])
    assert.equal([hasMarkers(text), hasConflict(text)], [true, true], text);
  for (const text of ["Title\n=======\n", ">>>>>>> topic\n=======\n<<<<<<< HEAD\n", whole.replace(/=+\n/, "")])
    assert.equal([hasMarkers(text), hasConflict(text)], [true, false], text);
  for (const text of ["", "a ======= b\n", "========\n", "<<<<<<<HEAD\n", " =======\n"])
    assert.equal([hasMarkers(text), hasConflict(text)], [false, false], text);
});

test("whatever git makes of two branches that add and remove hosts, both of them are in it", () =>
  withFolder(async (root) => {
    let conflicts = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const branches = branchesOf(seed);
      const text = mergeByGit(root, branches, ["", "--diff3", "--zdiff3"][seed % 3] as string);
      const { lock, problems } = await loadLock(root, LOCK);
      const codes = problems.map(({ code }) => code);
      if (addedTwice(branches).length > 0) {
        assert.match(codes[0] ?? "none", /^(lock-conflict|duplicate-key)$/, `${seed}:\n${text}`);
        continue;
      }
      if (codes[0] === "lock-conflict") {
        // Without what both came from, nobody knows who left a list of readers; zdiff3 does not always say it all.
        assert.is.not(seed % 3, 1, `${seed}: ${problems[0]?.message}`);
        continue;
      }
      if (codes.length > 0) conflicts++;
      assert.ok(codes.length === 0 || codes[0] === "lock-merged", `${seed}: ${problems[0]?.message}\n${text}`);
      const { base, ours, theirs } = branches;
      for (const side of [ours, theirs]) {
        for (const [name, block] of Object.entries(side.hosts)) {
          if (!(name in base.hosts)) assert.equal(lock.hosts[name], block, `${seed}: ${name}`);
        }
        for (const debt of side.rotate?.["cats/consul-gossip"] ?? [])
          assert.ok(lock.rotate?.["cats/consul-gossip"]?.includes(debt), `${seed}: ${debt}`);
      }
    }
    assert.ok(conflicts > 10, `${conflicts} conflicts`);
  }));

test("while git keeps both versions, the merged lock is exact: what was added and not removed", () =>
  withFolder(async (root) => {
    execFileSync("git", ["init", "--quiet"], { cwd: root });
    let conflicts = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const branches = branchesOf(seed);
      const text = mergeByGit(root, branches, "");
      putStages(root, branches);
      const { lock, problems } = await loadLock(root, LOCK);
      if (addedTwice(branches).length > 0) {
        assert.match(problems[0]?.code ?? "none", /^(lock-conflict|duplicate-key)$/, `${seed}:\n${text}`);
        continue;
      }
      const { base, ours, theirs } = branches;
      assert.ok(
        problems.every(({ code }) => code === "lock-merged"),
        `${seed}: ${problems[0]?.message}`,
      );
      conflicts += problems.length;
      const stays = (name: string) => name in ours.hosts && name in theirs.hosts;
      const hosts = Object.entries({ ...base.hosts, ...ours.hosts, ...theirs.hosts });
      assert.equal(
        lock.hosts,
        Object.fromEntries(hosts.filter(([name]) => stays(name) || !(name in base.hosts))),
        `${seed}`,
      );
      const readers = Object.keys(base.hosts).filter(stays).sort();
      assert.equal(lock.clusters?.cats?.secrets?.["consul-gossip"], { id: "key", readers }, `${seed}`);
    }
    assert.ok(conflicts > 10, `${conflicts} conflicts`);
  }));

test.run();
