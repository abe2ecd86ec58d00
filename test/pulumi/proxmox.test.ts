import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostInput } from "../../generators/model/input.js";
import { LOCK_VERSION } from "../../generators/model/lock.js";
import { ProxmoxContainer, ProxmoxVm } from "../../pulumi/components/proxmox.js";
import { ProxmoxImages } from "../../pulumi/components/proxmox-images.js";
import { makeInOrder } from "../../pulumi/machines.js";
import type { CloudView } from "../../pulumi/plan/types.js";
import type { ImageSource } from "../../pulumi/proxmox/images.js";
import { container, machine, viewOf } from "./clouds.js";
import { type Registered, record } from "./record.js";

/** Every option that protects a guest on Proxmox, and what its inputs say. */

const proxmox = suite("pulumi: proxmox");

const IMAGES = new Map<string, ImageSource>([
  [
    "proxmox-lxc",
    { kind: "file", path: "/x/lxc.tar.xz", fileName: "meshflake-proxmox-lxc-1.tar.xz", contentType: "vztmpl" },
  ],
  ["proxmox-vm", { kind: "uploaded", id: "local:import/vm.qcow2" }],
]);

function make(view: CloudView): Promise<ReadonlyMap<string, Registered>> {
  return record(() => {
    const project = { view, images: new ProxmoxImages(view, IMAGES, "local"), storage: "local-lvm" };
    makeInOrder(view.machines, (one, after) => {
      const options = { dependsOn: [...after] };
      if (one.platform === "proxmoxLxc") {
        const { output, container: resource } = new ProxmoxContainer(one, project, options);
        return { output, resource };
      }
      if (one.platform !== "proxmoxVm") throw new Error(`${one.host} is elsewhere`);
      const { output, vm: resource } = new ProxmoxVm(one, project, options);
      return { output, resource };
    });
  });
}

/** The one guest of a fleet with one host. */
async function guest(input: HostInput, key = "ContainerLegacy a"): Promise<Registered> {
  const found = (await make(viewOf({ a: input }))).get(key);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
}

proxmox(
  "a container is protected, keeps its template and its name, and is deleted before it is made anew",
  async () => {
    const { protect, deleteBeforeReplace, ignoreChanges } = await guest(container());
    assert.equal([protect, deleteBeforeReplace], [true, true]);
    assert.equal([...ignoreChanges].sort(), ["initialization", "operatingSystem"]);
  },
);

proxmox("a virtual machine is protected, by Proxmox as well, and never imports its disk again", async () => {
  const { protect, deleteBeforeReplace, ignoreChanges, inputs } = await guest(machine(), "VmLegacy a");
  assert.equal([protect, deleteBeforeReplace, inputs.protection], [true, true, true]);
  assert.equal([...ignoreChanges].sort(), ["disks[0].importFrom", "initialization"]);
});

proxmox("a guest that leaves is unlocked", async () => {
  const lock = { version: LOCK_VERSION, hosts: { a: { leaving: "machine" } } } as const;
  const all = await make(viewOf({ a: machine() }, {}, lock));
  const vm = all.get("VmLegacy a");
  assert.equal([vm?.protect, vm?.inputs.protection], [false, false]);
});

proxmox("voters wait for one another, and start before the others when the node starts", async () => {
  const vote = { nomad: { server: true }, consul: { server: true } };
  const hosts = {
    b: container({ vmId: 202, ...vote }),
    a: machine({ ...vote }),
    c: container({ vmId: 203 }),
  };
  const all = await make(viewOf(hosts));
  const orderOf = (key: string) => (all.get(key)?.inputs.startup as { order: number } | undefined)?.order;
  assert.equal(["VmLegacy a", "ContainerLegacy b", "ContainerLegacy c"].map(orderOf), [1, 1, 2]);
  assert.ok(all.get("ContainerLegacy b")?.dependsOn.includes("a"));
  assert.not(all.get("ContainerLegacy c")?.dependsOn.includes("b"));
});

proxmox("an image is uploaded once a node and version, and stays", async () => {
  const hosts = { a: container(), b: container({ vmId: 202 }), c: container({ vmId: 203, node: "pve2" }) };
  const files = [...(await make(viewOf(hosts))).values()].filter(({ type }) => type.endsWith("FileLegacy"));
  assert.equal(
    files.map(({ inputs, retainOnDelete }) => [inputs.nodeName, inputs.contentType, retainOnDelete]),
    [
      ["pve", "vztmpl", true],
      ["pve2", "vztmpl", true],
    ],
  );
});

proxmox("nothing needs root@pam unless the host file asks for it", async () => {
  const { inputs } = await guest(container());
  assert.equal(inputs.features, { nesting: true });
  assert.equal(inputs.devicePassthroughs, []);
  assert.equal(inputs.mountPoints, []);
  const view = viewOf({ a: container(), b: machine({ hostPci: ["gpu"] }) });
  for (const one of view.machines) assert.equal("needsRoot" in one && one.needsRoot, []);
});

proxmox("what needs root@pam is said", async () => {
  const asking = {
    a: container({
      features: { keyctl: true, mount: ["nfs"] },
      mounts: [{ source: "/tank", target: "/srv" }],
      devices: ["/dev/net/tun"],
    }),
    b: machine({ hostPci: ["0000:01:00"] }),
  };
  const needs = viewOf(asking).machines.map((one) => ("needsRoot" in one ? one.needsRoot : []));
  assert.equal(needs, [
    ["features.keyctl", "features.mount", "the folder /tank", "the device /dev/net/tun"],
    ["the PCI device 0000:01:00"],
  ]);
  const { inputs } = await guest(asking.a);
  assert.equal(inputs.devicePassthroughs, [{ path: "/dev/net/tun" }]);
});

proxmox("folders are bound, and volumes are made and backed up", async () => {
  const mounts = [
    { source: "/tank", target: "/srv", readOnly: true },
    { source: "local-lvm:32", target: "/data" },
  ];
  const { inputs } = await guest(container({ mounts }));
  assert.equal(inputs.mountPoints, [
    { volume: "/tank", path: "/srv", readOnly: true },
    { volume: "local-lvm", path: "/data", readOnly: false, size: "32G", backup: true },
  ]);
});

proxmox("the plug has the VLAN and the MAC address of the host file", async () => {
  const { inputs } = await guest(container({ vlan: 7, address: { mac: "BC:24:11:00:00:31" } }));
  assert.equal(inputs.networkInterfaces, [
    { name: "eth0", bridge: "vmbr0", macAddress: "bc:24:11:00:00:31", vlanId: 7 },
  ]);
});

proxmox("the cloud-init drive says the address, and no account", async () => {
  const address = { ipv4: "192.168.1.60/24", gateway4: "192.168.1.1" };
  const { inputs } = await guest(machine({ address }), "VmLegacy a");
  assert.equal(inputs.initialization, {
    datastoreId: "local-lvm",
    ipConfigs: [{ ipv4: { address: "192.168.1.60/24", gateway: "192.168.1.1" } }],
  });
  assert.is((await guest(machine(), "VmLegacy a")).inputs.initialization, undefined);
});

proxmox("a graphics card comes over PCI Express, and OVMF boots without keys", async () => {
  const { inputs } = await guest(machine({ bios: "ovmf", hostPci: ["0000:01:00", "gpu"] }), "VmLegacy a");
  assert.is(inputs.machine, "q35");
  assert.equal(inputs.hostpcis, [
    { device: "hostpci0", id: "0000:01:00", pcie: true },
    { device: "hostpci1", mapping: "gpu", pcie: true },
  ]);
  assert.equal(inputs.efiDisk, { datastoreId: "local-lvm", type: "4m", preEnrolledKeys: false });
});

proxmox.run();
