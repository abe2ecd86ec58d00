import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lockOf, putLock } from "../../support/locks.js";
import { cleanEnv, compareFolders, makeFolder, PACKAGE, readFolder, runCli } from "../process.js";
import { makeCloudFleet, removeHostFile, SERVER, stackOf } from "./fleet.js";

const sync = suite("cli: sync");

const FACTS = { ipv4: SERVER.ipv4, ipv6: SERVER.ipv6, id: SERVER.id };

sync("a host without an address is pending, until sync brings what the provider gave", async () => {
  const { run, lock, stackFile } = await makeCloudFleet();
  const before = await run("check", "--json");
  assert.is(before.code, 0);
  assert.equal(JSON.parse(before.stdout).targets[0].waiting, { pairs: 3, hosts: ["miki"] });
  const { code, stdout } = await run("sync", "--from", stackFile(stackOf({ miki: SERVER })));
  assert.is(code, 0);
  assert.match(stdout, /✓ cats: facts of 1 host from stack prod written to hosts\/fleet\.lock\/\n/);
  assert.match(stdout, /\+ miki: ipv4 198\.51\.100\.77, ipv6 2001:db8:b::1, id 4711\n/);
  assert.match(stdout, /modules that change: .*miki \(mesh, network, nomad\).*\n {2}next: meshflake generate\n/);
  assert.equal(lock().hosts.miki?.facts, FACTS);
  assert.is((await run("generate")).code, 0);
  const after = await run("check", "--strict", "--json");
  assert.is(after.code, 0);
  assert.equal(JSON.parse(after.stdout).targets[0].waiting, { pairs: 0, hosts: [] });
});

sync("what Hetzner gives beside an IPv6 address is known: the host has it, and others reach it there", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  await run("sync", "--from", stackFile(stackOf({ miki: SERVER })));
  await run("generate");
  const network = readFileSync(join(root, "modules/hosts/miki/network.nix"), "utf8");
  assert.match(network, /address = \[ "2001:db8:b::1\/64" \];\n\s+routes = \[ \{ Gateway = "fe80::1"; \} \];/);
  assert.match(readFileSync(join(root, "modules/hosts/ari/mesh.nix"), "utf8"), /Endpoint = "\[2001:db8:b::1\]:55820"/);
});

sync("a second time there is nothing to do, and nothing is touched", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  const file = stackFile(stackOf({ miki: SERVER }));
  await run("sync", "--from", file);
  await run("generate");
  const before = readFolder(root);
  const { stdout } = await run("sync", "--from", file, "--json");
  const { written, changes, modules } = JSON.parse(stdout);
  assert.equal([written, changes, modules], [false, [], []]);
  assert.match((await run("sync", "--from", file)).stdout, /the lock has what stack prod says/);
  assert.equal(compareFolders(before, readFolder(root)), []);
});

sync("--dry-run says the same, and writes nothing", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  const before = readFolder(root);
  const { code, stdout } = await run("sync", "--dry-run", "--from", stackFile(stackOf({ miki: SERVER })));
  assert.is(code, 0);
  assert.match(stdout, /facts of 1 host from stack prod to write/);
  assert.match(stdout, /modules that change: /);
  assert.equal(compareFolders(before, readFolder(root)), []);
});

sync("an address that moved, volumes, and a machine that is gone", async () => {
  const { run, lock, stackFile } = await makeCloudFleet();
  await run("sync", "--from", stackFile(stackOf({ miki: SERVER })));
  const moved = { ...SERVER, ipv4: "198.51.100.78", volumes: { data: "9" } };
  assert.match(
    (await run("sync", "--from", stackFile(stackOf({ miki: moved })))).stdout,
    /~ miki: ipv4 198\.51\.100\.77 → 198\.51\.100\.78, volume data\n/,
  );
  assert.equal(lock().hosts.miki?.facts, { ...FACTS, ipv4: "198.51.100.78", volumes: { data: "9" } });
  const gone = await run("sync", "--from", stackFile(stackOf({})));
  assert.match(gone.stdout, /- miki: its machine is gone\n/);
  assert.match(gone.stdout, /no machine in the stack yet: miki\n {2}still without a public address: miki\n$/);
  assert.is(lock().hosts.miki?.facts, undefined);
});

sync("a stack of one cluster says nothing about others", async () => {
  const { run, lock, stackFile } = await makeCloudFleet();
  await run("sync", "--from", stackFile(stackOf({ miki: SERVER })));
  await run("sync", "--from", stackFile(stackOf({}, { cluster: "dogs" })));
  assert.equal(lock().hosts.miki?.facts, FACTS);
});

sync("an address in a host file that is not the provider's is said, with its line", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  const file = join(root, "hosts/miki.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace("nomad:", 'address: { ipv4: "198.51.100.20/32" },\n  nomad:'));
  const { code, stderr } = await run("sync", "--from", stackFile(stackOf({ miki: SERVER })));
  assert.is(code, 0);
  assert.match(
    stderr,
    /hosts\/miki\.ts:7:\d+ .*198\.51\.100\.20 here, and 198\.51\.100\.77 at its provider.*address-given/,
  );
});

sync("a host that left the fleet is still in the stack", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  removeHostFile(root, "bianco");
  const outputs = stackOf({
    bianco: SERVER,
    miki: { ...SERVER, id: "4712", ipv4: "198.51.100.80", ipv6: "2001:db8:b::2" },
  });
  const { stdout } = await run("sync", "--from", stackFile(outputs));
  assert.match(stdout, /in the stack, and not in the fleet any more: bianco; pulumi up deletes them/);
});

for (const [what, outputs, code, expected] of [
  ["another fleet's stack", stackOf({}, { fleet: "dogs" }), 1, /stack prod is of the fleet dogs, and this is cats/],
  ["another environment's", stackOf({}, { environment: "dev" }), 1, /of the environment dev\nHint: give --env dev/],
  ["no output", { other: 1 }, 1, /no output `meshflake`\nHint: run pulumi up first/],
  ["a newer program's", { meshflake: { version: 2 } }, 2, /have version 2, and this meshflake reads 1/],
  ["half of it", { meshflake: { version: 1, fleet: "cats" } }, 1, /not whole: fleet, stack or hosts/],
  ["no id", stackOf({ miki: { ...SERVER, id: "" } }), 1, /not whole: hosts\.miki\.id/],
  ["no address", stackOf({ miki: { ...SERVER, ipv4: "2001:db8::1" } }), 1, /not whole: hosts\.miki\.ipv4/],
  ["an address in CIDR notation", stackOf({ miki: { ...SERVER, ipv6: "2001:db8::1/64" } }), 1, /hosts\.miki\.ipv6/],
  ["another platform", stackOf({ bianco: SERVER }), 1, /bianco is a raspberryPi in hosts\/bianco\.ts, and a hetznerVm/],
] as const) {
  sync(`refuses ${what}, and writes nothing`, async () => {
    const { root, run, stackFile } = await makeCloudFleet();
    const before = readFolder(root);
    const result = await run("sync", "--from", stackFile(outputs));
    assert.is(result.code, code);
    assert.match(result.stderr, expected);
    assert.equal(compareFolders(before, readFolder(root)), []);
  });
}

sync("an environment has its own lock", async () => {
  const { root, run, lock, stackFile } = await makeCloudFleet();
  mkdirSync(join(root, "hosts/environments"));
  const text =
    'import fleet from "../fleet";\n\nexport default fleet.environment({ mesh: { ipv4: "10.20.0.0/16" } });\n';
  writeFileSync(join(root, "hosts/environments/dev.ts"), text);
  assert.is((await run("generate", "--env", "dev")).code, 0);
  const outputs = stackOf({ miki: SERVER }, { environment: "dev", stack: "dev" });
  const wrong = await run("sync", "--from", stackFile(outputs));
  assert.is(wrong.code, 1);
  const { code, stdout } = await run("sync", "--env", "dev", "--from", stackFile(outputs));
  assert.is(code, 0);
  assert.match(stdout, /cats \(dev\): .* written to hosts\/environments\/dev\.lock\//);
  assert.match(stdout, /next: meshflake generate --env dev/);
  assert.is(lock().hosts.miki?.facts, undefined);
});

sync("reads a file, stdin, or what pulumi prints in pulumi/", async () => {
  const { root, run, stackFile } = await makeCloudFleet();
  const file = stackFile(stackOf({ miki: SERVER }));
  const main = join(PACKAGE, "dist/cli/main.js");
  const piped = execFileSync(process.execPath, [main, "sync", "--dry-run", "--from", "-"], {
    cwd: root,
    env: cleanEnv(),
    input: readFileSync(file),
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
  assert.match(piped, /facts of 1 host/);
  assert.match((await run("sync")).stderr, /the repository has no pulumi\/Pulumi\.yaml/);
  mkdirSync(join(root, "pulumi"));
  writeFileSync(join(root, "pulumi/Pulumi.yaml"), "name: meshflake\nruntime: nodejs\n");
  const none = await runCli(["sync"], { cwd: root, env: { PATH: makeFolder() } });
  assert.is(none.code, 1);
  assert.match(none.stderr, /pulumi is not installed\nHint: install Pulumi .* or give --from FILE/);
  const bin = makeFolder();
  const script = `#!/bin/sh\necho "$PWD $*" > '${bin}/args'\ncat '${file}'\n`;
  writeFileSync(join(bin, "pulumi"), script);
  chmodSync(join(bin, "pulumi"), 0o755);
  const PATH = `${bin}:${process.env.PATH}`;
  const { stdout } = await runCli(["sync", "--stack", "prod"], { cwd: root, env: { PATH } });
  assert.match(stdout, /✓ cats: facts of 1 host/);
  const args = readFileSync(join(bin, "args"), "utf8");
  assert.match(args, /\/pulumi stack output --json --non-interactive --stack prod\n$/);
  writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho 'error: no stack named prod found' >&2\nexit 255\n");
  const failed = await runCli(["sync"], { cwd: root, env: { PATH } });
  assert.is(failed.code, 1);
  assert.match(
    failed.stderr,
    /failed with exit code 255:\nerror: no stack named prod found\nHint: --stack names the stack/,
  );
});

sync("a lock whose facts or leaving are broken is refused, with its place", async () => {
  const { root, run, lock } = await makeCloudFleet();
  for (const [field, value, expected] of [
    ["facts", { id: 7 }, /miki\.lock\.json:1:\d+ {2}facts\.id: is not a text/],
    ["facts", { volumes: { data: 7 } }, /facts\.volumes\.data: is not a text/],
    ["leaving", "soon", /leaving: is neither machine nor data/],
  ] as const) {
    const good = lock();
    writeFileSync(join(root, lockOf("miki")), JSON.stringify({ version: 2, ...good.hosts.miki, [field]: value }));
    const { code, stdout } = await run("check");
    assert.is(code, 2);
    assert.match(stdout, expected);
    putLock(root, good);
  }
});

sync("a file that is not there is said so, with what belongs into it", async () => {
  const { run } = await makeCloudFleet();
  const { code, stderr } = await run("sync", "--from", "/nope");
  assert.is(code, 1);
  assert.match(stderr, "/nope does not exist\nHint: it should be what `pulumi stack output --json` prints");
});

sync.run();
