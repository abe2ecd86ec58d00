import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planOf, type Scene, succeed, within } from "../support/command.js";

/** `meshflake provision` with Pulumi's real engine, and a stand-in for Proxmox. */
const provision = suite("real: provision on Proxmox");

const CONTAINER = "proxmoxve:index/containerLegacy:ContainerLegacy";
const VM = "proxmoxve:index/vmLegacy:VmLegacy";

/** A container and a virtual machine, in the site of hosts that are at home. */
const GUESTS = {
  box: `fleet.proxmoxLxc({ site: "london", node: "pve" })`,
  vm: `fleet.proxmoxVm({ site: "london", node: "pve2", memory: 4096 })`,
};

/** Images as `meshflake image` leaves them, and the settings that name them. */
function addImages({ engine, fleet }: Scene): void {
  const images = { "proxmox-lxc": "lxc.tar.xz", "proxmox-vm": "vm.qcow2" };
  const settings = Object.entries(images).map(([name, file]) => {
    writeFileSync(join(engine.folder, file), `an image for ${name}`);
    return `    ${name}: ${join(engine.folder, file)}\n`;
  });
  writeFileSync(
    join(fleet.root, "pulumi/Pulumi.prod.yaml"),
    `config:\n  meshflake:proxmoxImages:\n${settings.join("")}`,
  );
}

provision(
  "a container and a virtual machine on Proxmox: preview, update, facts in the lock, and nothing to do then",
  () =>
    within(async (scene) => {
      const { engine, fleet, run } = scene;
      for (const [host, text] of Object.entries(GUESTS))
        writeFileSync(
          join(fleet.root, `hosts/${host}.ts`),
          `import fleet from "./fleet";\n\nexport default ${text};\n`,
        );
      await succeed(run("generate"));
      const bare = await run("provision", "--yes", "--quiet");
      assert.match(bare.stderr, /the settings name no image proxmox-lxc/);
      assert.match(bare.stderr, /the settings name no image proxmox-vm/);
      addImages(scene);
      const cloud = engine.cloud("proxmoxve");
      assert.match((await succeed(run("provision", "--dry-run"))).stderr, /proxmoxve:index:ContainerLegacy box create/);
      assert.equal(cloud.read().calls, []);
      const made = await succeed(run("provision", "--yes"));
      const [box, vm] = [cloud.list(CONTAINER)[0], cloud.list(VM)[0]];
      const { hosts } = fleet.lock();
      assert.equal([hosts.box?.facts, hosts.vm?.facts], [{ id: box?.id }, { id: vm?.id }]);
      assert.match(made.stdout, new RegExp(`\\+ box: id ${box?.id}\\n`));
      assert.match(
        made.stdout,
        new RegExp(` {4}meshflake identity box --tar \\| ssh .* root@pve 'pct exec ${box?.id} -- `),
      );
      assert.match(
        made.stdout,
        new RegExp(` {4}meshflake identity vm --tar \\| ssh .* root@pve2 'qm guest exec ${vm?.id} `),
      );
      assert.equal(Object.keys(planOf(await succeed(run("provision", "--yes", "--json"))).planned), ["same"]);
      await succeed(run("generate"));
      await succeed(run("check", "--strict"));
      assert.not.match(engine.readState(), /planted-proxmox/);
      assert.match(engine.readState(), /ContainerLegacy/);
    }),
);

provision(
  "a container goes by what remove says, though only an option of Pulumi's changes; --undo guards it again",
  () =>
    within(async (scene) => {
      const { engine, fleet, run } = scene;
      const file = join(fleet.root, "hosts/box.ts");
      writeFileSync(file, `import fleet from "./fleet";\n\nexport default ${GUESTS.box};\n`);
      await succeed(run("generate"));
      addImages(scene);
      await succeed(run("provision", "--yes", "--quiet"));
      await succeed(run("remove", "box"));
      const dry = await succeed(run("provision", "--dry-run", "--quiet"));
      assert.is(dry.stdout, "stack prod would change: protection of box to lift\n");
      const lifted = await succeed(run("provision", "--yes", "--quiet", "--json"));
      assert.equal(planOf(lifted).guards, { lifted: ["box"], restored: [] });
      await succeed(run("remove", "box", "--undo"));
      assert.match((await succeed(run("provision", "--yes", "--quiet"))).stdout, /prod: protection of box restored\n/);
      rmSync(file);
      assert.match((await run("provision", "--yes", "--quiet")).stderr, /box is gone from the fleet, but its machine/);
      writeFileSync(file, `import fleet from "./fleet";\n\nexport default ${GUESTS.box};\n`);
      await succeed(run("remove", "box"));
      await succeed(run("provision", "--yes", "--quiet"));
      rmSync(file);
      await succeed(run("generate"));
      await succeed(run("provision", "--yes", "--quiet"));
      assert.equal(engine.cloud("proxmoxve").list(CONTAINER), []);
    }),
);

provision.run();
