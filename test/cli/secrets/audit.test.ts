import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../../generators/model/lock.js";
import { putLock, readLock } from "../../support/locks.js";
import { copyFleet, edit, type Repository } from "./fleet.js";

/** What is told where the lock, the files and the declarations disagree: what is to be done, and that once. */

const auditing = suite("cli: secrets audit");

type Draft = { -readonly [Key in keyof Lock]: Lock[Key] };

function changeLock({ root }: Repository, change: (lock: Draft) => void): void {
  const lock = structuredClone(readLock(root));
  change(lock);
  putLock(root, lock);
}

/** Takes an entry out of the lock, as a bad merge does. */
function lose(repository: Repository, kind: "hosts" | "clusters", of: string, slug: string): void {
  changeLock(repository, (lock) => {
    const { [slug]: _, ...secrets } = lock[kind]?.[of]?.secrets ?? {};
    Object.assign(lock[kind]?.[of] ?? {}, { secrets });
  });
}

/** A fleet whose own secrets have values, so that nothing is to be done. */
async function copySettled(): Promise<Repository> {
  const repository = await copyFleet();
  for (const name of ["cosmo/photos", "cats/shared"]) {
    assert.is(repository.pipe("value", "secrets", "set", name).code, 0);
  }
  assert.is((await repository.run("generate")).code, 0);
  assert.match((await repository.run("secrets", "audit")).stdout, /nothing has to be done/);
  return repository;
}

auditing("an entry that the lock lost is one thing to do, whatever it was", async () => {
  const cases = [
    ["clusters", "cats", "consul-management", /restore the entry in hosts\/fleet\.lock\.json from git; to make a new/],
    [
      "hosts",
      "ari",
      "consul-token",
      /restore the entry in hosts\/fleet\.lock\/ari\.lock\.json from git; to make a new/,
    ],
    ["clusters", "cats", "shared", /restore the entry .*; or give the value again: meshflake secrets set cats\/shared/],
  ] as const;
  for (const [kind, of, slug, fix] of cases) {
    const repository = await copySettled();
    lose(repository, kind, of, slug);
    const { code, stdout } = await repository.run("secrets", "audit");
    assert.is(code, 1);
    assert.match(stdout, fix);
    assert.match(stdout, new RegExp(`^✗ secrets/${of}/${slug}\\.age: the lock has no entry of it`));
    assert.is(stdout.split("\n").filter((line) => line.startsWith("✗")).length, 1, stdout);
    assert.match(stdout, /^1 thing to do$/m);
  }
});

auditing("a value that was never made is said as before", async () => {
  const repository = await copySettled();
  lose(repository, "clusters", "cats", "consul-management");
  rmSync(join(repository.root, "secrets/cats/consul-management.age"));
  const { stdout } = await repository.run("secrets", "audit");
  assert.match(stdout, /^✗ cats\/consul-management has no value yet\n {2}meshflake generate\n1 thing to do$/m);
});

auditing("what one deed ends is one thing to do", async () => {
  const repository = await copySettled();
  changeLock(repository, (lock) => {
    const { ari: _, ...hosts } = lock.hosts;
    lock.hosts = hosts;
  });
  const { stdout } = await repository.run("secrets", "audit");
  assert.ok(stdout.split("\n").filter((line) => /^✗ secrets\/ari\/.*no entry of it/.test(line)).length >= 5, stdout);
  assert.match(stdout, /^1 thing to do$/m);
  const { findings } = JSON.parse((await repository.run("secrets", "audit", "--json")).stdout);
  assert.ok(findings.length >= 5);
});

auditing("a host with another identity has not left: whoever has the earlier one knows", async () => {
  const repository = await copySettled();
  changeLock(repository, (lock) => {
    const { age: _, ...ari } = lock.hosts.ari ?? {};
    lock.hosts = { ...lock.hosts, ari };
  });
  rmSync(join(repository.root, "secrets/ari/identity.age"));
  const { stdout } = await repository.run("generate");
  assert.match(
    stdout,
    /to rotate, since whoever has ari's earlier identity knew them: cats\/consul-gossip, cats\/shared/,
  );
  const audit = (await repository.run("secrets", "audit")).stdout;
  assert.match(audit, /^✗ whoever has ari's earlier identity knows cats\/shared, and must not any more$/m);
  assert.not.match((await repository.run("secrets", "audit", "ari")).stdout, /left/);
});

auditing("a host that may not read a secret any more is named itself, and nobody says that it left", async () => {
  const repository = await copySettled();
  edit(repository.root, "hosts/fleet.ts", '["ari", "cosmo"]', '["cosmo"]');
  assert.is((await repository.run("secrets", "rekey")).code, 0);
  const audit = (await repository.run("secrets", "audit")).stdout;
  assert.match(audit, /^✗ host ari knows cats\/shared, and must not any more$/m);
  const own = (await repository.run("secrets", "audit", "ari")).stdout;
  assert.match(own, /^ari could read earlier\n {2}cats\/shared$/m);
});

auditing("a secret that is declared for no host is told from one that nothing declares", async () => {
  const repository = await copySettled();
  edit(repository.root, "hosts/fleet.ts", '["ari", "cosmo"]', "[]");
  for (const name of ["shared", "cats/shared"]) {
    const { code, stderr } = await repository.run("secrets", "show", name);
    assert.is(code, 2);
    assert.match(stderr, /is declared for no host of cats, so nobody would read it\nHint: name hosts in its `hosts`/);
  }
  assert.match((await repository.run("secrets", "show", "cats/shard")).stderr, /no secret is named `cats\/shard`/);
  const { stdout } = await repository.run("secrets", "audit");
  assert.match(stdout, /^✗ secrets\/cats\/shared\.age: the secret cats\/shared is declared for no host$/m);
  const strange = join(repository.root, "secrets/cats/strange.age");
  writeFileSync(strange, readFileSync(join(repository.root, "secrets/cats/shared.age")));
  assert.match((await repository.run("secrets", "audit")).stdout, /nothing declares a secret cats\/strange/);
});

auditing.run();
