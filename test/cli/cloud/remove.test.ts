import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareFolders, readFolder } from "../process.js";
import { makeCloudFleet } from "./fleet.js";

const remove = suite("cli: remove");

remove("lifts a machine's protection by a line in the lock, and says what comes next", async () => {
  const { root, run, lock } = await makeCloudFleet();
  const before = readFolder(root);
  const { code, stdout } = await run("remove", "miki");
  assert.is(code, 0);
  assert.equal(compareFolders(before, readFolder(root)), ["~ hosts/fleet.lock.json"]);
  assert.is(lock().hosts.miki?.leaving, "machine");
  assert.match(stdout, /✓ miki may leave .*: its machine goes; its volumes and addresses stay at the provider\n/);
  assert.match(stdout, /it votes in Consul and Nomad: /);
  const steps = stdout.slice(stdout.indexOf("next, in this order:")).trim().split("\n").slice(1);
  assert.equal(
    steps.map((step) => step.trim().split(/ {2,}/)[0]),
    ["meshflake provision", "git rm hosts/miki.ts", "meshflake generate", "meshflake provision"],
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

remove("a host that is not there", async () => {
  const { run } = await makeCloudFleet();
  const { code, stderr } = await run("remove", "mikki");
  assert.is(code, 2);
  assert.match(stderr, /no host is named `mikki`\nHint: .*miki/);
});

remove.run();
