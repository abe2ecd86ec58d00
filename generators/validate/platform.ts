import type { Host } from "../model/fleet.js";
import type { HostInput } from "../model/input.js";
import type { Architecture } from "../model/vocabulary.js";

/** Defaults that depend on the platform. */

/** The processor architecture; at Hetzner the server type tells it: CAX is Ampere, everything else Intel or AMD. */
export function architectureOf(input: HostInput): Architecture {
  switch (input.platform) {
    case "raspberryPi":
      return "aarch64";
    case "hetznerVm":
      return input.serverType.startsWith("cax") ? "aarch64" : "x86_64";
    case "proxmoxVm":
    case "bareMetal":
      return input.arch ?? "x86_64";
    case "proxmoxLxc":
    case "contaboVm":
      return "x86_64";
    default:
      return input satisfies never;
  }
}

/** What the platform calls its first disk; missing where nothing can be assumed. */
function firstDisk(input: HostInput): string | undefined {
  switch (input.platform) {
    case "raspberryPi":
      return "/dev/mmcblk0";
    case "proxmoxVm":
    case "hetznerVm":
    case "contaboVm":
      return "/dev/sda";
    case "proxmoxLxc":
    case "bareMetal":
      return undefined;
    default:
      return input satisfies never;
  }
}

/**
 * The disks: what the host says, or one ext4 root on the platform's first disk. A Pi's card and a container's root are
 * laid out by their image, so nothing stands there by default.
 */
export function resolveDisks(input: HostInput): Host["disks"] {
  if (typeof input.disks === "string") return input.disks;
  const byImage = input.platform === "raspberryPi" || input.platform === "proxmoxLxc";
  if (input.disks === undefined && byImage) return null;
  const device = input.disks?.device ?? firstDisk(input);
  return device === undefined ? null : { layout: input.disks?.layout ?? "ext4", device };
}

/** What a Proxmox guest is made of: what the host says, and Proxmox's usual values. */
export function resolveGuest(input: HostInput<"proxmoxLxc" | "proxmoxVm">) {
  const { node, vmId = null, cores = 2, memory = 2048, disk = 16, bridge = "vmbr0", vlan = null } = input;
  return { node, vmId, cores, memory, disk, bridge, vlan };
}

/** `exec` needs cgroups that a container does not get. */
const DEFAULT_DRIVERS = { machine: ["docker", "exec"], container: ["docker"] } as const;

/** Nomad's and Consul's roles. Nomad's maintainers do not support clients in containers, so an LXC is none by default. */
export function resolveRoles(input: HostInput, datacenter: string): Pick<Host, "nomad" | "consul"> {
  const { nomad = {}, consul = {} } = input;
  const server = nomad !== false && (nomad.server ?? false);
  const client = nomad !== false && (nomad.client ?? input.platform !== "proxmoxLxc");
  return {
    nomad:
      nomad === false || !(server || client)
        ? null
        : {
            ...nomad,
            server,
            client,
            datacenter: nomad.datacenter ?? datacenter,
            nodePool: nomad.nodePool ?? "default",
            drivers: client
              ? (nomad.drivers ?? DEFAULT_DRIVERS[input.platform === "proxmoxLxc" ? "container" : "machine"])
              : [],
          },
    consul: consul === false ? null : { ...consul, server: consul.server ?? false, services: consul.services ?? [] },
  };
}
