import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../../generators/model/lock.js";
import { UserError } from "../../../generators/model/problem.js";
import { diffLock, writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { formatHostLock, formatLock, printLock } from "../../../generators/secrets/lock-text.js";
import { LOCK, lockOf, putOldLock, readLock } from "../../support/locks.js";
import { failure, put, readTree, withFolder } from "../../tree/temp.js";

/** The files of a lock: what is in which, and that each is written where it differs alone. */

const test = suite("secrets/lock-files");

const TWO: Lock = {
  hosts: {
    b: { age: "age1b", mesh: "10.0.0.2", facts: { ipv6: "::1", ipv4: "203.0.113.1" } },
    a: { mesh: "10.0.0.1" },
  },
  version: 2,
  devices: { phone: { mesh: "10.0.0.9" } },
};

const SHARED = `{
  "version": 2,
  "devices": {
    "phone": {
      "mesh": "10.0.0.9"
    }
  }
}
`;
const OF_B = `{
  "version": 2,
  "mesh": "10.0.0.2",
  "age": "age1b",
  "facts": {
    "ipv4": "203.0.113.1",
    "ipv6": "::1"
  }
}
`;

test("a host's block is its own file, the rest is shared; the same text whatever the order", () =>
  withFolder(async (root) => {
    assert.is(await writeLock(root, LOCK, TWO), true);
    assert.equal(readTree(root), {
      "hosts/": null,
      [LOCK]: SHARED,
      "hosts/fleet.lock/": null,
      [lockOf("a")]: '{\n  "version": 2,\n  "mesh": "10.0.0.1"\n}\n',
      [lockOf("b")]: OF_B,
    });
    assert.is(await writeLock(root, LOCK, readLock(root)), false);
  }));

test("what differs alone is written, and the file of a host that is gone goes, with the folder at last", () =>
  withFolder(async (root) => {
    await writeLock(root, LOCK, TWO);
    const { b: _, ...hosts } = TWO.hosts;
    const kinds = (lock: Lock) => diffLock(root, LOCK, lock).map(({ kind, path }) => `${kind} ${path}`);
    assert.equal(kinds({ ...TWO, hosts: { ...hosts, c: {} } }), [`create ${lockOf("c")}`, `delete ${lockOf("b")}`]);
    assert.equal(kinds({ ...TWO, revoked: ["x"] }), [`update ${LOCK}`]);
    await writeLock(root, LOCK, { ...TWO, hosts });
    assert.equal(Object.keys(readTree(root)), ["hosts/", "hosts/fleet.lock/", lockOf("a"), LOCK]);
    await writeLock(root, LOCK, { ...TWO, hosts: {} });
    assert.equal(Object.keys(readTree(root)), ["hosts/", LOCK]);
  }));

test("a lock of version 1 is split, and says the same", () =>
  withFolder(async (root) => {
    putOldLock(root, TWO);
    await writeLock(root, LOCK, TWO);
    assert.is(readFileSync(join(root, LOCK), "utf8"), SHARED);
    assert.is(readFileSync(join(root, lockOf("b")), "utf8"), OF_B);
    assert.equal(readLock(root), JSON.parse(JSON.stringify(TWO)));
  }));

test("names that are no host's never become a path, and nothing is written through a link", () =>
  withFolder(async (root) => {
    assert.throws(() => diffLock(root, LOCK, { version: 2, hosts: { "../../a": {} } }), /no host can be called/);
    mkdirSync(join(root, "hosts"));
    mkdirSync(join(root, "elsewhere"));
    symlinkSync("../elsewhere", join(root, "hosts/fleet.lock"));
    const error = await failure(writeLock(root, LOCK, TWO), UserError);
    assert.match(error.message, /hosts\/fleet\.lock is a symbolic link/);
    rmSync(join(root, "hosts/fleet.lock"));
    put(root, lockOf("a"), "");
    rmSync(join(root, lockOf("a")));
    symlinkSync("/etc/hostname", join(root, lockOf("b")));
    const linked = await failure(writeLock(root, LOCK, TWO), UserError);
    assert.match(linked.message, /b\.lock\.json is a symbolic link/);
    assert.equal(readTree(root, "elsewhere"), {});
  }));

test("a host may be called as a field is, and fields come in their order", () => {
  const odd: Lock = { version: 2, hosts: { mesh: { mesh: "10.0.0.2" }, age: { mesh: "10.0.0.1" } } };
  assert.equal(
    [...printLock(LOCK, odd)].map(([path]) => path),
    [LOCK, lockOf("mesh"), lockOf("age")],
  );
  const lock: Omit<Lock, "hosts"> = {
    revoked: ["2", "1"],
    rotate: { "cats/consul-gossip": ["host pi9"] },
    clusters: { cats: { secrets: { secrets: { id: "2", readers: ["a", "b"] }, age: { id: "3", readers: [] } } } },
    admins: { version: ["age1v"], ana: ["age1x", "age1y"] },
    version: 2,
  };
  assert.equal(Object.keys(JSON.parse(formatLock(lock))), ["version", "admins", "clusters", "rotate", "revoked"]);
  const text = formatLock(lock).replace(/\s+/g, " ");
  assert.ok(text.includes('"admins": { "ana": [ "age1x", "age1y" ], "version": [ "age1v" ] }'), text);
  assert.ok(text.includes('"secrets": { "age": { "id": "3", "readers": [] }, "secrets": { "id": "2"'), text);
  assert.match(formatLock(lock), /\n {10}"readers": \[\n {12}"a",\n {12}"b"\n/);
  const host = formatHostLock({ secrets: { db: { readers: ["a"], id: "1" } }, ssh: "s", age: "age1a" });
  assert.ok(host.replace(/\s+/g, " ").includes('"version": 2, "age": "age1a", "ssh": "s", "secrets": { "db": { "id"'));
});

test("whom files were made for stands behind them, by name", () => {
  const admins = { version: "1", mesh: "2", ana: "3" };
  const text = formatHostLock({ facts: {}, apart: { ssh: admins, age: admins }, admins, secrets: {}, age: "age1a" });
  const { version, ...host } = JSON.parse(text);
  assert.is(version, 2);
  assert.equal(Object.keys(host), ["age", "secrets", "admins", "apart", "facts"]);
  assert.equal(Object.keys(host.admins), ["ana", "mesh", "version"]);
  assert.equal(Object.keys(host.apart), ["age", "ssh"]);
  assert.is(formatHostLock(host), text);
});

test.run();
