import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withSettings } from "../../../cli/provision/settings.js";
import type { Cloud } from "./stand-in/cloud.js";
import { once, onPulumi, setScene } from "./support/setup.js";

/** Machines that are made anew, and that leave, in the real engine: never by accident, and never with what they leave behind. */

const real = suite("real: pulumi: leaving");
const test = onPulumi(real);

const SECOND = `fleet.hetznerVm({
  site: "nuremberg",
  serverType: "cx23",
  location: "nbg1",
  volumes: { data: { size: 10, mount: "/data" } },
})`;

/** The reference fleet with a second server, whose addresses and volume the stack makes. */
const scene = once(async () => {
  const made = await setScene("");
  made.repository.add("second", SECOND);
  assert.is((await made.stack.up()).error, null);
  return made;
});

/** Names of what outlives a server. */
function keepsakes(cloud: Cloud): string[] {
  const types = ["hcloud:index/primaryIp:PrimaryIp", "hcloud:index/volume:Volume"];
  const names = types.flatMap((type) => cloud.list(type).map(({ properties }) => String(properties.name)));
  return names.filter((name) => name.startsWith("second")).sort();
}

const KEPT = ["second-data", "second-ipv4-nbg1", "second-ipv6-nbg1"];

test("makes a machine anew with its addresses and its volume, and no other machine", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const [before] = cloud.list("hcloud:index/server:Server").filter(({ properties }) => properties.name === "second");
  const unlocked = await withSettings({ unlock: "second" }, () => stack.up());
  assert.is(unlocked.error, null);
  assert.equal(unlocked.steps, ["update hcloud:index/server:Server second"]);
  const { error, steps } = await withSettings({ replace: "second" }, () =>
    stack.up({
      replace: ["urn:pulumi:prod::meshflake::meshflake:hetzner:Server$hcloud:index/server:Server::second"],
    }),
  );
  assert.is(error, null);
  assert.ok(steps.includes("replace hcloud:index/server:Server second"));
  assert.equal(
    steps.filter((step) => step.includes("miki") || step.includes("PrimaryIp") || / \S+Volume /.test(step)),
    [],
  );
  const after = cloud.list("hcloud:index/server:Server").find(({ properties }) => properties.name === "second");
  assert.is.not(after?.id, before?.id);
  assert.equal(after?.properties.publicNets, before?.properties.publicNets);
  assert.equal(keepsakes(cloud), KEPT);
});

test("locks it again afterwards, and is quiet then", async () => {
  const { stack } = await scene();
  const locked = await stack.up();
  assert.equal(locked.steps, ["update hcloud:index/server:Server second"]);
  assert.equal((await stack.up()).counts, {});
});

test("refuses to let a volume go that a host file lost, before it begins, and lets it go as it says", async () => {
  const { stack, repository, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const calls = cloud.read().calls.length;
  const bare = SECOND.replace(/ {2}volumes: .*\n/, "");
  repository.add("second", bare);
  const refused = await stack.up();
  assert.ok(refused.error);
  assert.match(refused.text, /the volume data of second is gone from its host file, but is protected/);
  assert.is(cloud.read().calls.length, calls);
  repository.add("second", SECOND);
  repository.setLock("second", "leaving", "machine");
  assert.is((await stack.up()).error, null);
  repository.add("second", bare);
  assert.is((await stack.up()).error, null);
  repository.setLock("second", "leaving", undefined);
  assert.is((await stack.up()).error, null);
  assert.equal(keepsakes(cloud), KEPT);
  repository.add("second", SECOND);
  const back = await stack.up();
  assert.equal([back.error, back.counts.import], [null, 1]);
});

test("refuses to delete a machine whose host file is gone, before it begins", async () => {
  const { stack, repository, engine } = await scene();
  const calls = engine.cloud("hcloud").read().calls.length;
  repository.remove("second");
  const { error, text } = await stack.up();
  assert.ok(error);
  assert.match(text, /second is gone from the fleet, but its machine is protected/);
  assert.match(text, /meshflake remove second lifts the protection/);
  assert.is(engine.cloud("hcloud").read().calls.length, calls);
});

test("is stopped by Pulumi's own protection where the check does not see it, with nothing deleted", async () => {
  const { stack, engine } = await scene();
  const calls = engine.cloud("hcloud").read().calls.length;
  // The same stack with a program that makes nothing: as if the outputs had been lost.
  const { error, text } = await (await engine.stack("prod", async () => ({}))).up();
  assert.ok(error);
  assert.match(text, /cannot be deleted|marked for protection/);
  assert.is(engine.cloud("hcloud").read().calls.length, calls);
  assert.ok(stack);
});

test("lets it go once the protection was lifted, and keeps its addresses and its volume", async () => {
  const { stack, repository, engine } = await scene();
  repository.add("second", SECOND);
  repository.setLock("second", "leaving", "machine");
  const lifted = await stack.up();
  assert.is(lifted.error, null);
  assert.equal(lifted.steps, ["update hcloud:index/server:Server second"]);
  repository.remove("second");
  const { error } = await stack.up();
  assert.is(error, null);
  const cloud = engine.cloud("hcloud");
  assert.equal(
    cloud.list("hcloud:index/server:Server").map(({ properties }) => properties.name),
    ["miki"],
  );
  assert.equal(keepsakes(cloud), KEPT);
});

test("gives them back to a host that comes back", async () => {
  const { stack, repository, engine } = await scene();
  repository.setLock("second", "leaving", undefined);
  repository.add("second", SECOND);
  const { error, counts } = await stack.up();
  assert.is(error, null);
  assert.is(counts.import, 3);
  assert.equal(keepsakes(engine.cloud("hcloud")), KEPT);
});

test("deletes them as well where the host leaves with its data", async () => {
  const { stack, repository, engine } = await scene();
  repository.setLock("second", "leaving", "data");
  assert.is((await stack.up()).error, null);
  repository.remove("second");
  assert.is((await stack.up()).error, null);
  assert.equal(keepsakes(engine.cloud("hcloud")), []);
});

real.run();
