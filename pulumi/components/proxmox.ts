import type * as proxmox from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";
import type { HostOutput } from "../outputs.js";
import { loadProxmox } from "../packages.js";
import { joinCommand } from "../plan/join.js";
import type { CloudView, ContainerView, GuestView, MountView, VmView } from "../plan/types.js";
import { imageName } from "../proxmox/images.js";
import { tagsOf } from "../proxmox/tags.js";
import { isMachineLocked, machineOptions } from "./guard.js";
import type { ProxmoxImages } from "./proxmox-images.js";

/** What guests of a stack share. */
export interface ProxmoxProject {
  readonly view: CloudView;
  readonly images: ProxmoxImages;
  /** Where disks are. */
  readonly storage: string;
}

/** Proxmox starts guests of a lower number first when the node starts: voters, so that the others find a leader. */
const START = { voter: 1, other: 2 } as const;

/** What both kinds are made of. */
function commonArgs({ node, vmId, memory, ...machine }: GuestView, { view }: ProxmoxProject) {
  return {
    nodeName: node,
    ...(vmId !== null && { vmId }),
    memory: { dedicated: memory },
    startup: { order: machine.voter ? START.voter : START.other },
    started: true,
    tags: tagsOf(view, machine),
  };
}

/** The plug in the node's bridge. */
function plug({ bridge, mac, vlan }: GuestView) {
  return { bridge, ...(mac !== null && { macAddress: mac }), ...(vlan !== null && { vlanId: vlan }) };
}

function describe(
  machine: ContainerView | VmView,
  environment: string | null,
  { id, urn }: pulumi.CustomResource,
): pulumi.Output<HostOutput> {
  const { platform, host, node, guard } = machine;
  return pulumi.all([id, urn]).apply(([number, name]) => ({
    platform,
    id: number,
    node,
    protected: isMachineLocked(guard),
    urn: name,
    join: joinCommand({ platform, host, node, id: number }, environment),
  }));
}

/**
 * A container on Proxmox. Its network is NixOS's own affair, so that it gets an interface and no address. A new template or a new name
 * would destroy it, and so concerns new containers alone.
 */
export class ProxmoxContainer extends pulumi.ComponentResource {
  readonly container: proxmox.ContainerLegacy;
  readonly output: pulumi.Output<HostOutput>;

  /** @param options `dependsOn` names the machines that have to be there first */
  constructor(
    machine: ContainerView,
    project: ProxmoxProject,
    { dependsOn, ...options }: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:proxmox:Container", machine.name, {}, options);
    const { ContainerLegacy } = loadProxmox();
    this.container = new ContainerLegacy(machine.name, containerArgs(machine, project), {
      parent: this,
      ...machineOptions(machine.guard, ["operatingSystem", "initialization"]),
      ...(dependsOn !== undefined && { dependsOn }),
    });
    this.output = describe(machine, project.view.environment, this.container);
    this.registerOutputs();
  }
}

/** Proxmox's own protection is left off: it would also forbid a larger disk. */
function containerArgs(machine: ContainerView, project: ProxmoxProject): proxmox.ContainerLegacyArgs {
  const { features, devices } = machine;
  const template = project.images.on(machine.node, imageName(machine));
  return {
    ...commonArgs(machine, project),
    unprivileged: machine.unprivileged,
    startOnBoot: true,
    features: {
      nesting: features.nesting,
      ...(features.keyctl && { keyctl: true }),
      ...(features.mounts.length > 0 && { mounts: [...features.mounts] }),
    },
    ...(template !== null && { operatingSystem: { templateFileId: template, type: "nixos" } }),
    cpu: { cores: machine.cores },
    disk: { datastoreId: project.storage, size: machine.disk },
    initialization: { hostname: machine.name },
    networkInterfaces: [{ name: "eth0", ...plug(machine) }],
    mountPoints: machine.mounts.map(mountPoint),
    devicePassthroughs: devices.map((path) => ({ path })),
  };
}

/** A volume goes into Proxmox's backups of the container; a folder of the node cannot. */
function mountPoint({ volume, path, readOnly, size }: MountView) {
  return { volume, path, readOnly, ...(size !== null && { size: `${size}G`, backup: true }) };
}

/** A virtual machine on Proxmox. Its disk starts as the platform's image, grows to the host's size, and is never imported again. */
export class ProxmoxVm extends pulumi.ComponentResource {
  readonly vm: proxmox.VmLegacy;
  readonly output: pulumi.Output<HostOutput>;

  /** @param options `dependsOn` names the machines that have to be there first */
  constructor(
    machine: VmView,
    project: ProxmoxProject,
    { dependsOn, ...options }: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:proxmox:Vm", machine.name, {}, options);
    const { VmLegacy } = loadProxmox();
    this.vm = new VmLegacy(machine.name, vmArgs(machine, project), {
      parent: this,
      ...machineOptions(machine.guard, ["disks[0].importFrom", "initialization"]),
      ...(dependsOn !== undefined && { dependsOn }),
    });
    this.output = describe(machine, project.view.environment, this.vm);
    this.registerOutputs();
  }
}

function vmArgs(machine: VmView, project: ProxmoxProject): proxmox.VmLegacyArgs {
  const { address, bios, pci } = machine;
  const { storage } = project;
  const importFrom = project.images.on(machine.node, imageName(machine));
  return {
    ...commonArgs(machine, project),
    name: machine.name,
    onBoot: true,
    protection: isMachineLocked(machine.guard),
    // Another node of the same cluster is a migration, and no new machine.
    migrate: true,
    agent: { enabled: true },
    bios,
    // GRUB is not signed: no keys, so that Secure Boot stays off.
    ...(bios === "ovmf" && { efiDisk: { datastoreId: storage, type: "4m", preEnrolledKeys: false } }),
    // PCI Express, which graphics cards want, is on this board alone.
    ...(pci.length > 0 && { machine: "q35" }),
    cpu: { cores: machine.cores, type: "host" },
    scsiHardware: "virtio-scsi-single",
    disks: [
      {
        interface: "scsi0",
        datastoreId: storage,
        size: machine.disk,
        discard: "on",
        iothread: true,
        ...(importFrom !== null && { importFrom }),
      },
    ],
    networkDevices: [{ model: "virtio", ...plug(machine) }],
    serialDevices: [{ device: "socket" }],
    operatingSystem: { type: "l26" },
    hostpcis: pci.map((device, index) => ({ device: `hostpci${index}`, ...device, pcie: true })),
    // The cloud-init drive says the address and nothing else: no account, no key, no secret.
    ...(address !== null && {
      initialization: {
        datastoreId: storage,
        ipConfigs: [{ ipv4: { address: address.ipv4, gateway: address.gateway4 } }],
      },
    }),
  };
}
