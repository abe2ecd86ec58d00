import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withSettings } from "../../../cli/provision/settings.js";
import type { Cloud, Thing } from "./stand-in/cloud.js";
import { parseCalls } from "./support/calls.js";
import { once, onPulumi, setScene } from "./support/setup.js";

/** Voters in the real engine: made one after the other, and made anew one after the other, with the others untouched. */

const real = suite("real: pulumi: voters");
const test = onPulumi(real);

const SERVER = "hcloud:index/server:Server";
const VOTER = `fleet.hetznerVm({
  site: "nuremberg",
  serverType: "cx23",
  location: "nbg1",
  nomad: { server: true },
  consul: { server: true },
})`;

/** The reference fleet with two more voters, which is five of them, in a LAN; their servers start from a stock image. */
const scene = once(async () => {
  const made = await setScene("", { hetznerImage: "debian-13" });
  for (const host of ["alfa", "beta"]) made.repository.add(host, VOTER);
  const uplink = 'nuremberg: { ipv4: "public", ipv6: "public"';
  made.repository.edit("fleet.ts", uplink, `${uplink}, lan: "10.77.0.0/24"`);
  made.engine.cloud("hcloud").add("image", "13", () => ({ name: "debian-13", labels: {}, architecture: "x86" }));
  return made;
});

const urnOf = (host: string) => `urn:pulumi:prod::meshflake::meshflake:hetzner:Server$${SERVER}::${host}`;

function serverOf(cloud: Cloud, host: string): Thing {
  const found = cloud.list(SERVER).find(({ properties }) => properties.name === host);
  if (found === undefined) throw new Error(`${host} has no server`);
  return found;
}

/** Steps that concern a server, or what belongs to one. */
const about = (steps: readonly string[], host: string) =>
  steps.filter((step) => step.split(" ").at(-1)?.startsWith(host));

test("makes voters one after the other, from the image that the settings name", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  cloud.write({ delay: 200 });
  const { error, text } = await stack.up();
  assert.is(error, null, text);
  const calls = parseCalls(cloud).all.filter(({ verb, type }) => verb === "create" && type === SERVER);
  assert.equal(
    calls.map(({ name }) => name),
    ["alfa", "beta", "miki"],
  );
  for (const [index, { from }] of calls.entries())
    if (index > 0) assert.ok(from >= (calls[index - 1]?.to ?? Number.POSITIVE_INFINITY));
  assert.equal(
    cloud.list(SERVER).map(({ properties }) => properties.image),
    ["13", "13", "13"],
  );
  // They share the LAN of their site.
  const [subnet, ...more] = cloud.list("hcloud:index/networkSubnet:NetworkSubnet");
  assert.equal([subnet?.properties.ipRange, more], ["10.77.0.0/24", []]);
  for (const { properties } of cloud.list(SERVER))
    assert.equal(properties.networks, [{ subnetId: subnet?.id, aliasIps: [] }]);
  cloud.write({ delay: 0 });
});

test("makes one anew, and touches no other", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const [alfa, ...others] = ["alfa", "beta", "miki"].map((host) => serverOf(cloud, host));
  const unlocked = await withSettings({ unlock: "alfa" }, () => stack.up());
  assert.equal(unlocked.steps, [`update ${SERVER} alfa`]);
  const { error, steps, text } = await withSettings({ replace: "alfa" }, () => stack.up({ replace: [urnOf("alfa")] }));
  assert.is(error, null, text);
  assert.equal(about(steps, "alfa"), steps);
  assert.is.not(serverOf(cloud, "alfa").id, alfa?.id);
  assert.equal(
    ["beta", "miki"].map((host) => serverOf(cloud, host)),
    others,
  );
});

test("refuses to make a second one anew with the same setting", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const before = serverOf(cloud, "beta");
  const { error, text } = await withSettings({ replace: "alfa" }, () =>
    stack.preview({ replace: [urnOf("alfa"), urnOf("beta")] }),
  );
  assert.ok(error);
  assert.match(text, /Server::beta"\s+as it is currently marked for protection/);
  const update = await withSettings({ replace: "alfa" }, () => stack.up({ replace: [urnOf("beta")] }));
  assert.ok(update.error);
  assert.equal(serverOf(cloud, "beta"), before);
});

test("makes the next one anew in its turn; the update before locks the first again", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const unlocked = await withSettings({ unlock: "beta" }, () => stack.up());
  assert.equal(unlocked.steps, [`update ${SERVER} alfa`, `update ${SERVER} beta`]);
  const [alfa, beta] = [serverOf(cloud, "alfa"), serverOf(cloud, "beta")];
  const { error, steps, text } = await withSettings({ replace: "beta" }, () => stack.up({ replace: [urnOf("beta")] }));
  assert.is(error, null, text);
  assert.equal(about(steps, "beta"), steps);
  assert.is.not(serverOf(cloud, "beta").id, beta.id);
  assert.equal(serverOf(cloud, "alfa"), alfa);
  assert.equal((await stack.up()).steps, [`update ${SERVER} beta`]);
  assert.equal((await stack.up()).counts, {});
});

test("refuses to change two of them in one update, before it begins, and changes one", async () => {
  const { stack, engine, repository } = await scene();
  const cloud = engine.cloud("hcloud");
  const calls = cloud.read().calls.length;
  for (const host of ["alfa", "beta"]) repository.edit(`${host}.ts`, "cx23", "cpx32");
  const { error, text } = await stack.up();
  assert.ok(error);
  assert.match(text, /the update would change or remove 2 voters of cats at once: alfa, beta/);
  assert.is(cloud.read().calls.length, calls);
  repository.edit("beta.ts", "cpx32", "cx23");
  assert.equal((await stack.up()).steps, [`update ${SERVER} alfa`]);
});

real.run();
