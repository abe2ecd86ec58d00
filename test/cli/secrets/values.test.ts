import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { putLock, readLock, withoutDigests } from "../../support/locks.js";
import { commitAll, makeFolder, readFolder, runCli } from "../process.js";
import { copyFleet, edit, identityOf, makeKey, readWithAge } from "./fleet.js";

const values = suite("cli: secrets list, show, set");

values("list says what there is, for whom, since when, and what is left to do; without a key", async () => {
  const { root } = await copyFleet();
  const ask = async (...args: string[]) => runCli(["secrets", "list", ...args], { cwd: root });
  const fresh = await ask();
  assert.is(fresh.code, 0);
  assert.match(fresh.stdout, /cats\/consul-gossip +made +\d{4}-\d\d-\d\d \(not committed\) +ari, bianco, cosmo/);
  assert.match(fresh.stdout, /cosmo\/identity +made .* admins only/);
  assert.match(fresh.stdout, /cosmo\/photos +unset +- +cosmo \(once it has a value\)$/m);
  assert.match(fresh.stdout, /cats\/shared +unset +- +ari, cosmo \(once it has a value\)$/m);
  assert.match(fresh.stdout, /Admins read all of them: nico\./);
  commitAll(root);
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--amend", "-m", "x"], {
    cwd: root,
    env: { ...process.env, GIT_COMMITTER_DATE: "2021-02-03T23:30:00-05:00" },
  });
  writeFileSync(join(root, "secrets/cosmo/ssh.age"), "");
  const { secrets, admins } = JSON.parse((await ask("cosmo", "--json")).stdout);
  assert.equal(admins, ["nico"]);
  const names = secrets.map(({ name }: { name: string }) => name);
  assert.equal(names, [
    ...["cosmo/identity", "cosmo/ssh", "cosmo/wireguard", "cosmo/consul-token", "cosmo/nomad-token", "cosmo/photos"],
  ]);
  const [identity, ssh, , token, , photos] = secrets;
  assert.equal(
    [identity.since, identity.committed, identity.states, identity.readers],
    ["2021-02-04T04:30:00Z", true, [], []],
  );
  assert.equal([ssh.committed, ssh.states], [false, ["broken"]]);
  assert.equal(token.readers, ["cosmo", "maco", "miki"]);
  assert.equal([photos.since, photos.states, photos.wanted], [null, ["unset"], ["cosmo"]]);
  const unknown = await ask("cosno");
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /did you mean `cosmo`\?/);
});

values("show prints the value as it is, to stdout alone", async () => {
  const { root, run, identity } = await copyFleet();
  const { code, stdout } = await run("secrets", "show", "cats/consul-gossip");
  assert.is(code, 0);
  assert.is(stdout, readWithAge(root, "cats/consul-gossip", identity));
  assert.match(stdout, /^\["[A-Za-z0-9+/]{43}="\]\n$/);
  for (const name of ["consul-gossip", "secrets/cats/consul-gossip.age"]) {
    assert.is((await run("secrets", "show", name)).stdout, stdout, name);
  }
  const json = JSON.parse((await run("secrets", "show", "consul-gossip", "--json")).stdout);
  assert.equal([json.value, json.encoding], [stdout, "utf8"]);
  const ambiguous = await run("secrets", "show", "wireguard");
  assert.match(ambiguous.stderr, /6 secrets are called `wireguard`\nHint: choose `ari\/wireguard`/);
  const misspelt = await run("secrets", "show", "cats/consul-gosip");
  assert.is(misspelt.code, 2);
  assert.match(misspelt.stderr, /did you mean `cats\/consul-gossip`\?/);
  const unset = await run("secrets", "show", "photos");
  assert.is(unset.code, 1);
  assert.match(unset.stderr, /cosmo\/photos has no value yet\nHint: give it one: meshflake secrets set cosmo\/photos/);
});

values("a file that lies at another host's place is told from the right one, of each kind of key pair", async () => {
  const { root, run } = await copyFleet();
  // Also where the lock has no digests, as an older meshflake left it.
  putLock(root, withoutDigests(readLock(root)));
  for (const kind of ["identity", "ssh", "wireguard"]) {
    assert.is((await run("secrets", "show", `ari/${kind}`)).code, 0, kind);
    writeFileSync(join(root, `secrets/ari/${kind}.age`), readFileSync(join(root, `secrets/cosmo/${kind}.age`)));
    const swapped = await run("secrets", "show", `ari/${kind}`);
    assert.is(swapped.code, 1, kind);
    assert.is(swapped.stdout, "", kind);
    assert.match(swapped.stderr, `does not hold the secret half of what the lock has for ari/${kind}`);
  }
});

values("the identity comes from the option, the variable, or its usual places", async () => {
  const { root, identity } = await copyFleet();
  const show = (args: string[], env: Record<string, string> = {}) =>
    runCli(["secrets", "show", "consul-gossip", ...args], { cwd: root, env });
  const other = makeKey().file;
  assert.is((await show(["-i", identity])).code, 0);
  assert.is((await show(["-i", other, "--identity", identity])).code, 0);
  assert.is((await show(["-i", identity], { MESHFLAKE_IDENTITY: other })).code, 0, "the option wins");
  const none = await show([]);
  assert.is(none.code, 1);
  assert.match(none.stderr, /needs an admin's identity[\s\S]*--identity FILE, or MESHFLAKE_IDENTITY=FILE/);
  const wrong = await show(["-i", other]);
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /none of the identities can decrypt secrets\/cats\/consul-gossip\.age/);
  assert.match(wrong.stderr, /encrypted to admin nico, hosts ari, bianco, cosmo, maco, miki and ziggy/);
  assert.match((await show(["-i", "nowhere"])).stderr, /there is no identity .*\/nowhere/);
  const HOME = makeFolder();
  for (const [path, text] of [
    [".ssh/id_ed25519", "not a key at all"],
    [".config/meshflake/identity.txt", readFileSync(other, "utf8")],
    [".config/age/keys.txt", readFileSync(identity, "utf8")],
  ] as const) {
    mkdirSync(join(HOME, path, ".."), { recursive: true });
    writeFileSync(join(HOME, path), text, { mode: 0o600 });
  }
  const usual = await show([], { HOME });
  assert.is(usual.code, 0, usual.stderr);
  assert.not.match(usual.stderr, /others can read/);
  chmodSync(identity, 0o644);
  const open = await show(["-i", identity]);
  chmodSync(identity, 0o600);
  assert.is(open.code, 0);
  assert.match(open.stderr, /warning: others can read .*identity\.txt: chmod 600/);
});

values("a damaged or missing file is told, with what to do", async () => {
  const { root, run } = await copyFleet();
  const file = join(root, "secrets/cosmo/ssh.age");
  const whole = readFileSync(file, "utf8");
  for (const [text, message] of [
    [whole.slice(0, -60), /secrets\/cosmo\/ssh\.age is damaged/],
    [whole.replace(/\n.{10}/, "\nAAAAAAAAAA"), /is not the file that its entry in the lock was written for/],
    ["", /is empty/],
    ["password\n", /is not encrypted with age/],
  ] as const) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run("secrets", "show", "cosmo/ssh");
    assert.equal([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /restore (it|\S+ and \S+) from git/);
  }
});

values("set takes stdin as it is, with public keys alone, for those who are to read it", async () => {
  const repository = await copyFleet();
  const { root, run, identity } = repository;
  const before = readLock(root);
  const bytes = Buffer.from([0, 255, 10, 13, 0]);
  const { pipe } = repository;
  const set = pipe(bytes, "secrets", "set", "photos");
  assert.is(set.code, 0, set.stderr);
  assert.match(set.stdout, /cosmo\/photos set, for admin nico, host cosmo\nNext:\n {2}1\. meshflake generate/);
  const { value, encoding } = JSON.parse((await run("secrets", "show", "photos", "--json")).stdout);
  assert.equal([value, encoding], [bytes.toString("base64"), "base64"]);
  assert.is(pipe("no newline", "secrets", "set", "cosmo/photos").code, 0);
  assert.is(readWithAge(root, "cosmo/photos", identity), "no newline");
  assert.is(readWithAge(root, "cosmo/photos", identityOf(repository, "cosmo")), "no newline");
  assert.is(readWithAge(root, "cosmo/photos", identityOf(repository, "miki")), null);
  const { cosmo, ...others } = readLock(root).hosts;
  assert.equal(cosmo?.secrets?.photos?.readers, ["cosmo"]);
  const { cosmo: _, ...untouched } = before.hosts;
  assert.equal(others, untouched);
  assert.is(pipe("both", "secrets", "set", "shared").code, 0);
  assert.is(readWithAge(root, "cats/shared", identityOf(repository, "ari")), "both");
  assert.is((await run("generate")).code, 0);
  const module = readFileSync(join(root, "modules/hosts/ari/secrets.nix"), "utf8");
  assert.match(module, /shared/);
});

values("set refuses what is empty, undeclared, or meshflake's own", async () => {
  const { root, pipe } = await copyFleet();
  const before = readFolder(root);
  for (const [name, code, message] of [
    ["photos", 2, /the value is empty/],
    ["photo", 2, /no secret is named `photo`/],
    ["cosmo/nothing-like-it", 2, /a new one is declared in hosts\/cosmo\.ts: secrets: \{ "nothing-like-it": \{\} \}/],
    ["cosmo/ssh", 2, /is made by meshflake\nHint: `meshflake secrets rotate cosmo\/ssh`/],
  ] as const) {
    const run = pipe(name === "photos" ? "" : "value", "secrets", "set", name);
    assert.is(run.code, code, name);
    assert.match(run.stderr, message);
  }
  assert.equal(readFolder(root), before);
});

values("with --force a made secret is set, in its form, and never repeated in an error", async () => {
  const repository = await copyFleet();
  const { root, run, pipe, identity } = repository;
  const before = readFolder(root);
  for (const name of ["cosmo/ssh", "cosmo/wireguard", "cosmo/identity", "cosmo/consul-token", "cats/nomad-gossip"]) {
    const wrong = pipe("password123", "secrets", "set", name, "--force");
    assert.is(wrong.code, 1, name);
    assert.match(
      wrong.stderr,
      /the value is not an? .*, and nothing was written\nHint: give|a token's secret is a UUID/,
    );
    assert.not.match(`${wrong.stderr}${wrong.stdout}`, /password123/);
  }
  const stranger = pipe(readFileSync(makeKey().file), "secrets", "set", "cosmo/identity", "--force");
  assert.is(stranger.code, 1);
  assert.equal(readFolder(root), before);
  const wireguard = execFileSync("wg", ["genkey"], { encoding: "utf8" });
  assert.is(pipe(wireguard, "secrets", "set", "cosmo/wireguard", "--force").code, 0);
  const half = execFileSync("wg", ["pubkey"], { input: wireguard, encoding: "utf8" }).trim();
  assert.is(readLock(root).hosts.cosmo?.wireguard, half);
  const old = readLock(root).hosts.cosmo?.secrets?.["consul-token"]?.id;
  const token = "01234567-89ab-cdef-0123-456789abcdef";
  assert.is(pipe(token, "secrets", "set", "cosmo/consul-token", "--force").code, 0);
  assert.is(readWithAge(root, "cosmo/consul-token", identity), `${token}\n`);
  assert.equal(readLock(root).hosts.cosmo?.secrets?.["consul-token"]?.retiring, [old]);
  const gossip = `${Buffer.alloc(32, 7).toString("base64")}\n`;
  assert.is(pipe(gossip, "secrets", "set", "cats/nomad-gossip", "--force").code, 0);
  assert.is(readWithAge(root, "cats/nomad-gossip", identity), `["${gossip.trim()}"]\n`);
  const lost = readWithAge(root, "cosmo/identity", identity) ?? "";
  assert.is(pipe(lost, "secrets", "set", "cosmo/identity", "--force").code, 0, "gives back a lost file");
  assert.is((await run("check")).code, 0);
});

values("an environment has its own secrets", async () => {
  const { root, run, pipe } = await copyFleet();
  mkdirSync(join(root, "hosts/environments"));
  writeFileSync(
    join(root, "hosts/environments/dev.ts"),
    'import fleet from "../fleet";\nexport default fleet.environment({ mesh: { ipv4: "10.20.0.0/16" } });\n',
  );
  const generate = await run("generate");
  assert.is(generate.code, 0, generate.stderr);
  const set = pipe("dev", "secrets", "set", "photos", "--env", "dev");
  assert.is(set.code, 0, set.stderr);
  assert.match(set.stdout, /meshflake generate --env dev[\s\S]*--flake \.#dev-cosmo/);
  assert.is((await run("secrets", "show", "photos", "--env", "dev")).stdout, "dev");
  assert.is((await run("secrets", "show", "photos")).code, 1);
  assert.is((await run("secrets", "show", "secrets/environments/dev/cosmo/photos.age", "--env", "dev")).stdout, "dev");
});

values("a fleet that is not generated yet says so", async () => {
  const { root, run, pipe } = await copyFleet();
  writeFileSync(join(root, "hosts/new.ts"), readFileSync(join(root, "hosts/bianco.ts")));
  edit(root, "hosts/new.ts", "site:", "secrets: { own: {} },\n  site:");
  const set = pipe("x", "secrets", "set", "new/own");
  assert.is(set.code, 1);
  assert.match(set.stderr, /new is not in the lock yet\nHint: run `meshflake generate` first/);
  const show = await run("secrets", "show", "new/wireguard");
  assert.match(show.stderr, /new\/wireguard has no value yet/);
});

values.run();
