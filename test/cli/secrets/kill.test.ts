import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../../cli/context.js";
import { rotateSecrets } from "../../../cli/secrets/rotate/rotate.js";
import type { Secrets } from "../../../cli/secrets/session.js";
import { compileFleet } from "../../../generators/compile.js";
import { readersOf } from "../../../generators/plan/secrets.js";
import { openDecryptor } from "../../../generators/secrets/decrypt/decrypt.js";
import { withDigests } from "../../../generators/secrets/digest.js";
import { inspectSecrets } from "../../../generators/secrets/disk/inspect.js";
import { writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { settleSecrets } from "../../../generators/secrets/disk/stage.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { stageSecrets } from "../../../generators/secrets/sealed.js";
import { cleanEnv, PACKAGE, readFolder } from "../process.js";
import { copyFleet, identityOf, type Repository, readWithAge } from "./fleet.js";

/** Whatever a killed run left, the next one ends with files that their readers can read. */

const killed = suite("cli: secrets, killed");

const CONTEXT = { progress: { step: () => {}, note: () => {}, clear: () => {} } } as unknown as Context;

async function open(root: string): Promise<Secrets> {
  const { fleet, plan, repository, views, proof } = await compileFleet(root);
  const { lock, lockFile } = repository;
  const state = inspectSecrets(root, fleet, plan.secrets, lock);
  const target = { environment: null, lock, lockFile, plan, views, proof };
  return { root, fleet, target, lock, lockFile, specs: plan.secrets, state, problems: [] };
}

const openKey = (file: string) => openDecryptor([{ file, text: readFileSync(file, "latin1") }], () => {});

/** Every file is readable by the admin, and by exactly the hosts that the lock says. @returns how many files there are */
async function checkReaders(repository: Repository): Promise<number> {
  const { root, identity } = repository;
  const { lock, fleet, specs, state } = await open(root);
  assert.equal([state.finish, state.discard, state.problems], [[], [], []]);
  const admin = await openKey(identity);
  const hosts = await Promise.all(
    [...fleet.hosts.keys()].map(async (host) => ({ host, key: await openKey(identityOf(repository, host)) })),
  );
  const made = [...specs.values()].filter((spec) => idOf(lock, spec) !== null);
  for (const spec of made) {
    const data = readFileSync(join(root, "secrets", `${spec.name}.age`));
    await admin.decrypt(spec.name, data, "");
    for (const { host, key } of hosts) {
      const readable = await key.decrypt(spec.name, data, "").then(
        () => true,
        () => false,
      );
      assert.is(readable, readersOf(lock, spec)?.includes(host) === true, `${host} and ${spec.name}`);
    }
  }
  return made.length;
}

async function rotateIdentity({ root, identity }: Repository) {
  const secrets = await open(root);
  const spec = secrets.specs.get("cosmo/identity");
  if (spec === undefined) throw new Error("cosmo has no identity");
  const selection = { made: [spec], own: [], lost: null };
  const { lock, files } = await rotateSecrets(CONTEXT, secrets, selection, () => openKey(identity));
  return { secrets, rotated: { lock: withDigests(lock, files), files } };
}

killed("before the lock has a host's new identity, nothing that is encrypted to it is taken", async () => {
  const repository = await copyFleet();
  const { root } = repository;
  const before = readFolder(root);
  const { rotated } = await rotateIdentity(repository);
  await stageSecrets(root, rotated.files);
  const { fleet, specs, lock } = await open(root);
  const state = inspectSecrets(root, fleet, specs, lock);
  assert.is(state.discard.length, rotated.files.length);
  assert.equal(state.finish, []);
  settleSecrets(root, state);
  assert.equal(readFolder(root), before);
  assert.ok((await checkReaders(repository)) > 30);
});

killed("once the lock has it, all of it is", async () => {
  const repository = await copyFleet();
  const { root } = repository;
  const old = await openKey(identityOf(repository, "cosmo"));
  const { secrets, rotated } = await rotateIdentity(repository);
  await stageSecrets(root, rotated.files);
  await writeLock(root, secrets.lockFile, rotated.lock);
  const { state } = await open(root);
  assert.is(state.finish.length, rotated.files.length);
  assert.equal(state.discard, []);
  settleSecrets(root, state);
  assert.ok((await checkReaders(repository)) > 30);
  const data = readFileSync(join(root, "secrets/cosmo/ssh.age"));
  assert.is(
    await old.decrypt("cosmo/ssh", data, "").then(
      () => true,
      () => false,
    ),
    false,
  );
});

/** Enough for every part of a run, on a fast machine and on a slow one. */
const MOMENTS = [0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

killed("at any moment: the next generate ends with readable files", async () => {
  const repository = await copyFleet();
  const { root, run, identity } = repository;
  const start = performance.now();
  await run("secrets", "rotate", "--host", "cosmo");
  const duration = performance.now() - start;
  for (const moment of MOMENTS) {
    const child = spawn(process.execPath, [join(PACKAGE, "dist/cli/main.js"), "secrets", "rotate", "--host", "cosmo"], {
      cwd: root,
      env: cleanEnv({ MESHFLAKE_IDENTITY: identity }),
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await wait(duration * moment);
    child.kill("SIGKILL");
    await ended;
    const { code, stderr } = await run("generate");
    assert.is(code, 0, stderr);
    assert.ok((await checkReaders(repository)) > 30);
    assert.match(readWithAge(root, "cats/consul-gossip", identity) ?? "", /^\["/);
  }
});

killed.run();
