import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lockOf, readLock } from "../../support/locks.js";
import { edit, listSecrets, makeKey, readWithAge, setAdmins } from "../secrets/fleet.js";
import { addHost, changeAdmins, makeTeam, type Person, settle, sharePhotos } from "./team.js";

/** Secrets after a merge: one side changed the admins, the other one made files for those who were admins before. */

const test = suite("cli: secrets of merged branches");

const FILES = ["consul-token", "identity", "nomad-token", "ssh", "wireguard"].map((slug) => `pi4/${slug}`);

/** Which of pi4's files a key opens, by the real age. */
function opens({ root }: Person, key: { readonly file: string }): string[] {
  return FILES.filter((name) => readWithAge(root, name, key.file) !== null);
}

async function audit({ run }: Person): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await run("secrets", "audit");
  assert.ok(code === 0 || code === 1, stderr);
  return { code, said: stdout };
}

/** After a rekey there is nothing left to do for anybody. */
async function isSettled(person: Person): Promise<void> {
  await person.done("generate");
  const { code, said } = await audit(person);
  assert.is(code, 0, said);
  await person.done("generate", "--check");
  assert.match((await person.done("secrets", "rekey")).stdout, /every file is encrypted to those who are to read it/);
  assert.not.match((await person.done("check")).stdout, /secret-(unread|exposed)/);
}

test("an admin comes, and a host: they cannot read its files until somebody who can encrypts them anew", async () => {
  const { ann, bob } = await makeTeam();
  const eva = makeKey();
  await changeAdmins(ann, { ann: ann.key, bob: bob.key, eva });
  await addHost(bob, "pi4");
  ann.merge(bob);
  await settle(ann);

  assert.equal([opens(ann, eva), opens(ann, ann.key)], [[], FILES]);
  const before = await audit(ann);
  assert.is(before.code, 1);
  assert.match(
    before.said,
    /^✗ eva cannot read the files of pi4, made before they came\n {2}meshflake secrets rekey$/m,
  );
  assert.match(before.said, /^1 thing to do$/m);
  assert.match(
    (await ann.done("check")).stdout,
    /admins\.eva: eva cannot read the files of pi4 yet.*\[secret-unread\]/,
  );
  const list = (await ann.done("secrets", "list")).stdout;
  assert.match(list, /^pi4\/ssh +rekey /m);
  assert.match(list, /^cosmo\/ssh +made /m);
  assert.match(list, /all of them but for what follows: ann, bob and eva\.\neva cannot read the files of pi4/);
  await ann.done("generate", "--check");

  const values = FILES.map((name) => readWithAge(ann.root, name, ann.key.file));
  const { stdout } = await ann.done("secrets", "rekey", "--json");
  assert.equal(JSON.parse(stdout).rekeyed.sort(), ["cats/consul-gossip", ...FILES]);
  assert.equal(
    FILES.map((name) => readWithAge(ann.root, name, eva.file)),
    values,
  );
  assert.is(readLock(ann.root).rotate, undefined);
  await isSettled(ann);
});

test("an admin leaves, and a host comes: what they could read of it is to be rotated", async () => {
  const { ann, bob } = await makeTeam();
  await changeAdmins(ann, { ann: ann.key });
  await addHost(bob, "pi4");
  ann.merge(bob);
  await settle(ann);

  assert.equal(opens(ann, bob.key), FILES);
  assert.match((await audit(ann)).said, /^✗ bob can read the files of pi4, made before they left$/m);
  const said = (await ann.done("check")).stdout;
  assert.match(
    said,
    /pi4\.lock\.json:\d+:\d+ +admins: bob is no admin any more, and can read the files of pi4.*\[secret-exposed\]/,
  );
  const strict = await ann.run("check", "--strict");
  assert.is.not(strict.code, 0);
  assert.is(readLock(ann.root).rotate?.["pi4/ssh"], undefined);

  // New values are known to nobody who left; the old one of a token is, for as long as servers take it.
  const renewed = ["pi4/nomad-token", "pi4/wireguard"];
  await ann.done("secrets", "rotate", ...renewed);
  assert.equal(readLock(ann.root).hosts.pi4?.secrets?.["nomad-token"]?.knownTo, ["admin bob"]);
  await ann.done("secrets", "rekey");
  assert.equal([opens(ann, bob.key), opens(ann, ann.key)], [[], FILES]);
  const { rotate = {} } = readLock(ann.root);
  for (const name of FILES) assert.equal(rotate[name], renewed.includes(name) ? undefined : ["admin bob"], name);
  const after = await audit(ann);
  assert.is(after.code, 1);
  assert.match(after.said, /admin bob knows pi4\/ssh, and must not any more/);
  assert.not.match(after.said, /bob can read/);
  await ann.done("secrets", "rotate", "--all");
  await ann.done("secrets", "rotate", "--finish", "--force");
  assert.is(readLock(ann.root).rotate, undefined);
  await isSettled(ann);
});

test("an admin changes keys, and a host comes: the old key counts as one that left", async () => {
  const { ann, bob } = await makeTeam();
  const next = makeKey();
  await changeAdmins(bob, { ann: ann.key, bob: next });
  await addHost(ann, "pi4");
  ann.merge(bob);
  await settle(ann);

  assert.equal([opens(ann, bob.key), opens(ann, next)], [FILES, []]);
  const { said } = await audit(ann);
  assert.match(said, /^✗ a key that bob gave up can read the files of pi4, made before that$/m);
  assert.match(said, /^✗ the new key of bob cannot read the files of pi4, made without it$/m);
  await ann.done("secrets", "rekey");
  assert.equal([opens(ann, bob.key), opens(ann, next)], [[], FILES]);
  for (const name of FILES) assert.equal(readLock(ann.root).rotate?.[name], ["admin bob's old key"], name);
  await ann.done("secrets", "rotate", "--all");
  await ann.done("secrets", "rotate", "--finish", "--force");
  await isSettled(ann);
});

test("an admin takes a second key, and a host comes: the first one is nobody's to worry about", async () => {
  const { ann, bob } = await makeTeam();
  const second = makeKey();
  setAdmins(bob.root, { ann: [ann.key.recipient], bob: [bob.key.recipient, second.recipient] });
  await bob.done("secrets", "rekey");
  await bob.done("generate");
  bob.commit("a second key");
  await addHost(ann, "pi4");
  ann.merge(bob);
  await settle(ann);
  assert.match((await audit(ann)).said, /^✗ the new key of bob cannot read the files of pi4, made without it$/m);
  await ann.done("secrets", "rekey");
  assert.equal([opens(ann, bob.key), opens(ann, second)], [FILES, FILES]);
  assert.is(readLock(ann.root).rotate, undefined);
  await isSettled(ann);
});

test("an admin leaves, and a secret gets its first value: that file alone is named, and owed", async () => {
  const { ann, bob } = await makeTeam();
  edit(bob.root, "hosts/cosmo.ts", "site:", "secrets: { photos: {} },\n  site:");
  bob.pipe("value\n", "secrets", "set", "cosmo/photos");
  await bob.done("generate");
  bob.commit("photos");
  await changeAdmins(ann, { ann: ann.key });
  ann.merge(bob);
  await settle(ann);

  assert.is(readWithAge(ann.root, "cosmo/photos", bob.key.file), "value\n");
  assert.is(readWithAge(ann.root, "cosmo/ssh", bob.key.file), null);
  assert.match((await audit(ann)).said, /^✗ bob can read cosmo\/photos, made before they left$/m);
  assert.match((await ann.done("check")).stdout, /cosmo\.lock\.json:\d+:\d+ +apart\.photos: bob is no admin any more/);
  const { stdout } = await ann.done("secrets", "rekey", "--json");
  assert.equal(JSON.parse(stdout).rekeyed, ["cosmo/photos"]);
  assert.is(readWithAge(ann.root, "cosmo/photos", bob.key.file), null);
  assert.equal(readLock(ann.root).rotate?.["cosmo/photos"], ["admin bob"]);
});

test("both sides encrypted everything anew: which files are told, and what to run", async () => {
  const { ann, bob } = await makeTeam();
  const eva = makeKey();
  setAdmins(ann.root, { ann: [ann.key.recipient], bob: [bob.key.recipient], eva: [eva.recipient] });
  await ann.done("generate");
  ann.commit("eva");
  assert.equal(bob.merge(ann), []);
  for (const person of [ann, bob]) {
    await person.done("secrets", "rekey");
    person.commit("rekey");
  }
  const conflicts = ann.merge(bob);
  assert.equal(
    conflicts.filter((file) => !file.startsWith("hosts/fleet.lock")),
    listSecrets(ann.root)
      .map((name) => `secrets/${name}.age`)
      .sort(),
  );

  const { code, stderr } = await ann.run("secrets", "show", "cosmo/ssh");
  assert.is(code, 1);
  assert.match(stderr, /secrets\/cosmo\/ssh\.age has git's conflict markers, and so have \d+ other files/);
  assert.match(stderr, /`git checkout --ours secrets\/cosmo\/ssh\.age`; then `meshflake secrets rekey --all`/);
  const { said } = await audit(ann);
  assert.match(said, /secrets\/cosmo\/ssh\.age has git's conflict markers/);
  assert.match(said, /^1 thing to do$/m, said);
  assert.is.not((await ann.run("check")).code, 0);

  ann.git("checkout", "--ours", "secrets");
  ann.git("checkout", "--theirs", "secrets/cosmo/ssh.age");
  await ann.done("secrets", "rekey", "--all");
  ann.commit("merge");
  for (const name of listSecrets(ann.root)) assert.is.not(readWithAge(ann.root, name, eva.file), null, name);
  await isSettled(ann);
});

test("a new value against files that are encrypted anew: the side is named whose value the lock has", async () => {
  const { ann, bob } = await makeTeam();
  assert.equal(await sharePhotos(ann, bob), []);
  await changeAdmins(ann, { ann: ann.key, bob: bob.key, eva: makeKey() });
  bob.pipe("NEW\n", "secrets", "set", "cosmo/photos");
  bob.commit("new value");

  assert.equal(ann.merge(bob), [lockOf("cosmo"), "secrets/cosmo/photos.age"]);
  const { stdout } = await ann.run("secrets", "audit");
  assert.match(
    stdout,
    /`git checkout --theirs secrets\/cosmo\/photos\.age`; then `meshflake secrets rekey cosmo\/photos`/,
  );
  ann.git("checkout", "--theirs", "secrets/cosmo/photos.age");
  await ann.done("secrets", "rekey", "cosmo/photos");
  await settle(ann);
  await ann.done("secrets", "audit");
  assert.is(readWithAge(ann.root, "cosmo/photos", ann.key.file), "NEW\n");
});

test("a host in another one's place, while admins come and go: git takes neither's file for the other's", async () => {
  const { ann, bob } = await makeTeam();
  const [maria, ...others] = [makeKey(), makeKey(), makeKey(), makeKey()] as const;
  const [xenia, yves, zoe] = others;
  await changeAdmins(ann, { ann: ann.key, bob: bob.key, xenia, yves, zoe });
  assert.equal(bob.merge(ann), []);
  await changeAdmins(ann, { ann: ann.key, maria, xenia, yves, zoe });
  rmSync(join(bob.root, "hosts/ziggy.ts"));
  await addHost(bob, "zorro");

  ann.merge(bob);
  ann.git("rm", "-r", "--quiet", "--ignore-unmatch", "secrets/ziggy", "modules/hosts/ziggy");
  await settle(ann);
  assert.equal(Object.keys(readLock(ann.root).hosts.zorro?.admins ?? {}), ["ann", "bob", "xenia", "yves", "zoe"]);
  const { code, stdout } = await ann.run("secrets", "audit");
  assert.is(code, 1);
  assert.match(stdout, /bob can read the files of zorro/);
  await ann.done("secrets", "rekey");
  assert.is(readWithAge(ann.root, "zorro/ssh", bob.key.file), null);
  assert.is.not(readWithAge(ann.root, "zorro/ssh", maria.file), null);
});

test.run();
