import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../generators/model/lock.js";
import { UserError } from "../../generators/model/problem.js";
import { inspectSecrets, settleSecrets, stageSecrets } from "../../generators/secrets/key-files.js";
import { makeKeys, planKeys } from "../../generators/secrets/keys.js";
import { formatLock, writeLock } from "../../generators/secrets/lock-file.js";
import { makeAgeIdentity, makeWireguardPair } from "../../generators/secrets/pairs.js";
import { failure, put, readTree, withFolder } from "../tree/temp.js";
import { makeAdmin, makeFleet, planLock } from "./fleet.js";
import { generateKeys, readLock } from "./generate.js";
import { wireguardPublicKey } from "./wireguard.js";

const test = suite("secrets/keys");

/** A recipient whose identity nobody needs. */
const ADMIN = "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s";

async function decrypt(text: string, identity: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(text), "text");
}

test("WireGuard pairs are clamped and fit together", () => {
  for (let i = 0; i < 50; i++) {
    const { publicHalf, secretHalf } = makeWireguardPair();
    const raw = Buffer.from(secretHalf, "base64");
    assert.is(raw.length, 32);
    assert.is((raw[0] ?? 0) & 7, 0);
    assert.is((raw[31] ?? 0) & 192, 64);
    assert.is(wireguardPublicKey(secretHalf), publicHalf);
  }
});

test("age identities and their recipients fit together", async () => {
  const { publicHalf, secretHalf } = makeAgeIdentity();
  assert.match(secretHalf, /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
  assert.is(await identityToRecipient(secretHalf), publicHalf);
});

test("wg agrees, where it is installed", () => {
  const { publicHalf, secretHalf } = makeWireguardPair();
  const wg = spawnSync("wg", ["pubkey"], { input: `${secretHalf}\n`, encoding: "utf8" });
  if (wg.error === undefined) assert.is(wg.stdout.trim(), publicHalf);
});

test("each host reads its WireGuard key, admins read all, and nobody else anything", async () => {
  const admin = await generateX25519Identity();
  const fleet = makeFleet(["ari", "cosmo"], [makeAdmin([await identityToRecipient(admin)])]);
  const lock = planLock(["ari", "cosmo"]);
  const made = await makeKeys(fleet, lock, planKeys(fleet, lock));
  const file = new Map(made.files.map(({ path, text }) => [path, text]));
  const identity = async (host: string): Promise<string> =>
    (await decrypt(file.get(`secrets/${host}/identity.age`) ?? "", admin)).trim();
  const secret = file.get("secrets/ari/wireguard.age") ?? "";
  assert.is(await decrypt(secret, await identity("ari")), await decrypt(secret, admin));
  assert.is(wireguardPublicKey((await decrypt(secret, admin)).trim()), made.lock.hosts.ari?.wireguard);
  await failure(decrypt(secret, await identity("cosmo")), Error);
  await failure(decrypt(file.get("secrets/ari/identity.age") ?? "", await identity("ari")), Error);
  assert.is(made.lock.hosts.ari?.mesh, "10.10.0.1");
});

test("keys are made once; a host without an identity gets both", () => {
  const fleet = makeFleet(["a", "b", "c"], [makeAdmin([ADMIN])]);
  const lock: Lock = {
    version: 1,
    hosts: {
      a: { mesh: "10.0.0.1", age: "age1a", wireguard: "w" },
      b: { mesh: "10.0.0.2", age: "age1b" },
      c: { mesh: "10.0.0.3", wireguard: "w" },
    },
  };
  assert.equal(planKeys(fleet, lock), [
    { host: "b", kinds: ["wireguard"] },
    { host: "c", kinds: ["age", "wireguard"] },
  ]);
});

test("nothing missing, nothing loaded, the lock as it was", async () => {
  const fleet = makeFleet([], []);
  const lock = planLock([]);
  assert.is((await makeKeys(fleet, lock, planKeys(fleet, lock))).lock, lock);
});

test("without an admin's recipient no key is made", async () => {
  const fleet = makeFleet(["ari"], [makeAdmin([])]);
  const lock = planLock(["ari"]);
  const error = await failure(makeKeys(fleet, lock, planKeys(fleet, lock)), UserError);
  assert.match(error.message, /no admin has an age recipient/);
});

test("files are in their places, readable by their owner; a second run changes nothing", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], [makeAdmin([ADMIN])]);
    await generateKeys(root, fleet);
    const before = readTree(root);
    assert.equal(Object.keys(before), [
      "hosts/",
      "hosts/fleet.lock.json",
      "secrets/",
      "secrets/ari/",
      "secrets/ari/identity.age",
      "secrets/ari/wireguard.age",
    ]);
    assert.is(statSync(join(root, "secrets/ari/identity.age")).mode & 0o777, 0o600);
    await generateKeys(root, fleet);
    assert.equal(readTree(root), before);
  }));

test("an environment has secrets of its own, and the fleet's are no orphans of it", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], [makeAdmin([ADMIN])]);
    const dev = { ...makeFleet(["ari"], [makeAdmin([ADMIN])], "dev"), lockFile: "hosts/environments/dev.lock.json" };
    await generateKeys(root, fleet);
    await generateKeys(root, dev);
    assert.ok("secrets/environments/dev/ari/wireguard.age" in readTree(root));
    assert.equal(inspectSecrets(root, fleet, readLock(root, fleet)).orphans, []);
    assert.not.equal(readLock(root, fleet).hosts, readLock(root, dev).hosts);
  }));

test("a lost secret is a problem that says what to do", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], [makeAdmin([ADMIN])]);
    const lock = await generateKeys(root, fleet);
    assert.equal(inspectSecrets(root, fleet, lock).problems, []);
    rmSync(join(root, "secrets/ari/wireguard.age"));
    const [problem, ...rest] = inspectSecrets(root, fleet, lock).problems;
    assert.equal(rest, []);
    assert.is(problem?.code, "secret-missing");
    assert.equal(problem?.origins, [{ file: "hosts/fleet.lock.json", path: ["hosts", "ari", "wireguard"] }]);
    assert.match(problem?.message ?? "", /secrets\/ari\/wireguard\.age does not exist/);
    assert.match(problem?.hint ?? "", /restore the file from git/);
  }));

test("a secret that is not age's any more is a problem as well", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari", "cosmo"], [makeAdmin([ADMIN])]);
    const lock = await generateKeys(root, fleet);
    const find = () => inspectSecrets(root, fleet, lock).problems.map(({ code, message }) => `${code}: ${message}`);
    put(root, "secrets/cosmo/identity.age", "age-encryption.org/v1\n-> X25519 binary\n");
    assert.equal(find(), []);
    put(root, "secrets/ari/identity.age", "");
    put(root, "secrets/ari/wireguard.age", "<<<<<<< HEAD\n-----BEGIN AGE ENCRYPTED FILE-----\n");
    assert.equal(find(), [
      "secret-broken: secrets/ari/identity.age is empty",
      "secret-broken: secrets/ari/wireguard.age is not encrypted with age",
    ]);
  }));

test("a removed host's secrets go with its lock entry; what a person put there stays", () =>
  withFolder(async (root) => {
    await generateKeys(root, makeFleet(["ari", "cosmo"], [makeAdmin([ADMIN])]));
    put(root, "secrets/ari/token.age", "mine");
    put(root, "secrets/shared/identity.age", "not a host's");
    await generateKeys(root, makeFleet(["cosmo"], [makeAdmin([ADMIN])]));
    const files = Object.keys(readTree(root, "secrets")).filter((path) => path.endsWith(".age"));
    assert.equal(files, [
      "secrets/ari/token.age",
      "secrets/cosmo/identity.age",
      "secrets/cosmo/wireguard.age",
      "secrets/shared/identity.age",
    ]);
    const fleet = makeFleet(["cosmo"], [makeAdmin([ADMIN])]);
    assert.equal(inspectSecrets(root, fleet, readLock(root, fleet)).orphans, [
      { host: "shared", files: ["secrets/shared/identity.age"] },
    ]);
  }));

test("staged secrets that the lock does not have are dropped", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], [makeAdmin([ADMIN])]);
    const lock = planLock(["ari"]);
    const made = await makeKeys(fleet, lock, planKeys(fleet, lock));
    await stageSecrets(root, made.files);
    assert.is(inspectSecrets(root, fleet, lock).discard.length, 2);
    const state = inspectSecrets(root, fleet, made.lock);
    assert.equal([state.finish.length, state.discard.length, state.problems.length], [2, 0, 0]);
    settleSecrets(root, inspectSecrets(root, fleet, lock));
    assert.equal(readTree(root, "secrets"), {});
  }));

test("secrets are never written through a symbolic link", () =>
  withFolder(async (root) => {
    mkdirSync(join(root, "elsewhere"));
    mkdirSync(join(root, "secrets"));
    symlinkSync("../elsewhere", join(root, "secrets/ari"));
    const error = await failure(generateKeys(root, makeFleet(["ari"], [makeAdmin([ADMIN])])), UserError);
    assert.match(error.message, /secrets\/ari is a symbolic link/);
    assert.equal(readTree(root, "elsewhere"), {});
    assert.not.ok("hosts/fleet.lock.json" in readTree(root));
  }));

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

test.run();
