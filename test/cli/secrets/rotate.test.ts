import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { putLock, readLock, withoutDigests } from "../../support/locks.js";
import { commitAll, compareFolders, type Run, readFolder, runCli } from "../process.js";
import {
  copyFleet,
  edit,
  identityOf,
  listSecrets,
  makeKey,
  type Repository,
  readWithAge,
  removeHost,
} from "./fleet.js";

const rotate = suite("cli: secrets rotate, audit");

async function audit({ root }: Repository, ...args: string[]) {
  const run = await runCli(["secrets", "audit", "--json", ...args], { cwd: root });
  return { ...JSON.parse(run.stdout), code: run.code };
}

/** Rotates without an admin's key. */
function rotateKeyless({ root }: Repository, ...args: string[]): Promise<Run> {
  return runCli(["secrets", "rotate", ...args], { cwd: root });
}

const locked = ({ root }: Repository, host: string, slug: string) => readLock(root).hosts[host]?.secrets?.[slug];

async function copySettled(): Promise<Repository> {
  const repository = await copyFleet();
  repository.pipe("photos", "secrets", "set", "photos");
  repository.pipe("shared", "secrets", "set", "shared");
  return repository;
}

rotate("a gossip key: the new one before the old one, then the new one alone", async () => {
  const repository = await copySettled();
  const { root, run, identity } = repository;
  for (const name of ["cats/consul-gossip", "cats/nomad-gossip"]) {
    const [old] = JSON.parse(readWithAge(root, name, identity) ?? "");
    const keyless = await rotateKeyless(repository, name);
    assert.is(keyless.code, 1, "the old key stays in the ring, so it has to be read");
    const { code, stdout } = await run("secrets", "rotate", name);
    assert.is(code, 0);
    const consul = "env CONSUL_HTTP_TOKEN_FILE=/run/agenix/consul-management consul keyring -list-primary";
    const seen =
      name === "cats/consul-gossip"
        ? ` {2}3\\. see that all agents of cats use the new key: meshflake ssh cosmo -- (?:sudo )?${consul}\\n {2}4\\. once all of them run that`
        : " {2}3\\. once all of them run that";
    assert.match(
      stdout,
      new RegExp(
        `Next:\\n {2}1\\. meshflake generate.*\\n {2}2\\. deploy cosmo, maco.*\\n${seen}: meshflake secrets rotate ${name} --finish\\n`,
      ),
    );
    const both = JSON.parse(readWithAge(root, name, identity) ?? "");
    assert.is(both.length, 2);
    assert.is(both[1], old);
    assert.is(readWithAge(root, name, identityOf(repository, "cosmo")), `${JSON.stringify(both)}\n`);
    const begun = await audit(repository);
    assert.equal([begun.code, begun.findings[0].kind], [1, "rotating"]);
    const finish = await run("secrets", "rotate", name, "--finish");
    assert.is(finish.code, 0);
    assert.equal(JSON.parse(readWithAge(root, name, identity) ?? ""), [both[0]]);
    assert.is((await audit(repository)).clean, true);
  }
  const twice = await run("secrets", "rotate", "cats/nomad-gossip", "--finish");
  assert.is(twice.code, 2);
  assert.match(twice.stderr, /is in no rotation/);
  assert.match((await run("secrets", "rotate", "--finish")).stdout, /nothing is in rotation/);
  assert.is(readLock(root).revoked, undefined, "a gossip key has no accessor");
});

rotate("a token: both are valid until the end, then servers delete the old one; without a key", async () => {
  const repository = await copySettled();
  const { root, identity } = repository;
  const old = locked(repository, "ziggy", "consul-token");
  const value = readWithAge(root, "ziggy/consul-token", identity);
  assert.is((await rotateKeyless(repository, "ziggy/consul-token")).code, 0);
  const next = locked(repository, "ziggy", "consul-token");
  assert.equal(next?.retiring, [old?.id]);
  assert.not.equal(next?.id, old?.id);
  const token = readWithAge(root, "ziggy/consul-token", identityOf(repository, "ziggy")) ?? "";
  assert.match(token, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/);
  assert.is.not(token, value);
  assert.is(readWithAge(root, "ziggy/consul-token", identityOf(repository, "cosmo")), token, "servers install it");
  assert.is((await rotateKeyless(repository, "--finish")).code, 0);
  assert.equal(locked(repository, "ziggy", "consul-token"), {
    ...{ id: next?.id, readers: old?.readers },
    sha256: next?.sha256,
  });
  assert.equal(readLock(root).revoked, [old?.id]);
  assert.is((await runCli(["generate"], { cwd: root })).code, 0);
  assert.is((await audit(repository)).clean, true);
});

rotate("a management token and a WireGuard key at once, and peers learn the new public half", async () => {
  const repository = await copySettled();
  const { root, identity } = repository;
  const names = ["cats/consul-management", "cats/nomad-management", "ari/wireguard"];
  const before = readLock(root);
  const values = names.map((name) => readWithAge(root, name, identity));
  const { code, stdout } = await rotateKeyless(repository, ...names);
  assert.is(code, 0);
  assert.not.match(stdout, /--finish/);
  assert.match(stdout, /deploy ari, ziggy, cosmo, maco and miki /, "bianco knows ari through relays alone");
  const after = readLock(root);
  for (const [i, name] of names.entries()) assert.is.not(readWithAge(root, name, identity), values[i], name);
  assert.is.not(after.hosts.ari?.wireguard, before.hosts.ari?.wireguard);
  assert.is((await runCli(["generate"], { cwd: root })).code, 0);
  const mesh = readFileSync(join(root, "modules/hosts/cosmo/mesh.nix"), "utf8");
  assert.ok(mesh.includes(after.hosts.ari?.wireguard ?? "?"));
});

/** The hosts of the step that says what to deploy, in its order. */
function listDeployed(stdout: string): readonly string[] {
  const [, names = ""] = /^ {2}\d+\. deploy ([\w, ]+) \(/m.exec(stdout) ?? [];
  return names.split(/, | and /);
}

/** Hosts with another module. */
function listChanged(before: ReturnType<typeof readFolder>, root: string): readonly string[] {
  const changed = compareFolders(before, readFolder(root)).flatMap((line) => {
    const [, host] = /^. modules\/hosts\/(\w+)\//.exec(line) ?? [];
    return host === undefined ? [] : [host];
  });
  return [...new Set(changed)].sort();
}

rotate("a WireGuard key: what only the mesh reaches is deployed before its peers, and nobody else is", async () => {
  // In Madrid, bianco has neither a public address nor IPv6.
  for (const [host, first] of [
    ["bianco", ["bianco", "cosmo", "maco", "miki"]],
    ["ziggy", ["ziggy", "ari", "cosmo", "maco", "miki"]],
    ["cosmo", ["bianco", "ari", "ziggy", "cosmo", "maco", "miki"]],
  ] as const) {
    const repository = await copySettled();
    const { root } = repository;
    assert.is((await runCli(["generate"], { cwd: root })).code, 0);
    const before = readFolder(root);
    const { stdout } = await rotateKeyless(repository, `${host}/wireguard`);
    assert.equal(listDeployed(stdout), first);
    assert.match(stdout, new RegExp(`, in this order: ${host} leaves the mesh when deployed, until the peers are`));
    assert.is((await runCli(["generate"], { cwd: root })).code, 0);
    assert.equal([...new Set([host, ...listChanged(before, root)])].sort(), [...first].sort());
  }
});

rotate("what is to be typed switches the host, and not the machine where it is typed", async () => {
  const repository = await copySettled();
  for (const [name, at] of [
    ["cosmo/ssh", "root@203.0.113.10"],
    ["ari/ssh", "root@ari.cats.example.org"],
    ["bianco/ssh", "root@bianco.mesh.cats.example.org"],
  ] as const) {
    const { stdout } = await rotateKeyless(repository, name);
    const command = `nixos-rebuild switch --flake .#${name.replace("/ssh", "")} --target-host ${at}, with`;
    assert.ok(stdout.includes(command), stdout);
  }
  edit(repository.root, "hosts/fleet.ts", "\n  sites:", '\n  deploy: { user: "nico" },\n  sites:');
  const { stdout } = await rotateKeyless(repository, "cosmo/ssh");
  assert.match(stdout, /--target-host nico@203\.0\.113\.10 --sudo, with/);
});

/** The keys that the generated file has of ari. */
function knownKeysOf({ root }: Repository): string[] {
  const lines = readFileSync(join(root, "modules/hosts/known_hosts"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("ari,")).map((line) => line.split(" ").slice(1).join(" "));
}

rotate("an SSH host key: known_hosts has the old one too until --finish, and rekey keeps it", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  const before = readLock(root).hosts.ari?.ssh ?? "?";
  const { stdout } = await rotateKeyless(repository, "ari/ssh");
  assert.match(stdout, /deploy ari[\s\S]*once all of them run that: meshflake secrets rotate ari\/ssh --finish/);
  const after = readLock(root).hosts.ari?.ssh ?? "?";
  assert.is.not(after, before);
  assert.match(readWithAge(root, "ari/ssh", identityOf(repository, "ari")) ?? "", /BEGIN OPENSSH PRIVATE KEY/);
  assert.is((await run("ssh", "ari", "--print")).code, 0, "the host has the old key, and so has the file");
  assert.is((await run("secrets", "rekey", "--all")).code, 0);
  assert.is((await run("generate")).code, 0);
  assert.equal(knownKeysOf(repository), [after, before]);
  assert.match((await audit(repository)).findings[0].message, /ari\/ssh is in rotation/);
  await rotateKeyless(repository, "ari/ssh");
  assert.equal(
    readLock(root).hosts.ari?.sshRotation?.retiring,
    [after, before].sort(),
    "neither was deployed for sure",
  );
  const finish = await rotateKeyless(repository, "--finish");
  assert.is(finish.code, 0, finish.stderr);
  assert.not.match(finish.stdout, /deploy/);
  assert.is((await run("generate")).code, 0);
  assert.equal(knownKeysOf(repository), [readLock(root).hosts.ari?.ssh]);
  assert.is(readLock(root).hosts.ari?.sshRotation, undefined);
  assert.is((await audit(repository)).clean, true);
});

rotate("a lost host's SSH key is not believed any more", async () => {
  const repository = await copySettled();
  await repository.run("secrets", "rotate", "--host", "ari");
  assert.is(readLock(repository.root).hosts.ari?.sshRotation, undefined);
  await repository.run("generate");
  assert.equal(knownKeysOf(repository), [readLock(repository.root).hosts.ari?.ssh]);
});

rotate("an identity: all that the host reads is encrypted to the new one, and the old one reads nothing", async () => {
  const repository = await copySettled();
  const { root, run, identity } = repository;
  const old = identityOf(repository, "cosmo");
  const read = listSecrets(root).filter((name) => readWithAge(root, name, old) !== null);
  const values = read.map((name) => readWithAge(root, name, identity));
  const unread = listSecrets(root).filter((name) => !read.includes(name) && name !== "cosmo/identity");
  const before = readFolder(root);
  const { code, stdout } = await run("secrets", "rotate", "cosmo/identity");
  assert.is(code, 0);
  assert.match(stdout, new RegExp(`${read.length} files encrypted to the new identity`));
  assert.match(
    stdout,
    /2\. meshflake identity cosmo --tar \| meshflake ssh cosmo -- (sudo )?tar -C \/ -xpf -,[^\n]*\n {2}3\. deploy/,
  );
  const fresh = identityOf(repository, "cosmo");
  const [newKey = "", oldKey = "", ...more] = readFileSync(fresh, "utf8").trim().split("\n");
  assert.equal([oldKey, more], [readFileSync(old, "utf8").trim(), []], "the old key is behind the new one");
  const recipient = execFileSync("age-keygen", ["-y"], { input: newKey, encoding: "utf8" }).trim();
  assert.is(readLock(root).hosts.cosmo?.age, recipient);
  // What lies on the host before the deployment, and after it, as agenix opens it.
  for (const name of read) {
    const text = before.get(`secrets/${name}.age`)?.text ?? "";
    const opened = execFileSync("age", ["-d", "-i", fresh], { input: text, encoding: "utf8" });
    assert.is(opened, values[read.indexOf(name)], name);
  }
  assert.equal(
    read.map((name) => readWithAge(root, name, fresh)),
    values,
  );
  for (const name of read) assert.is(readWithAge(root, name, old), null, name);
  for (const name of unread) {
    const file = `secrets/${name}.age`;
    assert.is(readFolder(root).get(file)?.text, before.get(file)?.text, name);
  }
  assert.is((await audit(repository)).clean, true);
});

rotate("removing a host, from its file to a clean audit", async () => {
  const repository = await copySettled();
  const { root, run, identity } = repository;
  const miki = identityOf(repository, "miki");
  const known = listSecrets(root).filter((name) => readWithAge(root, name, miki) !== null);
  const old = new Map(known.map((name) => [name, readWithAge(root, name, identity)]));
  const ids = ["consul-token", "nomad-token"].map((slug) => locked(repository, "miki", slug)?.id ?? "");
  const told = await audit(repository, "miki");
  assert.is(told.code, 0);
  const names = told.known.map(({ name }: { name: string }) => name).sort();
  assert.equal(names, [...known, "miki/identity"].sort(), "what it is said to know is what its key decrypts");
  removeHost(root, "miki");
  edit(root, "hosts/fleet.ts", /relays: \[[^\]]*\]/, 'relays: ["cosmo"]');
  // Three servers again, the third one with what it has read so far.
  edit(root, "hosts/bianco.ts", "site:", "nomad: { server: true },\n  consul: { server: true },\n  site:");
  const generate = await run("generate");
  assert.is(generate.code, 0, generate.stderr);
  assert.equal(readLock(root).revoked, ids.sort());
  const owed = known.filter((name) => !name.startsWith("miki/")).sort();
  const failing = await audit(repository);
  assert.equal([failing.code, failing.clean], [1, false]);
  const debts = failing.findings.filter(({ kind }: { kind: string }) => kind === "rotate");
  assert.equal(debts.map(({ secrets }: { secrets: string[] }) => secrets[0]).sort(), owed);
  assert.equal((await audit(repository, "miki")).toRotate.sort(), owed);
  assert.equal(JSON.parse((await run("secrets", "list", "ari", "--json")).stdout).secrets[3].states, [
    "rotate",
    "rekey",
  ]);
  const rotated = await run("secrets", "rotate", "--host", "miki", "--json");
  assert.is(rotated.code, 0, rotated.stdout);
  assert.equal(JSON.parse(rotated.stdout).rotated.sort(), owed);
  assert.match(
    JSON.parse(rotated.stdout).next.join("\n"),
    /^meshflake generate[^\n]*\ndeploy [^\n]*\nsee that all agents of cats[^\n]*\nonce all[^\n]* --finish\n/,
  );
  assert.is(readLock(root).rotate, undefined);
  const bianco = identityOf(repository, "bianco");
  for (const name of owed) {
    assert.is(readWithAge(root, name, miki), null, name);
    assert.is(readWithAge(root, name, bianco), readWithAge(root, name, identity), name);
    assert.is.not(readWithAge(root, name, identity), old.get(name), name);
  }
  assert.is((await audit(repository)).code, 1, "old values are still valid");
  const between = await audit(repository, "miki");
  assert.equal([between.code, between.toRotate], [1, []]);
  assert.ok(between.toFinish.includes("cats/consul-gossip"));
  assert.match(between.next[0], /^once every host has the new values: .*cats\/consul-gossip.* --finish$/);
  const twice = await run("secrets", "rotate", "--host", "miki");
  assert.is(twice.code, 1);
  assert.match(twice.stderr, /all that miki knew is in rotation already/);
  assert.is((await run("generate")).code, 0);
  assert.is((await run("secrets", "rotate", "--finish")).code, 0);
  assert.is((await run("generate")).code, 0);
  const ring = JSON.parse(readWithAge(root, "cats/consul-gossip", identity) ?? "");
  assert.not.ok(ring.includes(JSON.parse(old.get("cats/consul-gossip") ?? "")[0]));
  const clean = await audit(repository);
  assert.equal([clean.code, clean.clean, clean.findings], [0, true, []]);
  assert.is((await run("generate", "--check")).code, 0);
  const again = await run("secrets", "rotate", "--host", "miki");
  assert.is(again.code, 2);
  assert.match(again.stderr, /no host is named `miki`, and no secret waits/);
});

rotate(
  "a host that was lost, and stays in the fleet: its old key reads nothing, own secrets wait for a person",
  async () => {
    const repository = await copySettled();
    const { root, run, pipe, identity } = repository;
    const lost = identityOf(repository, "cosmo");
    const token = locked(repository, "cosmo", "consul-token")?.id ?? "";
    const { code, stdout } = await run("secrets", "rotate", "--host", "cosmo");
    assert.is(code, 0);
    assert.match(stdout, /1\. meshflake secrets set cats\/shared[^\n]*\n {2}2\. meshflake secrets set cosmo\/photos/);
    assert.match(stdout, /install cosmo anew with its new identity/);
    const known = listSecrets(root).filter((name) => readWithAge(root, name, lost) !== null);
    assert.equal(known, []);
    assert.ok(readLock(root).revoked?.includes(token), "nobody needs its own token any more");
    assert.equal(readLock(root).rotate, { "cats/shared": ["host cosmo"], "cosmo/photos": ["host cosmo"] });
    assert.is(readWithAge(root, "cosmo/photos", identityOf(repository, "cosmo")), "photos");
    for (const name of ["shared", "photos"]) assert.is(pipe("new", "secrets", "set", name).code, 0);
    assert.is((await run("secrets", "rotate", "--finish")).code, 0);
    assert.is((await audit(repository)).clean, true);
    assert.is(readWithAge(root, "cats/shared", identity), "new");
    for (const name of listSecrets(root)) assert.is(readWithAge(root, name, lost), null, name);
  },
);

rotate("who leaves between the steps knows the new value, and --finish does not end that", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  removeHost(root, "ziggy");
  assert.is((await run("generate")).code, 0);
  assert.is((await run("secrets", "rotate", "--host", "ziggy")).code, 0);
  removeHost(root, "ari");
  edit(root, "hosts/fleet.ts", 'hosts: ["ari", "cosmo"]', 'hosts: ["cosmo"]');
  const generate = await run("generate");
  assert.is(generate.code, 0, generate.stderr);
  const gossip = "cats/consul-gossip";
  assert.equal(readLock(root).clusters?.cats?.secrets?.["consul-gossip"]?.knownTo, ["host ziggy"]);
  assert.equal(readLock(root).rotate?.[gossip], ["host ari"]);
  assert.is((await run("secrets", "rotate", gossip, "--finish")).code, 0);
  assert.equal(readLock(root).rotate?.[gossip], ["host ari"]);
  assert.is(readLock(root).clusters?.cats?.secrets?.["consul-gossip"]?.knownTo, undefined);
  assert.is((await audit(repository, "ziggy").catch(() => null))?.toFinish?.length ?? 0, 0);
});

rotate("in git, --finish waits until the first step is committed; without git it warns", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  commitAll(root);
  const name = "ziggy/consul-token";
  assert.is((await run("secrets", "rotate", name)).code, 0);
  for (const args of [["--finish"], [name, "--finish"]]) {
    const { code, stderr } = await run("secrets", "rotate", ...args);
    assert.is(code, 1);
    assert.match(stderr, /the first step is not in git's last commit: ziggy\/consul-token\nHint: commit and deploy/);
  }
  assert.ok(locked(repository, "ziggy", "consul-token")?.retiring);
  commitAll(root);
  assert.is((await run("secrets", "rotate", name)).code, 0);
  assert.is((await run("secrets", "rotate", "--finish")).code, 1, "the one in git is the rotation before");
  assert.is((await run("secrets", "rotate", "--finish", "--force")).code, 0);
  assert.is((await run("secrets", "rotate", name)).code, 0);
  commitAll(root);
  const { code, stderr } = await run("secrets", "rotate", "--finish");
  assert.is(code, 0, stderr);
  const plain = await copySettled();
  assert.is((await plain.run("secrets", "rotate", name)).code, 0);
  assert.match((await plain.run("secrets", "rotate", "--finish")).stderr, /warning: without git nothing tells/);
});

rotate("everything at once", async () => {
  const repository = await copySettled();
  const { root, run, identity } = repository;
  const names = listSecrets(root);
  const before = names.map((name) => readWithAge(root, name, identity));
  assert.is((await run("secrets", "rotate", "--all")).code, 0);
  assert.is((await run("secrets", "rotate", "--all", "--finish")).code, 0);
  const same = names.filter((name, i) => readWithAge(root, name, identity) === before[i]);
  assert.equal(same, ["cats/shared", "cosmo/photos"], "a person's own values are a person's to change");
  const generate = await run("generate");
  assert.is(generate.code, 0, generate.stderr);
  assert.is((await audit(repository)).clean, true);
});

rotate("what makes no sense is wrong usage, and changes nothing", async () => {
  const repository = await copySettled();
  const { root, run } = repository;
  const before = readFolder(root);
  for (const [args, message] of [
    [[], /what is to be rotated\?/],
    [["cosmo/ssh", "--all"], /exclude each other/],
    [["cosmo/ssh", "--force"], /--force goes with --finish/],
    [["--host", "cosmo", "--finish"], /--finish takes names/],
    [["photos"], /a secret of your own\nHint: give it a new value: meshflake secrets set cosmo\/photos/],
    [["--host", "cosno"], /no host is named `cosno`[\s\S]*did you mean `cosmo`/],
    [["cosmo/shh"], /did you mean `cosmo\/ssh`/],
  ] as const) {
    const { code, stderr } = await run("secrets", "rotate", ...args);
    assert.is(code, 2, args.join(" "));
    assert.match(stderr, message);
  }
  assert.equal(readFolder(root), before);
});

rotate("audit names files that are missing, broken or nobody's, and values that are missing", async () => {
  const repository = await copyFleet();
  const { root } = repository;
  writeFileSync(join(root, "secrets/cosmo/ssh.age"), "");
  writeFileSync(join(root, "secrets/cosmo/stray.age"), readFileSync(join(root, "secrets/ari/ssh.age")));
  const { code, findings } = await audit(repository);
  assert.is(code, 1);
  const messages: string[] = findings.map(({ message }: { message: string }) => message);
  assert.ok(messages.some((message) => /secrets\/cosmo\/ssh\.age is empty/.test(message)));
  assert.ok(messages.some((message) => /secrets\/cosmo\/stray\.age/.test(message)));
  assert.ok(messages.includes("cosmo/photos has no value yet"));
  const text = await runCli(["secrets", "audit"], { cwd: root });
  assert.match(text.stdout, /✗ cosmo\/photos has no value yet\n {2}meshflake secrets set cosmo\/photos\n/);
  const unknown = await runCli(["secrets", "audit", "cosno"], { cwd: root });
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /did you mean `cosmo`\?/);
});

rotate("audit tells a file that was encrypted by hand, to more or to fewer than the lock says", async () => {
  const repository = await copySettled();
  const { root, run, identity } = repository;
  const nico = readLock(root).admins?.nico?.[0] ?? "";
  const cosmo = readLock(root).hosts.cosmo?.age ?? "";
  // Where the entry has a digest, a file by another hand is another file; what an older meshflake wrote has none.
  putLock(root, withoutDigests(readLock(root)));
  for (const recipients of [[nico], [nico, cosmo, makeKey().recipient]]) {
    for (const format of [["-a"], []]) {
      const args = [...format, ...recipients.flatMap((recipient) => ["-r", recipient])];
      writeFileSync(join(root, "secrets/cosmo/photos.age"), execFileSync("age", args, { input: "by hand" }));
      const { code, findings } = await audit(repository);
      assert.is(code, 1);
      assert.equal(
        findings.map(({ kind, message }: { kind: string; message: string }) => [kind, message]),
        [
          [
            "recipients",
            `cosmo/photos is encrypted to ${recipients.length} recipient${recipients.length > 1 ? "s" : ""}, and by the lock it has 2`,
          ],
        ],
      );
    }
  }
  assert.is((await run("secrets", "rekey", "photos")).code, 0);
  assert.is((await audit(repository)).clean, true);
  assert.is(readWithAge(root, "cosmo/photos", identity), "by hand");
});

rotate("audit before generate says what to run first", async () => {
  const repository = await copySettled();
  removeHost(repository.root, "ziggy");
  const { findings } = await audit(repository);
  assert.equal(
    findings.map(({ kind, message }: { kind: string; message: string }) => [kind, message]),
    [["gone", "ziggy is gone from the fleet, and still in the lock"]],
  );
});

rotate.run();
