import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lockOf, readLock } from "../support/locks.js";
import { compareFolders, copyGenerated, copyReference, readFolder, runCli } from "./process.js";

const generate = suite("cli: generate");

const PI4 = 'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "madrid", model: 4 });\n';

/** The lines that a file gained, and those that it lost. */
function diffLines(before: string, after: string): { gained: string[]; lost: string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const count = (lines: string[], line: string) => lines.filter((other) => other === line).length;
  const only = (a: string[], b: string[]) => [...new Set(a)].filter((line) => count(a, line) > count(b, line));
  return { gained: only(now, old), lost: only(old, now) };
}

generate("--check on a fleet that was never generated exits with 3 and writes nothing", async () => {
  const cwd = copyReference();
  const before = readFolder(cwd);
  const { code, stdout } = await runCli(["generate", "--check"], { cwd });
  assert.is(code, 3);
  assert.match(stdout, /cats: \d+ files to create, keys for 6 hosts missing/);
  assert.equal(compareFolders(before, readFolder(cwd)), []);
});

generate("--dry-run says the same, exits with 0 and writes nothing", async () => {
  const cwd = copyReference();
  const before = readFolder(cwd);
  const { code, stdout } = await runCli(["generate", "--dry-run", "--json"], { cwd });
  assert.is(code, 0);
  const { written, pending, trees } = JSON.parse(stdout);
  assert.equal([written, pending], [false, true]);
  assert.ok(trees[0].changes.length > 30);
  assert.equal(compareFolders(before, readFolder(cwd)), []);
});

generate("writes modules, lock and secrets, and then has nothing to do", async () => {
  const cwd = await copyGenerated();
  for (const path of [
    "modules/hosts/default.nix",
    "modules/hosts/cosmo/mesh.nix",
    "hosts/fleet.lock.json",
    lockOf("cosmo"),
  ]) {
    assert.ok(existsSync(join(cwd, path)), path);
  }
  assert.match(readFileSync(join(cwd, "secrets/cosmo/wireguard.age"), "utf8"), /^-----BEGIN AGE ENCRYPTED FILE-----/);
  const before = readFolder(cwd);
  const again = await runCli(["generate"], { cwd });
  assert.is(again.code, 0);
  assert.match(again.stdout, /✓ cats: everything is up to date\n$/);
  const after = readFolder(cwd);
  assert.equal(compareFolders(before, after), []);
  for (const [path, { mtimeMs }] of after) assert.is(mtimeMs, before.get(path)?.mtimeMs, `${path} was touched`);
  const check = await runCli(["generate", "--check", "--json"], { cwd });
  assert.is(check.code, 0);
  assert.is(JSON.parse(check.stdout).pending, false);
});

generate("a host of four lines adds its files, a peer or a route in the others, and nothing else", async () => {
  const cwd = await copyGenerated();
  writeFileSync(join(cwd, "hosts/pi4.ts"), PI4);
  const before = readFolder(cwd);
  const { code, stdout } = await runCli(["generate"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /keys for 1 host made\n/);
  const after = readFolder(cwd);
  const changes = compareFolders(before, after);
  const own = changes.filter((change) => /^\+ ((modules\/hosts|secrets)\/pi4\/|hosts\/fleet\.lock\/pi4)/.test(change));
  const shared = [
    "modules/hosts/.meshflake.json",
    "modules/hosts/acl-cats.nix",
    "modules/hosts/default.nix",
    "modules/hosts/known_hosts",
    "modules/hosts/names-cats.nix",
    "modules/hosts/names.d.ts",
  ];
  const others = ["ari", "bianco", "cosmo", "maco", "miki", "ziggy"].map((host) => `modules/hosts/${host}/mesh.nix`);
  const expected = [...shared, ...others].map((path) => `~ ${path}`);
  assert.equal(changes.filter((change) => !own.includes(change)).sort(), expected.sort());
  assert.ok(own.length >= 10);
  for (const path of [
    ...others,
    "modules/hosts/acl-cats.nix",
    "modules/hosts/default.nix",
    "modules/hosts/known_hosts",
    "modules/hosts/names-cats.nix",
  ]) {
    const { gained, lost } = diffLines(before.get(path)?.text ?? "", after.get(path)?.text ?? "");
    assert.equal(lost, [], path);
    assert.ok(gained.length > 0, path);
  }
  assert.is((await runCli(["generate", "--check"], { cwd })).code, 0);
});

generate("a host whose file goes leaves nothing behind but what it knew, and tokens to revoke", async () => {
  const cwd = await copyGenerated();
  const before = readFolder(cwd);
  const lock = () => readLock(cwd);
  const { hosts, clusters } = lock();
  writeFileSync(join(cwd, "hosts/pi4.ts"), PI4);
  const made = JSON.parse((await runCli(["generate", "--json"], { cwd })).stdout).trees[0];
  const slugs = ["consul-token", "identity", "nomad-token", "ssh", "wireguard"];
  assert.equal([made.keys, made.secrets], [["pi4"], slugs.map((slug) => `pi4/${slug}`)]);
  const tokens = Object.values(lock().hosts.pi4?.secrets ?? {}).map(({ id }) => id);
  rmSync(join(cwd, "hosts/pi4.ts"));
  const dry = JSON.parse((await runCli(["generate", "--dry-run", "--json"], { cwd })).stdout).trees[0];
  const debts = { "cats/consul-gossip": ["host pi4"] };
  assert.equal([dry.pending, dry.removedSecrets, dry.rotate], [true, ["pi4"], debts]);
  const { code, stdout } = await runCli(["generate"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /9 files deleted, secrets of pi4 removed/);
  assert.match(stdout, /^ {2}to rotate, since host pi4 knew it: cats\/consul-gossip \(see meshflake secrets audit\)$/m);
  assert.equal(compareFolders(before, readFolder(cwd)), [
    ...["hosts/fleet.lock.json", "modules/hosts/.meshflake.json", "modules/hosts/acl-cats.nix"].map(
      (path) => `~ ${path}`,
    ),
  ]);
  assert.not.ok(existsSync(join(cwd, "modules/hosts/pi4")));
  const after = lock();
  assert.equal([after.hosts, after.clusters, after.rotate, after.revoked], [hosts, clusters, debts, tokens.sort()]);
  const again = await runCli(["generate"], { cwd });
  assert.match(again.stdout, /✓ cats: everything is up to date\n {2}to rotate, since host pi4 knew it: /);
});

generate("an entry that the lock lost stops it, rather than a value that may be in use is lost as well", async () => {
  const cwd = await copyGenerated();
  const path = join(cwd, "hosts/fleet.lock.json");
  const { clusters: _, ...lock } = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify(lock));
  const before = readFolder(cwd);
  const { code, stderr } = await runCli(["generate"], { cwd });
  assert.is(code, 2);
  assert.match(stderr, /secrets\/cats\/consul-gossip\.age.*generate would replace a value.*error\[secret-stray\]/);
  assert.equal(compareFolders(before, readFolder(cwd)), []);
});

generate("a file that nothing explains is said, and stays", async () => {
  const cwd = await copyGenerated();
  writeFileSync(join(cwd, "secrets/ari/other.age"), "");
  for (const command of ["check", "generate"]) {
    const { code, stdout, stderr } = await runCli([command], { cwd });
    assert.is(code, 0);
    assert.match(
      `${stdout}${stderr}`,
      /secrets\/ari\/other\.age.*nothing declares a secret ari\/other.*warning\[secret-stray\]/,
    );
  }
  assert.ok(existsSync(join(cwd, "secrets/ari/other.age")));
  assert.is((await runCli(["generate", "--strict"], { cwd })).code, 2);
});

generate("a file edited by hand stops it with its diff, and --force overwrites it", async () => {
  const cwd = await copyGenerated();
  const path = join(cwd, "modules/hosts/cosmo/dns.nix");
  const original = readFileSync(path, "utf8");
  appendFileSync(path, "# mine\n");
  writeFileSync(join(cwd, "hosts/pi4.ts"), PI4);
  const before = readFolder(cwd);
  const stopped = await runCli(["generate"], { cwd });
  assert.is(stopped.code, 1);
  assert.match(stopped.stderr, /1 generated file was edited by hand, and nothing was written:[\s\S]*-# mine/);
  assert.equal(compareFolders(before, readFolder(cwd)), []);
  const check = await runCli(["generate", "--check"], { cwd });
  assert.is(check.code, 3);
  assert.match(check.stdout, /1 file edited by hand/);
  assert.is((await runCli(["generate", "--force"], { cwd })).code, 0);
  assert.is(readFileSync(path, "utf8"), original);
});

generate("a secret that is gone is a problem, and no key is made twice", async () => {
  const cwd = await copyGenerated();
  rmSync(join(cwd, "secrets/cosmo/wireguard.age"));
  const before = readFolder(cwd);
  const { code, stderr } = await runCli(["generate"], { cwd });
  assert.is(code, 2);
  assert.match(
    stderr,
    /hosts\/fleet\.lock\/cosmo\.lock\.json:\d+:\d+ {2}wireguard: .*secrets\/cosmo\/wireguard\.age does not exist/,
  );
  assert.equal(compareFolders(before, readFolder(cwd)), []);
});

generate("an environment has a tree, a lock and secrets of its own, until its file goes", async () => {
  const cwd = await copyGenerated();
  const before = readFolder(cwd);
  mkdirSync(join(cwd, "hosts/environments"));
  writeFileSync(
    join(cwd, "hosts/environments/dev.ts"),
    'import fleet from "../fleet";\n\nexport default fleet.environment({ mesh: { ipv4: "10.20.0.0/16", port: 55821 } });\n',
  );
  const made = await runCli(["generate", "--env", "dev"], { cwd });
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stdout, /✓ cats \(dev\): \d+ files created, keys for 6 hosts made/);
  for (const change of compareFolders(before, readFolder(cwd))) {
    assert.match(change, /^\+ (hosts\/environments\/dev\.|modules\/environments\/dev\/|secrets\/environments\/dev\/)/);
  }
  const both = await runCli(["generate", "--check"], { cwd });
  assert.is(both.code, 0);
  assert.match(both.stdout, /cats: everything is up to date\n.*cats \(dev\): everything is up to date/);
  rmSync(join(cwd, "hosts/environments/dev.ts"));
  const gone = await runCli(["generate"], { cwd });
  assert.is(gone.code, 0);
  assert.match(gone.stdout, /environment dev is gone: modules\/environments\/dev was removed/);
  assert.not.ok(existsSync(join(cwd, "modules/environments")));
});

generate("--check and --force exclude each other", async () => {
  const { code, stderr } = await runCli(["generate", "--check", "--force"], { cwd: await copyGenerated() });
  assert.is(code, 2);
  assert.match(stderr, /exclude each other/);
});

generate("a run that only mends the manifest says so", async () => {
  const cwd = await copyGenerated();
  const manifest = join(cwd, "modules/hosts/.meshflake.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, `${text}\n`);
  const dry = await runCli(["generate", "--dry-run", "--quiet"], { cwd });
  assert.match(dry.stdout, /^cats: only the manifest modules\/hosts\/\.meshflake\.json would be rewritten\n$/);
  const real = await runCli(["generate", "--quiet"], { cwd });
  assert.match(real.stdout, /^✓ cats: only the manifest modules\/hosts\/\.meshflake\.json was rewritten\n$/);
  assert.is(readFileSync(manifest, "utf8"), text);
});

generate.run();
