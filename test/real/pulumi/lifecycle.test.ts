import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCalls } from "./support/calls.js";
import { addSnapshot, changeTemplate, once, onPulumi, setScene } from "./support/setup.js";

/** The life of an example's machines, in the real engine: made, left alone, changed, joined by others, and found again after drift. */

const real = suite("real: pulumi: lifecycle");
const test = onPulumi(real);

const scene = once(() => setScene("examples/pis-and-proxmox"));

const BURST = "hcloud:index/server:Server burst";

test("makes every machine that a provider runs, and voters one after the other", async () => {
  const { stack, engine } = await scene();
  engine.cloud("proxmoxve").write({ delay: 300 });
  const { error, steps, outputs } = await stack.up();
  assert.is(error, null);
  const machines = steps.filter((step) => /index.*(Server burst|ContainerLegacy|VmLegacy)/.test(step));
  assert.equal(machines, [
    `create ${BURST}`,
    "create proxmoxve:index/containerLegacy:ContainerLegacy files",
    "create proxmoxve:index/containerLegacy:ContainerLegacy hash1",
    "create proxmoxve:index/containerLegacy:ContainerLegacy hash2",
    "create proxmoxve:index/containerLegacy:ContainerLegacy postgres",
    "create proxmoxve:index/vmLegacy:VmLegacy media",
  ]);
  const calls = parseCalls(engine.cloud("proxmoxve"));
  const [hash1, hash2, files] = [calls.create("hash1"), calls.create("hash2"), calls.create("files")];
  assert.ok(hash2.from >= hash1.to, "the second voter waits for the first");
  assert.ok(files.from < hash1.to, "others do not wait");
  assert.equal(Object.keys(outputs.meshflake?.value.hosts), ["burst", "files", "hash1", "hash2", "media", "postgres"]);
});

test("uploads each image once", async () => {
  const { engine } = await scene();
  const files = engine.cloud("proxmoxve").list("proxmoxve:index/fileLegacy:FileLegacy");
  assert.is(files.length, 2);
});

test("changes nothing where nothing changed", async () => {
  const { stack } = await scene();
  const { error, counts } = await stack.up();
  assert.is(error, null);
  assert.equal(counts, {});
});

test("refuses a server type with a smaller disk or another architecture, before it begins", async () => {
  const { stack, repository, engine } = await scene();
  const calls = engine.cloud("hcloud").read().calls.length;
  for (const [type, why] of [
    [
      "cx23",
      /serverType: burst: its server is a cpx32 and cannot become a cx23: its disk has 160 GB, that type's 40 GB/,
    ],
    ["cax11", /serverType: burst: its server is a cpx32 and cannot become a cax11: that is arm, and it is x86/],
  ] as const) {
    repository.edit("burst.ts", "cpx32", type);
    const { error, text } = await stack.up();
    assert.ok(error);
    assert.match(text, why);
    repository.edit("burst.ts", type, "cpx32");
  }
  assert.is(engine.cloud("hcloud").read().calls.length, calls);
});

test("changes a server type in place", async () => {
  const { stack, repository } = await scene();
  repository.edit("burst.ts", "cpx32", "cx53");
  const { error, steps } = await stack.up();
  assert.is(error, null);
  assert.equal(steps, [`update ${BURST}`]);
});

test("leaves machines alone where there are new images", async () => {
  const { stack, engine } = await scene();
  addSnapshot(engine);
  changeTemplate(engine);
  const { error, steps } = await stack.up();
  assert.is(error, null);
  // The new template is there for new containers. The old one stays on the node.
  assert.equal(
    steps.filter((step) => !step.includes("FileLegacy")),
    [],
  );
  assert.is(engine.cloud("proxmoxve").list("proxmoxve:index/fileLegacy:FileLegacy").length, 3);
});

test("refuses what would replace a machine, before it begins", async () => {
  const { stack, repository } = await scene();
  repository.edit("hash1.ts", "vmId: 201", "vmId: 301");
  repository.edit("files.ts", 'node: "pve"', 'node: "pve2"');
  const { error, text, counts } = await stack.preview();
  assert.ok(error);
  assert.match(text, /hosts\/hash1\.ts:\d+:\d+ {2}vmId: hash1: its number is 201, and 301 would replace it/);
  assert.match(text, /hosts\/files\.ts:\d+:\d+ {2}node: files: its container is on pve, and pve2 would replace it/);
  assert.match(text, /meshflake provision --replace hash1/);
  assert.equal(counts, {});
  repository.edit("hash1.ts", "vmId: 301", "vmId: 201");
  repository.edit("files.ts", 'node: "pve2"', 'node: "pve"');
});

test("only makes what is new where a host comes", async () => {
  const { stack, repository } = await scene();
  repository.add("web", `fleet.proxmoxLxc({ site: "home", node: "pve" })`);
  const { error, counts, steps } = await stack.up();
  assert.is(error, null);
  assert.equal(Object.keys(counts), ["create"]);
  assert.ok(steps.every((step) => step.endsWith(" web")));
});

test("finds what others changed, and puts it right", async () => {
  const { stack, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const [server] = cloud.list("hcloud:index/server:Server");
  assert.ok(server);
  cloud.set(server.type, server.id, { ...server.properties, backups: true });
  const refreshed = await stack.refresh();
  assert.is(refreshed.error, null);
  const { error, steps } = await stack.up();
  assert.is(error, null);
  assert.equal(steps, [`update ${BURST}`]);
  assert.is(cloud.find(server.type, server.id)?.properties.backups, false);
});

real.run();
