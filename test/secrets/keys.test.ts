import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../generators/model/lock.js";
import { UserError } from "../../generators/model/problem.js";
import { planSecretWork } from "../../generators/secrets/make/work.js";
import { makeAgeIdentity, makeWireguardPair } from "../../generators/secrets/pairs.js";
import { failure, readTree, withFolder } from "../tree/temp.js";
import { makeFleet, planOf, shapeFleet } from "./support/fleet.js";
import { generateSecrets, inspect, makeMissing, readLock } from "./support/generate.js";
import { wireguardPublicKey } from "./support/wireguard.js";

const test = suite("secrets/keys");

/** A recipient whose identity nobody needs. */
const ADMIN = "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s";
const ADMINS = { nico: [ADMIN] };

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

test("keys are made once; a host without an identity gets all anew", () => {
  const fleet = makeFleet(["a", "b", "c", "d"], ADMINS);
  const lock: Lock = {
    version: 2,
    admins: ADMINS,
    hosts: {
      a: { mesh: "10.10.0.1", age: "age1a", wireguard: "w", ssh: "s" },
      b: { mesh: "10.10.0.2", age: "age1b", ssh: "s" },
      c: { mesh: "10.10.0.3", wireguard: "w", ssh: "s" },
    },
  };
  const plan = planOf(fleet, lock);
  const work = planSecretWork(fleet, plan.secrets, lock, plan.lock);
  const names = work.missing.map(({ name }) => name);
  const all = (host: string) => ["identity", "ssh", "wireguard"].map((slug) => `${host}/${slug}`);
  assert.equal(names, ["b/wireguard", ...all("c"), ...all("d")]);
  assert.equal(work.lock.hosts.c, { mesh: "10.10.0.3" });
  assert.equal(work.lock.hosts.a, lock.hosts.a);
});

test("a lock from before there were secrets gets what it lacks, and keeps its keys", async () => {
  const fleet = shapeFleet({ admins: ADMINS, servers: ["cosmo"] });
  const { lock: full } = await makeMissing(fleet);
  const { mesh, age, wireguard } = full.hosts.cosmo ?? {};
  const old = { version: 2, hosts: { cosmo: { mesh, age, wireguard } } } as Lock;
  const { lock, files } = await makeMissing(fleet, old);
  assert.equal([lock.hosts.cosmo?.age, lock.hosts.cosmo?.wireguard], [age, wireguard]);
  assert.equal(lock.admins, ADMINS);
  assert.equal(files.map(({ spec }) => spec.name).sort(), [
    ...["consul-gossip", "consul-management", "nomad-gossip", "nomad-management"].map((slug) => `cats/${slug}`),
    ...["consul-token", "nomad-token", "ssh"].map((slug) => `cosmo/${slug}`),
  ]);
});

test("nothing missing: the plan's lock itself, and no files", async () => {
  const empty = makeFleet([], {});
  assert.equal(await makeMissing(empty), { lock: planOf(empty).lock, files: [] });
  const fleet = shapeFleet({ admins: ADMINS, servers: ["cosmo"] });
  const { lock } = await makeMissing(fleet);
  const plan = planOf(fleet, lock);
  const work = planSecretWork(fleet, plan.secrets, lock, plan.lock);
  assert.is(work.lock, plan.lock);
  assert.equal([work.missing, work.removed], [[], []]);
});

test("without an admin's recipient, or with a wrong one, no key is made", async () => {
  const none = await failure(makeMissing(makeFleet(["ari"], { nico: [] })), UserError);
  assert.match(none.message, /no admin has an age recipient/);
  const wrong = await failure(makeMissing(makeFleet(["ari"], { nico: [ADMIN], ana: ["age1nonsense"] })), UserError);
  assert.match(wrong.message, /"age1nonsense" of admin ana is not an age recipient/);
});

test("files are in their places, readable by their owner; a second run changes nothing", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"] });
    await generateSecrets(root, fleet);
    const before = readTree(root);
    assert.equal(Object.keys(before), [
      ...[
        "hosts/",
        "hosts/fleet.lock/",
        "hosts/fleet.lock/ari.lock.json",
        "hosts/fleet.lock.json",
        "secrets/",
        "secrets/ari/",
      ],
      ...["consul-token", "identity", "nomad-token", "ssh", "wireguard"].map((slug) => `secrets/ari/${slug}.age`),
      "secrets/cats/",
      ...["consul-gossip", "consul-management", "nomad-gossip", "nomad-management"].map((s) => `secrets/cats/${s}.age`),
    ]);
    assert.is(statSync(join(root, "secrets/ari/identity.age")).mode & 0o777, 0o600);
    await generateSecrets(root, fleet);
    assert.equal(readTree(root), before);
  }));

test("an environment has secrets of its own, and the fleet's are no strays of it", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], ADMINS);
    const dev = makeFleet(["ari"], ADMINS, "dev");
    await generateSecrets(root, fleet);
    await generateSecrets(root, dev);
    assert.ok("secrets/environments/dev/ari/wireguard.age" in readTree(root));
    assert.equal([...inspect(root, fleet).problems, ...inspect(root, dev).problems], []);
    assert.not.equal((await readLock(root, fleet)).hosts, (await readLock(root, dev)).hosts);
  }));

test("secrets are never written through a symbolic link", () =>
  withFolder(async (root) => {
    mkdirSync(join(root, "elsewhere"));
    mkdirSync(join(root, "secrets"));
    symlinkSync("../elsewhere", join(root, "secrets/ari"));
    const error = await failure(generateSecrets(root, makeFleet(["ari"], ADMINS)), UserError);
    assert.match(error.message, /secrets\/ari is a symbolic link/);
    assert.equal(readTree(root, "elsewhere"), {});
    assert.not.ok("hosts/fleet.lock.json" in readTree(root));
  }));

test.run();
