import type { Leaving } from "../../generators/model/lock.js";
import type { Architecture, Family } from "../../generators/model/vocabulary.js";

/** What the plan asks of providers: plain data, made by `viewCloud` alone, read by the components and by the checks. */

/**
 * How a machine is guarded against being deleted.
 *
 * - `kept`: by Pulumi and, where it can, by the provider.
 * - `replaced`: not guarded, so that it can be made anew; its addresses and volumes are.
 * - `machine`: about to leave; its addresses and volumes stay at the provider.
 * - `data`: about to leave, with everything it has.
 */
export type Guard = "kept" | "replaced" | Leaving;

/** What every machine has, wherever it is. */
export interface MachineView {
  /** The host's name. */
  readonly host: string;
  /** What the provider and Pulumi call it: as its system in the flake, so that environments share an account. */
  readonly name: string;
  readonly cluster: string;
  /** Whether it votes in Consul's or Nomad's Raft. */
  readonly voter: boolean;
  readonly guard: Guard;
}

/** Why a port is open. SSH and the mesh are what an admin needs to reach the host at all. */
export type Purpose = "ssh" | "mesh" | "service" | "ping";

/** What one rule of a provider's firewall lets in, from everywhere. */
export interface OpenView {
  readonly purpose: Purpose;
  readonly protocol: "tcp" | "udp" | "icmp";
  /** Missing for ICMP. */
  readonly port?: number;
}

/** A public address that a server gets. */
export interface AddressView {
  readonly family: "ipv4" | "ipv6";
  /** The address that the host file names, so that it has to exist already; null for a new one. */
  readonly fixed: string | null;
}

/** A server at Hetzner. */
export interface HetznerView extends MachineView {
  readonly platform: "hetznerVm";
  readonly serverType: string;
  readonly location: string;
  readonly arch: Architecture;
  readonly backups: boolean;
  /** Sorted by name. Sizes are GB. */
  readonly volumes: readonly { readonly name: string; readonly size: number }[];
  /** IPv4 first. */
  readonly addresses: readonly AddressView[];
  /** What its addresses are called in reverse DNS. */
  readonly publicName: string;
  /** What the world may reach; sorted. */
  readonly open: readonly OpenView[];
  /** The private network that it is plugged into, and its address there, where the host file names one. */
  readonly lan: { readonly site: string; readonly ip: string | null } | null;
}

/** What Proxmox's containers and virtual machines share. */
export interface GuestView extends MachineView {
  readonly node: string;
  /** Null where Proxmox chooses. */
  readonly vmId: number | null;
  readonly cores: number;
  /** MiB. */
  readonly memory: number;
  /** GiB. */
  readonly disk: number;
  readonly bridge: string;
  readonly vlan: number | null;
  readonly mac: string | null;
  /** What the host file asks for that Proxmox lets nobody but `root@pam` do; empty where an API token will do. */
  readonly needsRoot: readonly string[];
}

/** A folder or a volume of the node in a container. */
export interface MountView {
  /** A folder of the node, or the storage that the volume is made in. */
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** GiB; only a new volume has it. */
  readonly size: number | null;
}

/** A Proxmox container. */
export interface ContainerView extends GuestView {
  readonly platform: "proxmoxLxc";
  readonly unprivileged: boolean;
  readonly features: { readonly nesting: boolean; readonly keyctl: boolean; readonly mounts: readonly string[] };
  readonly mounts: readonly MountView[];
  /** Device files of the node, e.g. `/dev/net/tun`. */
  readonly devices: readonly string[];
}

/** A PCI device of the node: by its number, which needs `root@pam`, or by the name of a mapping. */
export type PciView = { readonly id: string } | { readonly mapping: string };

/** A Proxmox virtual machine. */
export interface VmView extends GuestView {
  readonly platform: "proxmoxVm";
  readonly arch: Architecture;
  readonly bios: "seabios" | "ovmf";
  readonly pci: readonly PciView[];
  /** A static address for the cloud-init drive, in CIDR notation; null for DHCP, which needs no drive. */
  readonly address: { readonly ipv4: string; readonly gateway4: string } | null;
}

/** A Contabo instance, which exists already. */
export interface ContaboView extends MachineView {
  readonly platform: "contaboVm";
  readonly instanceId: number;
  /** What the instance has to be, where the host file says so. */
  readonly region: string | null;
  readonly product: string | null;
}

export type CloudMachine = HetznerView | ContainerView | VmView | ContaboView;

/** A private network at Hetzner: a site's LAN. */
export interface LanView {
  readonly site: string;
  /** CIDR notation. */
  readonly range: string;
}

/** A public name. */
export interface NameView {
  readonly host: string;
  /** Relative to the zone. */
  readonly name: string;
  /** The addresses that the plan knows. */
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  /** Families of which the machine's provider tells the address, once there is one. */
  readonly given: readonly Family[];
}

/** The zone that the fleet's public names are in. */
export interface ZoneView {
  readonly provider: "hetzner" | "cloudflare";
  readonly name: string;
  /** Sorted by name. */
  readonly names: readonly NameView[];
}

/** All that a stack makes. */
export interface CloudView {
  readonly fleet: string;
  readonly environment: string | null;
  /** The only cluster of the stack, or null for all. */
  readonly cluster: string | null;
  /** What things that several machines share are called by: the names of the fleet, the environment and the only cluster. */
  readonly prefix: string;
  /** The update is one of several that make a machine anew. */
  readonly isStep: boolean;
  /** Sorted by host. */
  readonly machines: readonly CloudMachine[];
  /** Keys that may log in to a new server, by admin; sorted. */
  readonly sshKeys: readonly { readonly name: string; readonly publicKey: string }[];
  /** Private networks of the sites that servers at Hetzner are in; sorted. */
  readonly lans: readonly LanView[];
  readonly zone: ZoneView | null;
}
