import type { Host } from "../../generators/model/fleet.js";
import type { HostInput, ProxmoxMountInput } from "../../generators/model/input.js";
import { resolveGuest } from "../../generators/validate/platform.js";
import type { ContainerView, MachineView, MountView, PciView, VmView } from "./types.js";

/** What Proxmox's containers and virtual machines are made of. */

export function viewContainer({ address }: Host, input: HostInput<"proxmoxLxc">, machine: MachineView): ContainerView {
  const { nesting = true, keyctl = false, mount: fileSystems = [] } = input.features ?? {};
  const mounts = (input.mounts ?? []).map(viewMount);
  const devices = input.devices ?? [];
  return {
    ...machine,
    ...resolveGuest(input),
    platform: "proxmoxLxc",
    mac: address.mac ?? null,
    unprivileged: input.unprivileged ?? true,
    features: { nesting, keyctl, mounts: fileSystems },
    mounts,
    devices,
    needsRoot: [
      ...(keyctl ? ["features.keyctl"] : []),
      ...(fileSystems.length > 0 ? ["features.mount"] : []),
      ...mounts.flatMap(({ volume, size }) => (size === null ? [`the folder ${volume}`] : [])),
      ...devices.map((device) => `the device ${device}`),
    ],
  };
}

/** `STORAGE:GIB` is a new volume, everything else a folder of the node. */
function viewMount({ source, target, readOnly = false }: ProxmoxMountInput): MountView {
  const volume = /^([^/:]+):(\d+)$/.exec(source);
  return {
    volume: volume?.[1] ?? source,
    path: target,
    readOnly,
    size: volume?.[2] === undefined ? null : Number(volume[2]),
  };
}

export function viewVm(host: Host, input: HostInput<"proxmoxVm">, machine: MachineView): VmView {
  const pci = (input.hostPci ?? []).map(viewPci);
  return {
    ...machine,
    ...resolveGuest(input),
    platform: "proxmoxVm",
    mac: host.address.mac ?? null,
    arch: host.arch,
    bios: input.bios ?? "seabios",
    pci,
    address: staticAddress(host),
    needsRoot: pci.flatMap((device) => ("id" in device ? [`the PCI device ${device.id}`] : [])),
  };
}

function viewPci(device: string): PciView {
  return device.includes(":") ? { id: device } : { mapping: device };
}

function staticAddress({ address: { ipv4, gateway4 } }: Host): VmView["address"] {
  return ipv4 === undefined || gateway4 === undefined ? null : { ipv4: `${ipv4.address}/${ipv4.prefix}`, gateway4 };
}
