import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { installPlugin } from "../../secrets/support/plugin.js";
import { lockOf, readLock } from "../../support/locks.js";
import { makeFolder, readFolder, runCli } from "../process.js";
import { copyFleet, edit, identityOf, listSecrets, makeKey, readWithAge, removeHost, setAdmins } from "./fleet.js";

const rekey = suite("cli: secrets rekey");

interface Audit {
  readonly clean: boolean;
  readonly findings: readonly { readonly kind: string; readonly secrets: readonly string[]; readonly must: boolean }[];
}

async function audit(root: string): Promise<Audit> {
  return JSON.parse((await runCli(["secrets", "audit", "--json"], { cwd: root })).stdout);
}

const kinds = ({ findings }: Audit) => [...new Set(findings.map(({ kind }) => kind))].sort();

/** The fleet declares two secrets that have no value. */
async function copySettled() {
  const repository = await copyFleet();
  repository.pipe("photos", "secrets", "set", "photos");
  repository.pipe("shared", "secrets", "set", "shared");
  return repository;
}

rekey("where nothing changed there is nothing to do, and no key is asked for", async () => {
  const { root } = await copySettled();
  const before = readFolder(root);
  const { code, stdout } = await runCli(["secrets", "rekey"], { cwd: root });
  assert.is(code, 0);
  assert.match(stdout, /every file is encrypted to those who are to read it/);
  assert.equal(readFolder(root), before);
  assert.is((await audit(root)).clean, true);
});

rekey("an admin who comes reads everything afterwards; values stay the same", async () => {
  const { root, run, identity } = await copySettled();
  const maria = makeKey();
  const nico = readLock(root).admins?.nico ?? [];
  const before = listSecrets(root).map((name) => readWithAge(root, name, identity));
  setAdmins(root, { nico, maria: [maria.recipient] });
  assert.is((await run("generate")).code, 0);
  assert.equal(kinds(await audit(root)), ["admins"]);
  assert.is(readWithAge(root, "cosmo/ssh", maria.file), null);
  const wrong = await runCli(["secrets", "rekey", "-i", maria.file], { cwd: root });
  assert.is(wrong.code, 1, "she cannot let herself in");
  const { code, stderr } = await run("secrets", "rekey");
  assert.is(code, 0, stderr);
  assert.match(stderr, /encrypting cosmo\/ssh \(\d+ of 36\)/);
  const names = listSecrets(root);
  assert.is(names.length, 36);
  for (const key of [maria.file, identity]) {
    assert.equal(
      names.map((name) => readWithAge(root, name, key)),
      before,
    );
  }
  assert.equal(readLock(root).admins, { maria: [maria.recipient], nico });
  assert.is((await audit(root)).clean, true);
  assert.is((await run("secrets", "show", "cosmo/ssh", "-i", maria.file)).code, 0);
});

rekey("an admin with a hardware key: its plugin encrypts, and age with the plugin decrypts", async () => {
  const { root, identity } = await copySettled();
  const key = installPlugin(makeFolder());
  setAdmins(root, { nico: [...(readLock(root).admins?.nico ?? []), key.recipient] });
  const without = await runCli(["secrets", "rekey", "-i", identity], { cwd: root });
  assert.is(without.code, 1);
  assert.match(without.stderr, /of admin nico needs age-plugin-plain, which is not installed/);
  const env = { PATH: `${key.folder}:${process.env.PATH}` };
  const run = await runCli(["secrets", "rekey", "-i", identity], { cwd: root, env });
  assert.is(run.code, 0, run.stderr);
  assert.is((await audit(root)).clean, true);
  const show = await runCli(["secrets", "show", "photos", "-i", key.identity], { cwd: root, env });
  assert.is(show.stdout, "photos", show.stderr);
  assert.is((await runCli(["check"], { cwd: root })).code, 0);
});

rekey("an admin who leaves reads nothing that is written from then on, and everything is to be rotated", async () => {
  const { root, run, identity } = await copySettled();
  const maria = makeKey();
  setAdmins(root, { maria: [maria.recipient] });
  assert.is((await run("generate")).code, 0);
  const early = await run("secrets", "rotate", "--all");
  assert.is(early.code, 1);
  assert.match(early.stderr, /nico is no admin any more[\s\S]*meshflake secrets rekey/);
  const { code, stdout } = await run("secrets", "rekey");
  assert.is(code, 0);
  assert.match(stdout, /36 secrets known to somebody who must not know them any more/);
  for (const name of listSecrets(root)) {
    assert.is(readWithAge(root, name, identity), null, name);
    assert.equal(readLock(root).rotate?.[name], ["admin nico"]);
  }
  assert.equal(kinds(await audit(root)), ["rotate"]);
  const rotate = await runCli(["secrets", "rotate", "--all", "--json", "-i", maria.file], { cwd: root });
  assert.is(rotate.code, 0, rotate.stdout);
  assert.equal(JSON.parse(rotate.stdout).toSet, ["cats/shared", "cosmo/photos"]);
  assert.equal(Object.keys(readLock(root).rotate ?? {}), ["cats/shared", "cosmo/photos"]);
});

rekey("an admin who changes keys stays, and what the old key opened is to be rotated", async () => {
  const { root, run, identity } = await copySettled();
  const next = makeKey();
  setAdmins(root, { nico: [next.recipient] });
  assert.is((await run("generate")).code, 0);
  const { stdout } = await run("secrets", "rekey");
  assert.match(stdout, /nico gave up a recipient, and whoever has its key [^\n]*: meshflake secrets rotate --all/);
  for (const name of listSecrets(root)) {
    assert.is(readWithAge(root, name, identity), null, name);
    assert.equal(readLock(root).rotate?.[name], ["admin nico's old key"]);
  }
  const audited = await audit(root);
  assert.equal([audited.clean, kinds(audited)], [false, ["rotate"]]);
  const { stdout: said } = await run("secrets", "audit");
  assert.match(said, /admin nico's old key knows cosmo\/ssh, and must not any more/);
  const rotate = await runCli(["secrets", "rotate", "--all", "-i", next.file], { cwd: root });
  assert.is(rotate.code, 0, rotate.stderr);
  assert.equal(Object.keys(readLock(root).rotate ?? {}), ["cats/shared", "cosmo/photos"]);
});

rekey("a host that comes reads what it shares after a rekey; nothing else is touched", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  writeFileSync(join(root, "hosts/dodo.ts"), readFileSync(join(root, "hosts/bianco.ts")));
  edit(root, "hosts/fleet.ts", 'hosts: ["ari", "cosmo"]', 'hosts: ["ari", "cosmo", "dodo"]');
  assert.is((await run("generate")).code, 0);
  const { findings } = await audit(root);
  const about = findings.map(({ kind, secrets: [name], must }) => [kind, name, must]);
  assert.equal(about, [
    ["late", "cats/consul-gossip", false],
    ["unreadable", "cats/shared", true],
  ]);
  const before = readFolder(root);
  const { code, stdout } = await run("secrets", "rekey");
  assert.is(code, 0);
  assert.match(stdout, /2 files encrypted anew/);
  const dodo = identityOf(repository, "dodo");
  assert.is(readWithAge(root, "cats/shared", dodo), "shared");
  assert.match(readWithAge(root, "cats/consul-gossip", dodo) ?? "", /^\["/);
  const changed = [...readFolder(root)].filter(([file, { text }]) => before.get(file)?.text !== text);
  assert.equal(changed.map(([file]) => file).sort(), [
    "hosts/fleet.lock.json",
    "secrets/cats/consul-gossip.age",
    "secrets/cats/shared.age",
  ]);
  assert.is((await audit(root)).clean, true);
  assert.is((await run("generate", "--check")).code, 3, "its module lists the secret now");
});

rekey("a host that is no reader any more knew the value: the rekey notes it", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  edit(root, "hosts/fleet.ts", 'hosts: ["ari", "cosmo"]', 'hosts: ["cosmo"]');
  assert.equal(kinds(await audit(root)), ["readable"]);
  assert.is((await run("secrets", "rekey")).code, 0);
  assert.is(readWithAge(root, "cats/shared", identityOf(repository, "ari")), null);
  assert.equal(readLock(root).rotate, { "cats/shared": ["host ari"] });
  assert.is(repository.pipe("another", "secrets", "set", "shared").code, 0);
  assert.is(readLock(root).rotate, undefined);
  assert.is((await audit(root)).clean, true);
});

rekey("by names, and --all", async () => {
  const { root, run } = await copySettled();
  const changed = async (...args: string[]) => {
    const before = readFolder(root);
    assert.is((await run("secrets", "rekey", ...args)).code, 0);
    return [...readFolder(root)].filter(([file, { text }]) => before.get(file)?.text !== text).map(([file]) => file);
  };
  // The file, and its digest in the lock.
  assert.equal(await changed("photos", "cosmo/photos"), [lockOf("cosmo"), "secrets/cosmo/photos.age"]);
  const all = await changed("--all");
  assert.is(all.filter((file) => file.startsWith("secrets/")).length, 36);
});

rekey("a damaged file stops it before anything is written", async () => {
  const { root, run } = await copySettled();
  const file = join(root, "secrets/ziggy/ssh.age");
  writeFileSync(file, readFileSync(file, "utf8").slice(0, -60));
  const before = readFolder(root);
  const { code, stderr } = await run("secrets", "rekey", "--all");
  assert.is(code, 1);
  assert.match(stderr, /secrets\/ziggy\/ssh\.age is damaged/);
  assert.equal(readFolder(root), before);
});

rekey("with the host and its files gone, only what is left is looked at", async () => {
  const { root, run } = await copySettled();
  removeHost(root, "bianco");
  const before = await audit(root);
  assert.is(before.clean, false);
  assert.is((await run("generate")).code, 0);
  mkdirSync(join(root, "secrets/bianco"));
  writeFileSync(join(root, "secrets/bianco/ssh.age"), "");
  const { findings } = await audit(root);
  assert.equal(findings.map(({ kind }) => kind).sort(), ["file", "rotate"]);
});

rekey.run();
