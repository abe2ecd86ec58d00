import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onPulumi, setScene } from "./support/setup.js";

/** A stack is a fleet, an environment of it or one of its clusters, as its settings say; each has machines of its own. */

const real = suite("real: pulumi: stacks");
const test = onPulumi(real);

const VM = "proxmoxve:index/vmLegacy:VmLegacy";

test("an environment's machines have its name; the fleet's own stack has nothing to do with them", async () => {
  const { stack, engine } = await setScene("examples/two-environments", { environment: "dev" });
  const { error, text, outputs } = await stack.up();
  assert.is(error, null, text);
  const machines = engine.cloud("proxmoxve").list(VM);
  assert.equal(machines.map(({ properties }) => properties.name).sort(), ["dev-dns", "dev-services", "dev-storage"]);
  for (const { properties } of machines) assert.equal(properties.tags, ["house", "house-dev", "meshflake"]);
  const { environment, hosts } = outputs.meshflake?.value ?? {};
  assert.equal([environment, Object.keys(hosts)], ["dev", ["dns", "services", "storage"]]);
  // The fleet itself is on metal.
  await stack.stack.removeConfig("meshflake:environment");
  const other = await stack.up();
  assert.match(
    other.text,
    /this stack holds the fleet house, environment dev, and the program would make the fleet house/,
  );
  assert.is(engine.cloud("proxmoxve").list(VM).length, 3);
});

test("a cluster's stack makes its machines alone", async () => {
  const none = await setScene("examples/three-clusters", { cluster: "prod" });
  const { text, counts } = await none.stack.preview();
  assert.match(text, /there is nothing to make/);
  assert.equal(counts, {});
  await none.stack.configure({ cluster: "data" });
  const { error, steps, text: said } = await none.stack.preview();
  assert.is(error, null, said);
  assert.equal(
    steps.filter((step) => step.includes(VM)),
    [`create ${VM} data2`, `create ${VM} data3`],
  );
  await none.stack.configure({ cluster: "daat" });
  const unknown = await none.stack.preview();
  assert.match(unknown.text, /the setting meshflake:cluster names daat, which the fleet does not have/);
});

real.run();
