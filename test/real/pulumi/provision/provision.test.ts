import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MIKI } from "../../../cli/cloud/fleet.js";
import { linkPackages } from "../../../cli/process.js";
import { initFleet, planOf, succeed, within } from "../support/command.js";

/** `meshflake provision` with Pulumi's real engine, and stand-ins for Hetzner and Contabo. */
const provision = suite("real: provision");

const SERVER = "hcloud:index/server:Server";
const PRIMARY_IP = "hcloud:index/primaryIp:PrimaryIp";

provision("a preview changes nothing, an update makes the server and syncs, a second one has nothing to do", () =>
  within(async ({ engine, fleet, run }) => {
    const dry = await succeed(run("provision", "--dry-run"));
    assert.match(dry.stdout, /^stack prod would change: \d+ to create\n$/);
    assert.equal(engine.cloud("hcloud").list(SERVER), []);
    const asked = await run("provision");
    assert.is(asked.code, 2);
    assert.match(asked.stderr, /there is no terminal to ask on\nHint: give --yes/);
    const made = await succeed(run("provision", "--yes"));
    const [server] = engine.cloud("hcloud").list(SERVER);
    const facts = fleet.lock().hosts.miki?.facts;
    assert.is(facts?.id, server?.id);
    assert.match(made.stdout, /✓ stack prod: \d+ created\n/);
    assert.match(made.stdout, new RegExp(`\\+ miki: ipv4 ${facts?.ipv4}, ipv6 `));
    assert.match(made.stdout, new RegExp(`machines that are new:\\n {4}meshflake install miki --at ${facts?.ipv4}\\n`));
    assert.match(made.stderr, /Updating \(prod\):/);
    const again = await succeed(run("provision", "--yes", "--json"));
    const { planned, done, sync, join: joins } = planOf(again);
    assert.equal([Object.keys(planned), done, sync.changes, joins], [["same"], null, [], []]);
    await succeed(run("generate"));
    await succeed(run("check", "--strict"));
  }),
);

provision("a machine goes in two steps: remove, then its file; its addresses stay", () =>
  within(async ({ engine, fleet, run }) => {
    const file = join(fleet.root, "hosts/burst.ts");
    const text = MIKI.replace(/ {2}(nomad|consul): .*\n/g, "");
    writeFileSync(file, text);
    await succeed(run("generate"));
    await succeed(run("provision", "--yes", "--quiet"));
    const names = () =>
      engine
        .cloud("hcloud")
        .list(SERVER)
        .map(({ properties }) => properties.name)
        .sort();
    rmSync(file);
    const refused = await run("provision", "--yes", "--quiet");
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /burst is gone from the fleet, but its machine is protected/);
    writeFileSync(file, text);
    await succeed(run("remove", "burst"));
    await succeed(run("provision", "--yes", "--quiet"));
    assert.equal(names(), ["burst", "miki"]);
    rmSync(file);
    await succeed(run("generate"));
    await succeed(run("provision", "--yes", "--quiet"));
    assert.equal(names(), ["miki"]);
    assert.is(engine.cloud("hcloud").list(PRIMARY_IP).length, 4);
  }),
);

provision("--replace makes one machine anew, with the addresses it had, and guards it again", () =>
  within(async ({ engine, fleet, run }) => {
    await succeed(run("provision", "--yes", "--quiet"));
    const before = fleet.lock().hosts.miki?.facts;
    const replaced = await succeed(run("provision", "--yes", "--replace", "miki"));
    const after = fleet.lock().hosts.miki?.facts;
    assert.is.not(after?.id, before?.id);
    assert.equal([after?.ipv4, after?.ipv6], [before?.ipv4, before?.ipv6]);
    assert.is(engine.cloud("hcloud").list(SERVER).length, 1);
    assert.match(replaced.stdout, /meshflake install miki --at /);
    assert.match(replaced.stdout, /it votes in Consul and Nomad: let no other voter be away until it does so again\n$/);
    assert.equal(Object.keys(planOf(await succeed(run("provision", "--dry-run", "--json"))).planned), ["same"]);
    const stranger = await run("provision", "--yes", "--replace", "bianco");
    assert.match(stranger.stderr, /the stack has no machine of bianco/);
  }),
);

provision("an instance at Contabo is adopted, is reinstalled by --replace alone, and is only forgotten", () =>
  within(async ({ engine, contabo, fleet, run }) => {
    const file = join(fleet.root, "hosts/cosmo.ts");
    const text = readFileSync(file, "utf8").replace("203.0.113.10/24", "203.0.113.100/24");
    writeFileSync(file, text.replace("address:", 'instanceId: 100,\n  product: "V92",\n  address:'));
    await succeed(run("provision", "--yes", "--quiet"));
    assert.equal(fleet.lock().hosts.cosmo?.facts?.id, "100");
    const puts = () => contabo.calls.filter(({ method }) => method !== "GET").map(({ method }) => method);
    assert.equal(puts(), []);
    const bare = await run("provision", "--yes", "--quiet", "--replace", "cosmo");
    assert.match(bare.stderr, /hosts\/cosmo\.ts.*there is no image to reinstall it with/);
    const stack = join(fleet.root, "pulumi/Pulumi.prod.yaml");
    const image = "22222222-2222-4222-8222-222222222222";
    writeFileSync(stack, `${readFileSync(stack, "utf8").trimEnd()}\nconfig:\n  meshflake:contaboImage: ${image}\n`);
    const replaced = await succeed(run("provision", "--yes", "--quiet", "--replace", "cosmo"));
    assert.match(replaced.stdout, /machines that are new:\n {4}meshflake install cosmo --at 203\.0\.113\.100\n/);
    assert.equal(puts(), ["PUT"]);
    assert.is(contabo.instances.get(100)?.imageId, image);
    assert.equal(Object.keys(planOf(await succeed(run("provision", "--dry-run", "--json"))).planned), ["same"]);
    assert.not.match(engine.readState(), /planted-(client-secret|password|token)/);
    assert.match(engine.readState(), /contabo:Instance/);
    await succeed(run("remove", "cosmo"));
    assert.match((await succeed(run("provision", "--yes", "--quiet"))).stdout, /protection of cosmo lifted\n/);
    writeFileSync(file, readFileSync(file, "utf8").replace("  instanceId: 100,\n", ""));
    await succeed(run("provision", "--yes", "--quiet"));
    assert.equal(puts(), ["PUT"]);
    assert.is(contabo.instances.get(100)?.imageId, image);
  }),
);

provision("a fleet that was just made: its own program starts, and wants addresses that exist", () =>
  within(async ({ runIn }) => {
    const root = await initFleet();
    linkPackages(root);
    await succeed(runIn(root, "generate"));
    const refused = await runIn(root, "provision", "--dry-run");
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /hosts\/hub\.ts:\d+:\d+ .*the project has no primary IP 203\.0\.113\.10/);
    const file = join(root, "hosts/hub.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^ {2}(address|\/\/ Addresses).*\n/gm, ""));
    const { stdout } = await succeed(runIn(root, "provision", "--dry-run"));
    assert.match(stdout, /^stack prod would change: \d+ to create\n$/);
  }),
);

provision("a number that is another machine's is refused before anything is made", () =>
  within(async ({ engine, fleet, run }) => {
    const file = join(fleet.root, "hosts/cosmo.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace("address:", "instanceId: 100,\n  address:"));
    const { code, stderr } = await run("provision", "--yes", "--quiet");
    assert.is(code, 1);
    const problem = /hosts\/cosmo\.ts:\d+:\d+ .*ipv4 is 203\.0\.113\.10 here, and 203\.0\.113\.100 at instance 100/g;
    // Pulumi shows its progress, and then its diagnostics.
    const [progress = "", diagnostics = ""] = stderr.split("Diagnostics:");
    assert.equal([progress.match(problem)?.length, diagnostics.match(problem)?.length], [1, 1]);
    assert.equal(engine.cloud("hcloud").list(SERVER), []);
  }),
);

provision.run();
