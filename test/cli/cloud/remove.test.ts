import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cleanEnv, compareFolders, PACKAGE, readFolder } from "../process.js";
import { makeCloudFleet } from "./fleet.js";

const MAIN = join(PACKAGE, "dist/cli/main.js");

const remove = suite("cli: remove");

remove("lifts a machine's protection by a line in the lock, and says what comes next", async () => {
  const { root, run, lock } = await makeCloudFleet();
  const before = readFolder(root);
  const { code, stdout } = await run("remove", "miki");
  assert.is(code, 0);
  assert.equal(compareFolders(before, readFolder(root)), ["~ hosts/fleet.lock/miki.lock.json"]);
  assert.is(lock().hosts.miki?.leaving, "machine");
  assert.match(stdout, /✓ miki may leave .*: its machine goes; its volumes and addresses stay at the provider\n/);
  assert.match(stdout, /it votes in Consul and Nomad: /);
  const steps = stdout.slice(stdout.indexOf("next, in this order:")).trim().split("\n").slice(1);
  assert.equal(
    steps.map((step) => step.trim().split(/ {2,}/)[0]),
    [
      ...["meshflake provision", "git rm hosts/miki.ts", "meshflake generate", "meshflake provision"],
      ...["meshflake secrets rotate --host miki", "meshflake secrets audit"],
    ],
  );
  assert.is((await run("check")).code, 0);
  assert.is((await run("generate", "--check")).code, 0);
});

remove("--with-data says that volumes and addresses go too; --undo takes it back", async () => {
  const { root, run, lock } = await makeCloudFleet();
  const before = readFolder(root);
  const { stdout } = await run("remove", "miki", "--with-data", "--json");
  const { host, platform, leaving, votes, written } = JSON.parse(stdout);
  assert.equal([host, platform, leaving, votes, written], ["miki", "hetznerVm", "data", ["Consul", "Nomad"], true]);
  assert.is(lock().hosts.miki?.leaving, "data");
  assert.match(
    (await run("remove", "miki", "--undo")).stdout,
    /✓ miki stays .*; meshflake provision protects it again/,
  );
  assert.equal(compareFolders(before, readFolder(root)), []);
  const nothing = await run("remove", "miki", "--undo");
  assert.equal([nothing.code, nothing.stdout], [0, "miki was not about to leave, and nothing was changed\n"]);
  assert.equal(compareFolders(before, readFolder(root)), []);
  const both = await run("remove", "miki", "--undo", "--with-data");
  assert.equal([both.code, /exclude each other/.test(both.stderr)], [2, true]);
});

remove("generate keeps what remove wrote", async () => {
  const { run, lock } = await makeCloudFleet();
  await run("remove", "miki", "--with-data");
  await run("generate");
  assert.is(lock().hosts.miki?.leaving, "data");
});

remove("a host that no provider runs has nothing to lift", async () => {
  const { root, run } = await makeCloudFleet();
  const before = readFolder(root);
  const { code, stdout } = await run("remove", "bianco");
  assert.is(code, 0);
  assert.match(stdout, /^bianco is no provider's machine: nothing protects it, and nothing was written\n/);
  assert.match(stdout, /git rm hosts\/bianco\.ts/);
  assert.not.match(stdout, /provision/);
  assert.equal(compareFolders(before, readFolder(root)), []);
});

remove("it names what the host knows: what audit wants to be rotated once it is gone", async () => {
  const { root, run, lock } = await makeCloudFleet();
  const fleet = join(root, "hosts/fleet.ts");
  const shared = '\n  secrets: { shared: { hosts: ["ari", "bianco", "cosmo"] } },\n  sites:';
  writeFileSync(fleet, readFileSync(fleet, "utf8").replace("\n  sites:", shared));
  const name = "shared";
  const set = spawnSync(process.execPath, [MAIN, "secrets", "set", name], { cwd: root, input: "x", env: cleanEnv() });
  assert.is(set.status, 0, String(set.stderr));
  for (const host of ["bianco", "cosmo"]) {
    const { stdout } = await run("remove", host, "--json");
    const { toRotate, toSet } = JSON.parse(stdout);
    assert.equal(toSet, ["cats/shared"]);
    assert.ok(toRotate.includes("cats/consul-gossip"));
    assert.is(toRotate.includes("ari/consul-token"), host === "cosmo", "servers read all tokens");
    const text = await run("remove", host);
    assert.match(text.stdout, /meshflake secrets set cats\/shared/);
    const before = readFileSync(fleet, "utf8");
    rmSync(join(root, `hosts/${host}.ts`));
    writeFileSync(fleet, before.replaceAll(new RegExp(`"${host}"(, )?`, "g"), ""));
    if (host === "cosmo") {
      // Two voters would be refused.
      const maco = join(root, "hosts/maco.ts");
      writeFileSync(maco, readFileSync(maco, "utf8").replace(/ {2}(nomad|consul): .*\n/g, ""));
    }
    const { code, stderr } = await run("generate");
    assert.is(code, 0, stderr);
    const owed = Object.entries(lock().rotate ?? {}).filter(([, who]) => who.includes(`host ${host}`));
    assert.equal(
      owed.map(([secret]) => secret),
      [...toRotate, ...toSet].sort(),
    );
    assert.is((await run("secrets", "audit")).code, 1);
  }
});

remove("a host that is not there", async () => {
  const { run } = await makeCloudFleet();
  const { code, stderr } = await run("remove", "mikki");
  assert.is(code, 2);
  assert.match(stderr, /no host is named `mikki`\nHint: .*miki/);
});

remove.run();
