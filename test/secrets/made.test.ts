import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CLUSTER_SECRETS, HOST_SECRETS, lockedSecretOf } from "../../generators/model/secrets.js";
import { readersOf } from "../../generators/plan/secrets.js";
import { makeValue } from "../../generators/secrets/values.js";
import { withFolder } from "../tree/temp.js";
import { planOf, shapeFleet } from "./support/fleet.js";
import { generateSecrets, makeMissing } from "./support/generate.js";
import { checkValue, decrypt, openFile } from "./support/open.js";

/** Every kind of secret: its form in the clear, who can read it, and what other programs make of it. */

const test = suite("secrets/made");

const SERVERS = ["cosmo", "maco", "miki"];

async function makeShape() {
  const admins = { nico: await generateX25519Identity(), ana: await generateX25519Identity() };
  const recipients = { nico: [await identityToRecipient(admins.nico)], ana: [await identityToRecipient(admins.ana)] };
  const fleet = shapeFleet({ admins: recipients, servers: SERVERS, agents: ["ari"], plain: ["toto"] });
  return { admins, recipients, fleet };
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

test("every kind has its documented form, and is encrypted to its readers and the admins, to nobody else", async () => {
  const { admins, recipients, fleet } = await makeShape();
  const { lock, files } = await makeMissing(fleet);
  const specs = [...planOf(fleet, lock).secrets.values()];
  assert.equal(files.map(({ spec }) => spec.name).sort(), specs.map(({ name }) => name).sort());
  assert.equal([...new Set(specs.map(({ kind }) => kind))].sort(), [...HOST_SECRETS, ...CLUSTER_SECRETS].sort());
  assert.equal(lock.admins, recipients);
  const text = new Map(files.map((file) => [file.spec.name, file.text]));
  const identities = new Map<string, string>();
  for (const name of fleet.hosts.keys()) {
    identities.set(name, (await decrypt(text.get(`${name}/identity`) ?? "", admins.nico)).trim());
  }
  for (const spec of specs) {
    const file = text.get(spec.name) ?? "";
    const value = await decrypt(file, admins.nico);
    assert.is(await decrypt(file, admins.ana), value);
    await checkValue(lock, spec, value);
    assert.equal(readersOf(lock, spec), spec.readers);
    assert.is(lockedSecretOf(lock, spec)?.retiring, undefined);
    for (const [name, identity] of identities) {
      const read = await decrypt(file, identity).catch(() => null);
      assert.is(read, spec.readers.includes(name) ? value : null, `${spec.name}, read by ${name}`);
    }
    const header = Buffer.from(file.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
    assert.is(header.match(/^-> X25519 /gm)?.length, spec.readers.length + 2, spec.name);
  }
  const values = await Promise.all(files.map((file) => decrypt(file.text, admins.nico)));
  assert.is(new Set(values).size, values.length);
  assert.equal(lock.hosts.toto?.secrets, undefined);
});

test("Debian's age, ssh-keygen and wg read what was made, where they are installed", () =>
  withFolder(async (root) => {
    if (!isInstalled("age")) return;
    const { admins, fleet } = await makeShape();
    const lock = await generateSecrets(root, fleet);
    mkdirSync(join(root, "keys"), { mode: 0o700 });
    const run = (program: string, args: readonly string[], input = ""): string => {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, input, encoding: "utf8" });
      assert.is(status, 0, `${program}: ${stderr}`);
      return stdout;
    };
    const keyFile = (name: string, text: string) => {
      writeFileSync(join(root, "keys", name), text, { mode: 0o600 });
      return `keys/${name}`;
    };
    const admin = keyFile("admin", `${admins.nico}\n`);
    const age = (name: string, identity: string) => run("age", ["-d", "-i", identity, `secrets/${name}.age`]);
    const host = keyFile("ari", age("ari/identity", admin));
    if (isInstalled("age-keygen")) assert.is(run("age-keygen", ["-y", host]).trim(), lock.hosts.ari?.age);
    for (const spec of planOf(fleet, lock).secrets.values()) {
      await checkValue(lock, spec, age(spec.name, admin));
      if (spec.readers.includes("ari")) assert.is(age(spec.name, host), age(spec.name, admin));
      else assert.is.not(spawnSync("age", ["-d", "-i", host, `secrets/${spec.name}.age`], { cwd: root }).status, 0);
    }
    if (spawnSync("ssh-keygen", ["-?"]).error === undefined) {
      const ssh = keyFile("ssh", age("ari/ssh", host));
      assert.is(run("ssh-keygen", ["-y", "-P", "", "-f", ssh]).trim(), lock.hosts.ari?.ssh);
    }
    if (isInstalled("wg"))
      assert.is(run("wg", ["pubkey"], age("ari/wireguard", host)).trim(), lock.hosts.ari?.wireguard);
  }));

test("SSH host keys are OpenSSH's own format, whatever their bytes", () =>
  withFolder(async (root) => {
    if (spawnSync("ssh-keygen", ["-?"]).error !== undefined) return;
    for (let i = 0; i < 20; i++) {
      const { id, text } = makeValue("ssh");
      writeFileSync(join(root, `key${i}`), text, { mode: 0o600 });
      const { stdout, stderr } = spawnSync("ssh-keygen", ["-y", "-P", "", "-f", join(root, `key${i}`)], {
        encoding: "utf8",
      });
      assert.is(stdout.trim(), id, stderr);
    }
  }));

test("a host that comes later is read by the servers; what there was stays as it is, to the byte", () =>
  withFolder(async (root) => {
    const { admins, recipients, fleet } = await makeShape();
    const before = await generateSecrets(root, fleet);
    const gossip = readFileSync(join(root, "secrets/cats/consul-gossip.age"), "utf8");
    const more = shapeFleet({ admins: recipients, servers: SERVERS, agents: ["ari", "ziggy"], plain: ["toto"] });
    const lock = await generateSecrets(root, more);
    assert.equal(lock.clusters, before.clusters);
    assert.equal({ ...lock.hosts, ziggy: undefined }, { ...before.hosts, ziggy: undefined });
    assert.is(readFileSync(join(root, "secrets/cats/consul-gossip.age"), "utf8"), gossip);
    assert.equal(lock.hosts.ziggy?.secrets?.["consul-token"]?.readers, [...SERVERS, "ziggy"]);
    const miki = (await openFile(root, "secrets/miki/identity.age", admins.ana)).trim();
    assert.ok(await openFile(root, "secrets/ziggy/consul-token.age", miki));
  }));

test.run();
