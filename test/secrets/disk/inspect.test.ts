import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fleet } from "../../../generators/model/fleet.js";
import type { Lock } from "../../../generators/model/lock.js";
import { writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { settleSecrets } from "../../../generators/secrets/disk/stage.js";
import { withSecret } from "../../../generators/secrets/lock-entries.js";
import { sealSecret, stageSecrets } from "../../../generators/secrets/sealed.js";
import { withoutDigests } from "../../support/locks.js";
import { put, readTree, withFolder } from "../../tree/temp.js";
import { makeFleet, planOf, shapeFleet } from "../support/fleet.js";
import { generateSecrets, inspect, makeMissing, readLock } from "../support/generate.js";

const test = suite("secrets/inspect");

const ADMINS = { nico: ["age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s"] };

function find(root: string, fleet: Fleet, lock?: Lock): string[] {
  return inspect(root, fleet, lock).problems.map(
    ({ code, severity, message, origins }) =>
      `${severity} ${code} ${origins[0]?.path.join(".") || origins[0]?.file}: ${message}`,
  );
}

test("a lost secret is a problem that says what to do, of whatever kind it is", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"] });
    await generateSecrets(root, fleet);
    assert.equal(find(root, fleet), []);
    for (const file of ["ari/wireguard", "ari/consul-token", "cats/nomad-gossip"])
      rmSync(join(root, `secrets/${file}.age`));
    assert.equal(find(root, fleet).sort(), [
      "error secret-missing clusters.cats.secrets.nomad-gossip: the lock has cats's Nomad gossip key, but secrets/cats/nomad-gossip.age does not exist",
      "error secret-missing secrets.consul-token: the lock has ari's Consul token, but secrets/ari/consul-token.age does not exist",
      "error secret-missing wireguard: the lock has the public half of ari's WireGuard key, but secrets/ari/wireguard.age does not exist",
    ]);
    const [{ hint = "" } = {}] = inspect(root, fleet).problems;
    assert.match(hint, /restore the file from git; or, to make a new (key|one), remove .* from hosts\/fleet\.lock/);
    rmSync(join(root, "secrets"), { recursive: true });
    assert.is(find(root, fleet).length, 9);
  }));

test("what is not age's any more is a problem as well: emptied, replaced, merged, cut off", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari", "cosmo"], ADMINS);
    // From before entries had digests: whole files are what begins and ends as age's do.
    await writeLock(root, fleet.lockFile, withoutDigests(await generateSecrets(root, fleet)));
    const whole = readFileSync(join(root, "secrets/ari/ssh.age"), "utf8");
    const broken = () => find(root, fleet).map((text) => text.replace(/^error secret-broken [\w.]+: secrets\//, ""));
    put(root, "secrets/cosmo/identity.age", "age-encryption.org/v1\n-> X25519 binary\n");
    put(root, "secrets/cosmo/ssh.age", whole.replaceAll("\n", "\r\n"));
    put(root, "secrets/cosmo/wireguard.age", whole.replace(/\n([^-])/, `\n${`${"A".repeat(64)}\n`.repeat(200)}$1`));
    assert.equal(broken(), []);
    put(root, "secrets/ari/identity.age", "");
    put(root, "secrets/ari/ssh.age", whole.slice(0, whole.length >> 1));
    put(root, "secrets/ari/wireguard.age", "hello\n");
    put(
      root,
      "secrets/cosmo/ssh.age",
      whole.replace("\n", "\n<<<<<<< HEAD\n").replace("\n-----END", "\n=======\n>>>>>>> b\n-----END"),
    );
    put(
      root,
      "secrets/cosmo/wireguard.age",
      whole.replace(/\n([^-])/, `\n${`${"A".repeat(64)}\n`.repeat(200)}$1`).slice(0, -20),
    );
    assert.equal(broken(), [
      "ari/identity.age is empty",
      "ari/ssh.age is cut off: its last line is missing",
      "ari/wireguard.age is not encrypted with age",
      "cosmo/ssh.age has git's conflict markers",
      "cosmo/wireguard.age is cut off: its last line is missing",
    ]);
  }));

test("a file that the lock does not explain is a warning; one that would be lost, an error", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"], own: { ari: ["db"] } });
    const lock = await generateSecrets(root, fleet);
    const text = readFileSync(join(root, "secrets/ari/ssh.age"), "utf8");
    for (const file of ["ari/db.age", "ari/other.age", "ari/ssh.age.orig", "gone/identity.age"])
      put(root, `secrets/${file}`, text);
    put(root, "secrets/mine/notes.age", text);
    put(root, "secrets/ari/README.md", "mine");
    assert.equal(find(root, fleet).sort(), [
      "warning secret-stray secrets/ari/db.age: the lock has no entry of it, and no host gets it",
      "warning secret-stray secrets/ari/other.age: nothing declares a secret ari/other",
      "warning secret-stray secrets/ari/ssh.age.orig: it is no secret's file",
      "warning secret-stray secrets/gone/identity.age: it belongs to no host and no cluster",
    ]);
    for (const path of ["ari/db.age", "ari/other.age", "ari/ssh.age.orig", "gone", "mine"]) {
      rmSync(join(root, `secrets/${path}`), { recursive: true });
    }
    const { wireguard: _, ...ari } = lock.hosts.ari ?? {};
    assert.equal(find(root, fleet, { ...lock, hosts: { ari } }), [
      "error secret-stray secrets/ari/wireguard.age: the lock has no entry of it, and generate would replace a value that may be in use",
    ]);
    const lost = "the lock has no entry of it, and generate would replace a value that may be in use";
    assert.equal(
      find(root, fleet, { version: 2, hosts: { ari: { mesh: "10.10.0.1" } } }).filter((one) => !one.includes(lost)),
      [],
    );
    assert.is(find(root, fleet, { version: 2, hosts: { ari: { mesh: "10.10.0.1" } } }).length, 9);
    const { clusters: __, ...rest } = lock;
    assert.is(find(root, fleet, rest).filter((one) => one.startsWith("error secret-stray secrets/cats/")).length, 4);
  }));

test("to make a new value of what is damaged or of no entry, the hints are enough", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"] });
    const made = await generateSecrets(root, fleet);
    const { wireguard: _, ...ari } = made.hosts.ari ?? {};
    const hint = () => inspect(root, fleet).problems.map(({ hint = "" }) => hint);
    const file = join(root, "secrets/ari/wireguard.age");
    put(root, "secrets/ari/wireguard.age", "");
    assert.equal(hint(), [
      "restore the file from git; or, to make a new key, delete the file and remove wireguard from hosts/fleet.lock/ari.lock.json",
    ]);
    // The two steps in either order; each alone is an error, and its hint names the other.
    rmSync(file);
    assert.equal(hint(), [
      "restore the file from git; or, to make a new key, remove wireguard from hosts/fleet.lock/ari.lock.json",
    ]);
    put(root, "secrets/ari/wireguard.age", readFileSync(join(root, "secrets/ari/ssh.age"), "utf8"));
    await writeLock(root, fleet.lockFile, { ...made, hosts: { ari } });
    assert.equal(hint(), [
      "restore the entry in hosts/fleet.lock/ari.lock.json from git; to make a new value, delete the file",
    ]);
    rmSync(file);
    assert.equal(hint(), []);
    const after = await generateSecrets(root, fleet);
    assert.is.not(after.hosts.ari?.wireguard, made.hosts.ari?.wireguard);
    assert.equal(find(root, fleet), []);
  }));

test("own secrets: missing, no longer declared, and at last forgotten", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"], own: { ari: ["db"] } });
    const made = await generateSecrets(root, fleet);
    const spec = planOf(fleet, made).secrets.get("ari/db");
    assert.ok(spec !== undefined);
    const lock = withSecret(made, spec, { id: "0".repeat(32), readers: ["ari"] });
    await writeLock(root, fleet.lockFile, lock);
    assert.equal(find(root, fleet), [
      "error secret-missing secrets.db: the lock has ari's secret db, but secrets/ari/db.age does not exist",
    ]);
    await (await stageSecrets(root, [await sealSecret(fleet, lock, spec, "value\n")])).commit();
    assert.equal(find(root, fleet), []);
    const without = shapeFleet({ admins: ADMINS, servers: ["ari"] });
    assert.equal(find(root, without), [
      "warning secret-stray secrets/ari/db.age: nothing declares the secret ari/db any more",
    ]);
    await generateSecrets(root, without);
    assert.equal(await readLock(root, fleet), JSON.parse(JSON.stringify(lock)));
    rmSync(join(root, "secrets/ari/db.age"));
    assert.equal([...inspect(root, without).lost], ["ari/db"]);
    await generateSecrets(root, without);
    assert.equal(await readLock(root, fleet), JSON.parse(JSON.stringify(made)));
  }));

test("a removed host's secrets go with its lock entry; what a person put there stays", () =>
  withFolder(async (root) => {
    await generateSecrets(root, makeFleet(["ari", "cosmo"], ADMINS));
    put(root, "secrets/ari/token.age", "mine");
    put(root, "secrets/shared/identity.age", "not a host's");
    await generateSecrets(root, makeFleet(["cosmo"], ADMINS));
    const files = Object.keys(readTree(root, "secrets")).filter((path) => path.endsWith(".age"));
    assert.equal(files, [
      "secrets/ari/token.age",
      ...["identity", "ssh", "wireguard"].map((slug) => `secrets/cosmo/${slug}.age`),
      "secrets/shared/identity.age",
    ]);
  }));

test("staged secrets that the lock does not confirm are dropped, and so are half-written ones", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], ADMINS);
    const { lock: before } = planOf(fleet);
    const made = await makeMissing(fleet);
    await stageSecrets(root, made.files);
    assert.is(inspect(root, fleet, before).discard.length, 3);
    const count = (lock: Lock) => {
      const { finish, discard, problems } = inspect(root, fleet, lock);
      return [finish.length, discard.length, problems.length];
    };
    assert.equal(count(made.lock), [3, 0, 0]);
    assert.equal(count({ ...made.lock, admins: { ana: ["age1x"] } }), [0, 3, 3]);
    const staged = Object.keys(readTree(root, "secrets")).find((path) => path.endsWith("-ssh.age")) ?? "";
    put(root, staged, readFileSync(join(root, staged), "utf8").slice(0, -10));
    assert.equal(count(made.lock), [2, 1, 1]);
    settleSecrets(root, inspect(root, fleet, before));
    assert.equal(readTree(root, "secrets"), {});
  }));

test.run();
