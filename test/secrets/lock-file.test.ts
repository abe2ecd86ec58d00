import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../generators/model/lock.js";
import { formatLock, writeLock } from "../../generators/secrets/lock-file.js";
import { withFolder } from "../tree/temp.js";

const test = suite("secrets/lock-file");

test("the lock is the same text whatever the order; one block a host", () =>
  withFolder(async (root) => {
    const lock: Lock = {
      hosts: {
        b: { age: "age1b", mesh: "10.0.0.2", facts: { ipv6: "::1", ipv4: "203.0.113.1" } },
        a: { mesh: "10.0.0.1" },
      },
      version: 1,
      devices: { phone: { mesh: "10.0.0.9" } },
    };
    const text = formatLock(lock);
    assert.is(
      text,
      `{
  "version": 1,
  "hosts": {
    "a": {
      "mesh": "10.0.0.1"
    },
    "b": {
      "mesh": "10.0.0.2",
      "age": "age1b",
      "facts": {
        "ipv4": "203.0.113.1",
        "ipv6": "::1"
      }
    }
  },
  "devices": {
    "phone": {
      "mesh": "10.0.0.9"
    }
  }
}
`,
    );
    mkdirSync(join(root, "hosts"));
    assert.is(await writeLock(root, "hosts/fleet.lock.json", lock), true);
    assert.is(await writeLock(root, "hosts/fleet.lock.json", JSON.parse(text)), false);
    assert.is(readFileSync(join(root, "hosts/fleet.lock.json"), "utf8"), text);
    const odd: Lock = { version: 1, hosts: { mesh: { mesh: "10.0.0.2" }, age: { mesh: "10.0.0.1" } } };
    assert.ok(formatLock(odd).indexOf('"age"') < formatLock(odd).indexOf('"mesh": {'));
  }));

test("what is about all hosts comes before them, by name; a reader a line", () => {
  const lock: Lock = {
    revoked: ["2", "1"],
    rotate: { "cats/consul-gossip": ["host pi9"] },
    hosts: { a: { secrets: { db: { readers: ["a"], id: "1" } }, ssh: "s", age: "age1a" } },
    clusters: { cats: { secrets: { secrets: { id: "2", readers: ["a", "b"] }, age: { id: "3", readers: [] } } } },
    admins: { version: ["age1v"], ana: ["age1x", "age1y"] },
    version: 1,
  };
  assert.equal(Object.keys(JSON.parse(formatLock(lock))), [
    ...["version", "admins", "clusters", "hosts", "rotate", "revoked"],
  ]);
  const text = formatLock(lock).replace(/\s+/g, " ");
  assert.ok(text.includes('"admins": { "ana": [ "age1x", "age1y" ], "version": [ "age1v" ] }'), text);
  assert.ok(text.includes('"secrets": { "age": { "id": "3", "readers": [] }, "secrets": { "id": "2"'), text);
  assert.ok(text.includes('"a": { "age": "age1a", "ssh": "s", "secrets": { "db": { "id": "1", "readers"'), text);
  assert.match(formatLock(lock), /\n {10}"readers": \[\n {12}"a",\n {12}"b"\n/);
});

test("whom files were made for stands behind them, by name", () => {
  const admins = { version: "1", mesh: "2", ana: "3" };
  const lock: Lock = {
    version: 1,
    admins: { ana: ["age1x"] },
    hosts: { a: { facts: {}, apart: { ssh: admins, age: admins }, admins, secrets: {}, age: "age1a" } },
  };
  const text = formatLock(lock);
  const { a: host = {} } = (JSON.parse(text) as Lock).hosts;
  assert.equal(Object.keys(JSON.parse(text)), ["version", "admins", "hosts"]);
  assert.equal(Object.keys(host), ["age", "secrets", "admins", "apart", "facts"]);
  assert.equal(Object.keys(host.admins ?? {}), ["ana", "mesh", "version"]);
  assert.equal(Object.keys(host.apart ?? {}), ["age", "ssh"]);
  assert.is(formatLock(JSON.parse(text)), text);
});

test.run();
