import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCalls } from "./calls.js";
import { onPulumi, setScene } from "./setup.js";
import type { Cloud } from "./stand-in/cloud.js";

/** A provider that fails in the middle, at each resource in turn: the next update goes on where the last one stopped. */

const real = suite("real: pulumi: failures");
const test = onPulumi(real);

/** The types and names of all that was made. */
function made(clouds: readonly Cloud[]): string[] {
  return clouds.flatMap((cloud) =>
    cloud
      .read()
      .calls.filter(({ verb, failed }) => verb === "create" && failed === undefined)
      .map(({ type, name }) => `${type} ${name}`),
  );
}

test("goes on after a failure at every resource", async () => {
  const whole = await setScene("examples/pis-and-proxmox");
  assert.is((await whole.stack.up()).error, null);
  const names = ["hcloud", "proxmoxve"] as const;
  const all = made(names.map((name) => whole.engine.cloud(name)));
  assert.ok(all.length > 10);

  const { engine, stack } = await setScene("examples/pis-and-proxmox");
  const clouds = names.map((name) => engine.cloud(name));
  for (const target of all) {
    for (const cloud of clouds) cloud.write({ failing: target });
    const { error, text } = await stack.up();
    assert.ok(error, target);
    assert.match(text, /the provider is out of order/);
    assert.not(made(clouds).includes(target));
  }
  for (const cloud of clouds) cloud.write({ failing: null });
  assert.is((await stack.up()).error, null);
  // Everything once, and nothing twice.
  assert.equal(made(clouds).sort(), all.sort());
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
