import { suite } from "uvu";
import * as assert from "uvu/assert";
import { once, onPulumi, type Scene, setScene } from "./support/setup.js";

/** Bad input: said clearly, by its place in the host files where it has one, before anything is made. */

const real = suite("real: pulumi: refused");
const test = onPulumi(real);

const scene = once(() => setScene("examples/pis-and-proxmox"));

/** Fails with each message; makes nothing. */
async function assertRefused({ stack, engine }: Scene, ...messages: RegExp[]): Promise<void> {
  const { error, text, counts } = await stack.up();
  assert.ok(error);
  for (const message of messages) assert.match(text, message);
  assert.equal(counts, {});
  for (const name of ["hcloud", "proxmoxve"] as const) assert.equal(engine.cloud(name).read().calls, []);
}

/** Runs with an environment variable changed in this process, which serves the program. */
async function withVariable(name: string, value: string | undefined, work: () => Promise<void>): Promise<void> {
  // It sets them all.
  await scene();
  const { [name]: before } = process.env;
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

test("a token that is missing, or too short", async () => {
  await withVariable("HCLOUD_TOKEN", undefined, async () => assertRefused(await scene(), /HCLOUD_TOKEN is not set/));
  await withVariable("HCLOUD_TOKEN", "abc", async () =>
    assertRefused(await scene(), /HCLOUD_TOKEN has 3 characters instead of 64/),
  );
});

test("what only root@pam may do, with a token", async () => {
  await withVariable("PROXMOX_VE_API_TOKEN", "root@pam!ci=x", async () =>
    assertRefused(
      await scene(),
      /files: Proxmox lets nobody but root@pam pass on features\.mount, the folder \/tank\/media/,
    ),
  );
});

test("a token in the settings, which the state would keep", async () => {
  const { stack } = await scene();
  await stack.configure({ "hcloud:token": "planted" });
  await assertRefused(await scene(), /the setting hcloud:token would be kept in Pulumi's state/);
  await stack.configure({});
});

test("a machine to be made anew with every update, as an older run may have left it in the settings", async () => {
  const { stack } = await scene();
  await stack.configure({ replace: "burst" });
  await assertRefused(
    await scene(),
    /the setting meshflake:replace would hold for every update/,
    /pulumi config rm meshflake:replace; meshflake provision --replace burst/,
  );
  await stack.configure({});
});

test("a location and a server type that do not exist, and an image that is not there", async () => {
  const { repository, engine } = await scene();
  const cloud = engine.cloud("hcloud");
  const { things } = cloud.read();
  cloud.write({ things: things.filter(({ type }) => type !== "image") });
  repository.edit("burst.ts", '"fsn1"', '"fsn11"');
  await assertRefused(await scene(), /hosts\/burst\.ts:\d+:\d+ {2}location: Hetzner has no location "fsn11"/);
  // One that the rules know, and this account does not.
  repository.edit("burst.ts", '"fsn11"', '"hel1"');
  await assertRefused(
    await scene(),
    /hosts\/burst\.ts:\d+:\d+ {2}location: burst: Hetzner has no location hel1/,
    /no snapshot of the platform's image for x86_64 is at Hetzner/,
  );
  repository.edit("burst.ts", '"hel1"', '"fsn1"');
  repository.edit("burst.ts", "cpx32", "cpx33");
  await assertRefused(await scene(), /serverType: burst: Hetzner has no server type cpx33/);
  repository.edit("burst.ts", "cpx33", "cpx32");
  cloud.write({ things });
});

test("an address that nobody has", async () => {
  const { repository } = await scene();
  repository.edit("burst.ts", "198.51.100.77", "198.51.100.78");
  await assertRefused(await scene(), /address\.ipv4: burst: the project has no primary IP 198\.51\.100\.78/);
  repository.edit("burst.ts", "198.51.100.78", "198.51.100.77");
});

test("a number that is taken, a node that does not exist, and an image that was not built", async () => {
  const { repository, engine, stack } = await scene();
  engine.cloud("proxmoxve").add("guest", "204", () => ({ vmId: 204, name: "windows", nodeName: "pve2", tags: [] }));
  repository.edit("media.ts", 'node: "pve"', 'node: "pve3"');
  const images = { "proxmox-lxc": "result/none.tar.xz", "proxmox-vm": "local:import/none.qcow2" };
  await stack.configure({ proxmoxImages: JSON.stringify(images) });
  await assertRefused(
    await scene(),
    /hosts\/postgres\.ts:\d+:\d+ {2}vmId: postgres: the number 204 is taken by windows on pve2, which this stack did not make/,
    /node: media: Proxmox has no node pve3/,
    /the image proxmox-lxc is not at result\/none\.tar\.xz/,
  );
  repository.edit("media.ts", 'node: "pve3"', 'node: "pve"');
  await assertRefused(await scene(), /the node pve has no local:import\/none\.qcow2/);
  await stack.configure({ hetznerImage: "debian-99" });
  await assertRefused(await scene(), /Hetzner has no image debian-99 for x86_64/);
  await stack.configure({});
});

test("a stack of another fleet", async () => {
  const { engine, repository, stack } = await scene();
  engine.cloud("proxmoxve").remove("guest", "204");
  assert.is((await stack.up()).error, null);
  const calls = engine.cloud("hcloud").read().calls.length;
  repository.edit("fleet.ts", 'name: "hashlab"', 'name: "otherlab"');
  const { error, text } = await stack.up();
  assert.ok(error);
  assert.match(text, /this stack holds the fleet hashlab, and the program would make the fleet otherlab/);
  assert.is(engine.cloud("hcloud").read().calls.length, calls);
});

test("nothing, where no host is at a provider", async () => {
  const { repository, stack } = await setScene("");
  // Cosmo and maco are at Contabo, and have no number there.
  repository.edit("miki.ts", "fleet.hetznerVm({", "fleet.contaboVm({");
  repository.edit("miki.ts", '  serverType: "cx23",\n  location: "nbg1",\n', "");
  const { error, text, counts } = await stack.preview();
  assert.is(error, null);
  assert.match(
    text,
    /no host of cats is at Hetzner, on Proxmox, or a Contabo instance with a number: there is nothing to make/,
  );
  assert.equal(counts, {});
});

real.run();
