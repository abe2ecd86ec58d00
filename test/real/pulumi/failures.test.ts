import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Cloud } from "./stand-in/cloud.js";
import { parseCalls } from "./support/calls.js";
import { onPulumi, setScene } from "./support/setup.js";

/** A provider that fails in the middle, at each resource in turn: the next update goes on where the last one stopped. */

const real = suite("real: pulumi: failures");
const test = onPulumi(real);

/** More than there are resources: an update that fails has tried at least one more. */
const MOST_ROUNDS = 40;

/** Types and names of creates that failed, or of those that did not; sorted. */
function creates(clouds: readonly Cloud[], failed: boolean): string[] {
  const calls = clouds.flatMap((cloud) => parseCalls(cloud).all);
  const wanted = calls.filter((call) => call.verb === "create" && (call.failed !== undefined) === failed);
  return wanted.map(({ type, name }) => `${type} ${name}`).sort();
}

test("goes on after a failure at every resource", async () => {
  const { engine, stack } = await setScene("examples/pis-and-proxmox");
  const clouds = [engine.cloud("hcloud"), engine.cloud("proxmoxve")];
  for (const cloud of clouds) cloud.write({ failing: "first" });
  let outcome = await stack.up();
  for (let rounds = 0; outcome.error !== null && rounds < MOST_ROUNDS; rounds++) {
    assert.match(outcome.text, /the provider is out of order/);
    outcome = await stack.up();
  }
  assert.is(outcome.error, null);
  // Each failed once and was made once, and nothing was made twice.
  const failed = creates(clouds, true);
  assert.ok(failed.length > 10);
  assert.equal(creates(clouds, false), failed);
  assert.is(new Set(failed).size, failed.length);
  assert.equal((await stack.up()).counts, {});
});

test("makes no second voter where the first one failed", async () => {
  const { engine, stack } = await setScene("examples/pis-and-proxmox");
  const cloud = engine.cloud("proxmoxve");
  cloud.write({ failing: "proxmoxve:index/containerLegacy:ContainerLegacy hash1" });
  assert.ok((await stack.up()).error);
  const calls = parseCalls(cloud).all.filter(({ name }) => name === "hash2");
  assert.equal(calls, []);
});

real.run();
