import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fleet } from "../../../generators/model/fleet.js";
import type { Lock } from "../../../generators/model/lock.js";
import { withDigests } from "../../../generators/secrets/digest.js";
import { writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { settleSecrets } from "../../../generators/secrets/disk/stage.js";
import { sealSecret, stageSecrets } from "../../../generators/secrets/sealed.js";
import { withoutDigests } from "../../support/locks.js";
import { put, withFolder } from "../../tree/temp.js";
import { makeFleet, planOf, shapeFleet } from "../support/fleet.js";
import { generateSecrets, inspect, makeMissing, readLock } from "../support/generate.js";

/** Digests of files in the lock: whoever writes a file notes one, and a file that was taken from elsewhere is told by it. */

const test = suite("secrets/digest");

const ADMINS = { nico: ["age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s"] };

function find(root: string, fleet: Fleet): string[] {
  return inspect(root, fleet).problems.map(
    ({ code, severity, message, origins }) => `${severity} ${code} ${origins[0]?.path.join(".")}: ${message}`,
  );
}

test("a whole file that is not the one that its entry was written for is one error, with what to do; an old entry tells nothing", () =>
  withFolder(async (root) => {
    const fleet = shapeFleet({ admins: ADMINS, servers: ["ari"], agents: ["pi"] });
    const lock = await generateSecrets(root, fleet);
    const sum = (file: string) =>
      createHash("sha256")
        .update(readFileSync(join(root, file)))
        .digest("hex");
    assert.is(lock.hosts.ari?.sha256?.ssh, sum("secrets/ari/ssh.age"));
    assert.is(lock.hosts.pi?.secrets?.["consul-token"]?.sha256, sum("secrets/pi/consul-token.age"));
    assert.is(lock.clusters?.cats?.secrets?.["nomad-gossip"]?.sha256, sum("secrets/cats/nomad-gossip.age"));
    assert.equal(find(root, fleet), []);
    // Files of another run, for the same readers: what a person takes from another branch.
    const other = await makeMissing(fleet);
    for (const { spec, path, text } of other.files) {
      const files = ["ari/ssh", "pi/consul-token", "cats/nomad-gossip"];
      if (files.includes(spec.name)) put(root, path, text);
    }
    const what = "is not the file that its entry in the lock was written for: its SHA-256 is another one";
    assert.equal(find(root, fleet).sort(), [
      `error secret-other clusters.cats.secrets.nomad-gossip.sha256: secrets/cats/nomad-gossip.age ${what}`,
      `error secret-other secrets.consul-token.sha256: secrets/pi/consul-token.age ${what}`,
      `error secret-other sha256.ssh: secrets/ari/ssh.age ${what}`,
    ]);
    const restore = (name: string, file: string) =>
      `restore secrets/${name}.age and ${file} from git, both of the same commit; or`;
    assert.equal(
      inspect(root, fleet)
        .problems.map(({ hint }) => hint)
        .sort(),
      [
        `${restore("ari/ssh", "hosts/fleet.lock/ari.lock.json")} make a new one: meshflake secrets rotate ari/ssh`,
        `${restore("cats/nomad-gossip", "hosts/fleet.lock.json")} to make a new one, delete the file and remove clusters.cats.secrets.nomad-gossip from hosts/fleet.lock.json`,
        `${restore("pi/consul-token", "hosts/fleet.lock/pi.lock.json")} make a new one: meshflake secrets rotate pi/consul-token`,
      ],
    );
    // An old lock knows no better, and nothing that only reads adds what would bless these files.
    const old = withoutDigests(lock);
    await writeLock(root, fleet.lockFile, old);
    assert.equal(find(root, fleet), []);
    await generateSecrets(root, fleet);
    assert.equal(await readLock(root, fleet), old);
  }));

test("a killed run's file counts where the lock has its digest, and not where it has the one before", () =>
  withFolder(async (root) => {
    const fleet = makeFleet(["ari"], ADMINS);
    const before = await generateSecrets(root, fleet);
    const spec = planOf(fleet, before).secrets.get("ari/ssh");
    assert.ok(spec !== undefined);
    // Encrypted anew for the same readers: of all that the lock says, the digest alone changes.
    const file = await sealSecret(fleet, before, spec, "value\n");
    const after = withDigests(before, [file]);
    await stageSecrets(root, [file]);
    const state = (lock: Lock) => {
      const { finish, discard, problems } = inspect(root, fleet, lock);
      return [finish.length, discard.length, problems.length];
    };
    assert.equal(state(before), [0, 1, 0]);
    assert.equal(state(after), [1, 0, 0]);
    await writeLock(root, fleet.lockFile, after);
    settleSecrets(root, inspect(root, fleet, after));
    assert.is(readFileSync(join(root, "secrets/ari/ssh.age"), "utf8"), file.text);
    assert.equal(find(root, fleet), []);
  }));

test.run();
