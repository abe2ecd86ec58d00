import type { Architecture, Driver, Platform, Uplink, ZoneProvider } from "./vocabulary.js";

/**
 * What a person writes. These interfaces are the only source of the JSON Schema, of the reference in `docs/` and of what
 * an editor shows; everything optional gets its default in `validate/resolve.ts`.
 */

/**
 * The hosts of this repository. `meshflake generate` fills it in with a declaration file of its own, so that an editor
 * completes host names and rejects misspelt ones.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declaration merging
export interface HostNames {}

/** A host's name: one of {@link HostNames} once `generate` ran, any string before. */
export type HostName = [keyof HostNames] extends [never] ? string : Extract<keyof HostNames, string>;

/** A Nix expression that is printed as it is; made with the `nix` tag. */
export interface NixExpression {
  /** The text of the expression, e.g. `pkgs.htop`. */
  $nix: string;
}

/** A value of a NixOS option. */
export type NixValue = null | boolean | number | string | NixExpression | NixValue[] | NixTree;

/** NixOS options as a literal tree. */
export interface NixTree {
  [option: string]: NixValue;
}

/**
 * A length of time, as Go and systemd write it: `"30s"`, `"5m"`, `"1h30m"`.
 * @pattern ^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$
 */
export type Duration = string;

/**
 * A TCP or UDP port.
 * @minimum 1
 * @maximum 65535
 * @asType integer
 */
export type Port = number;

/**
 * A whole number above zero.
 * @minimum 1
 * @asType integer
 */
export type Count = number;

/**
 * Bytes that fit into one packet. 1280 is the least that IPv6 allows (RFC 8200), 9000 the usual jumbo frame.
 * @minimum 1280
 * @maximum 9000
 * @asType integer
 */
export type Mtu = number;

/** Somebody who may log in to every host and decrypt every secret. */
export interface AdminInput {
  /** OpenSSH public keys that may log in as the deploy user. */
  sshKeys: string[];
  /** One age recipient, or several: `age1…`, or an OpenSSH public key. */
  age: string | string[];
}

/** A place with one uplink. */
export interface SiteInput {
  /** How IPv4 reaches the internet here. */
  ipv4: Uplink;
  /** How IPv6 reaches the internet here. */
  ipv6: Uplink;
  /** The local network in CIDR notation. Hosts of the site with an address in it are linked over it. */
  lan?: string;
  /** The public address changes: endpoints here must be names, and hosts here keep their links alive. @default false */
  dynamic?: boolean;
  /** The uplink's MTU in bytes, e.g. 1492 for PPPoE. @default 1500 */
  mtu?: Mtu;
}

/** A WireGuard mesh. */
export interface MeshInput<Host extends string = string> {
  /** The range that host addresses come from, in CIDR notation. */
  ipv4: string;
  /** The UDP port that WireGuard listens on, on every host. @default 51820 */
  port?: Port;
  /** Hosts that carry traffic between hosts which cannot reach each other; the first that is alive is used. */
  relays?: Host[];
  /**
   * `full` links every pair that can reach each other; `hub` links hosts to relays only.
   * @default `full` up to 64 hosts, `hub` above
   */
  topology?: "full" | "hub";
  /** The MTU inside the tunnel, in bytes. @default the smallest site MTU less WireGuard's overhead (80 over IPv6, 60 over IPv4) */
  mtu?: Mtu;
}

/** Consul, fleet-wide. */
export interface FleetConsulInput {
  /** Consul's datacenter. @default the cluster's name */
  datacenter?: string;
}

/** Nomad, fleet-wide. */
export interface FleetNomadInput {
  /** Nomad's region. @default the cluster's name */
  region?: string;
  /** The Nomad datacenter of hosts that name none. @default the host's site */
  datacenter?: string;
}

/** Names, fleet-wide. */
export interface FleetDnsInput {
  /**
   * Resolvers that Unbound asks over TLS: `ADDRESS@853#NAME`, the name being what their certificate must say.
   * @default Quad9 and Cloudflare, over IPv4 and IPv6
   */
  upstream?: string[];
  /** Response policy zones (RPZ) by URL; names in them are blocked on every host. */
  blocklists?: string[];
  /** Extra records: a name and its address, or addresses. */
  records?: Record<string, string | string[]>;
}

/** A phone or a laptop that joins the mesh, through the first relay. */
export interface DeviceInput<Cluster extends string = string> {
  /** The device's WireGuard public key. */
  publicKey: string;
  /** The mesh it joins. @default the fleet's only cluster */
  cluster?: Cluster;
  /** A pinned mesh address. */
  ip?: string;
}

/** The DNS zone that the fleet's public names are in. */
export interface ZoneInput {
  /** Who serves it. */
  provider: ZoneProvider;
  /** The zone's name, e.g. `example.org`. @default the fleet's domain */
  name?: string;
}

/** How rollouts reach hosts. */
export interface DeployInput {
  /** The account that admins log in to. @default "root" */
  user?: string;
  /** OpenSSH's port. @default 22 */
  port?: Port;
}

/** A secret of a service. Its value comes from `meshflake secrets set`, and lies at `/run/agenix/NAME` on the host. */
export interface SecretInput {
  /** The account that owns the decrypted file. @default "root" */
  owner?: string;
  /** Its group. @default "root" */
  group?: string;
  /** Its mode, octal. @default "0400" @pattern ^0?[0-7]{3}$ */
  mode?: string;
  /** systemd services that wait for the secret, and start again when its value changes, such as `grafana.service`. */
  restart?: string[];
}

/** A secret that several hosts of a cluster share. */
export interface SharedSecretInput<Host extends string = string> extends SecretInput {
  /** The hosts that read it. @default all of the cluster */
  hosts?: Host[];
}

/** A cluster: a mesh, a Consul datacenter and a Nomad region of its own. What it does not say, the fleet says. */
export interface ClusterInput<Host extends string = string> {
  /** What differs from the fleet's mesh. Two clusters need different ranges and ports. */
  mesh?: Partial<MeshInput<Host>>;
  consul?: FleetConsulInput;
  nomad?: FleetNomadInput;
  dns?: FleetDnsInput;
  /** Secrets of services that hosts of this cluster share, by name, beside the fleet's. */
  secrets?: Record<string, SharedSecretInput<Host>>;
}

/** A fleet: everything that is not one host. */
export interface FleetInput<
  Site extends string = string,
  Cluster extends string = string,
  Host extends string = string,
  DeviceCluster extends string = Cluster,
> {
  /** The fleet's name, and that of its cluster where `clusters` is left out. */
  name: string;
  /** The domain of public names: a host is `<host>.<domain>`, and `<host>.mesh.<domain>` inside the mesh. */
  domain: string;
  /**
   * The NixOS release whose defaults stateful services keep. Never change it on a running host.
   * @default "26.05"
   * @pattern ^[0-9]{2}\.(05|11)$
   */
  stateVersion?: string;
  /** The hosts' time zone, as in the tz database. @default "UTC" */
  timeZone?: string;
  /** People who may log in everywhere and decrypt everything, by account name. */
  admins: Record<string, AdminInput>;
  /** Places, by name. */
  sites: Record<Site, SiteInput>;
  /** Clusters, by name. @default one, named after the fleet */
  clusters?: Record<Cluster, ClusterInput<Host>>;
  /** The WireGuard mesh. */
  mesh: MeshInput<Host>;
  nomad?: FleetNomadInput;
  consul?: FleetConsulInput;
  dns?: FleetDnsInput;
  /** Phones and laptops, by name. */
  devices?: Record<string, DeviceInput<DeviceCluster>>;
  deploy?: DeployInput;
  /** Where Pulumi keeps the public names of hosts that the world can reach. @default nowhere: the names are somebody else's affair */
  zone?: ZoneInput;
  /** Secrets of services that hosts share, by name. Every cluster has a value of its own. */
  secrets?: Record<string, SharedSecretInput<Host>>;
  /** Warnings that this fleet lives with: a rule's code, and why. They are neither shown nor counted, not even with `--strict`. */
  accept?: Record<string, string>;
}

/** A host's own addresses. What is left out comes from DHCP and router advertisements. */
export interface AddressInput {
  /** A static IPv4 address in CIDR notation, e.g. `203.0.113.10/24`. */
  ipv4?: string;
  /** The IPv4 gateway. */
  gateway4?: string;
  /** A static IPv6 address in CIDR notation, e.g. `2001:db8:a::10/64`. */
  ipv6?: string;
  /** The IPv6 gateway; a link-local one such as `fe80::1` is fine. */
  gateway6?: string;
  /** The address in the site's `lan`, or a name that the LAN resolves such as `pi1.lan`, for hosts that DHCP numbers. */
  lan?: string;
  /** Resolvers of the uplink, asked only until Unbound runs. */
  dns?: string[];
  /** The network interface, e.g. `eth0`. @default the only Ethernet interface */
  interface?: string;
  /** The interface's MAC address; recognises the interface where its name may change. */
  mac?: string;
}

/** A host's place in the mesh. */
export interface HostMeshInput {
  /** A pinned mesh address. @default the one that the lock holds, or a free one */
  ip?: string;
  /** Carries traffic for others, beside the relays that the fleet names. @default false */
  relay?: boolean;
  /** `host:port` under which the world reaches the mesh port, where it is not the host's own address. */
  endpoint?: string;
  /** Seconds between packets that keep a translated link open. @default 25 where it is needed */
  keepalive?: Count;
  /** What fits through this host's uplink inside the tunnel, in bytes; the whole mesh uses the smallest of all hosts. */
  mtu?: Mtu;
}

/** A folder of the host that Nomad jobs may mount. */
export interface HostVolumeInput {
  /** The folder. */
  path: string;
  /** Jobs may not write to it. @default false */
  readOnly?: boolean;
}

/** A network that Nomad jobs may bind ports in. The firewall opens jobs' ports on the mesh alone; `firewall` opens others. */
export interface HostNetworkInput {
  /** The network interface. */
  interface?: string;
  /** Only addresses in this range, in CIDR notation. */
  cidr?: string;
}

/** What Nomad leaves to the system. */
export interface ReservedInput {
  /** MHz. */
  cpu?: Count;
  /** MiB. */
  memory?: Count;
  /** MiB. */
  disk?: Count;
  /** Ports that jobs must not take, e.g. `22,80,8000-8080`. */
  ports?: string;
}

/** Nomad on a host. */
export interface HostNomadInput {
  /** Votes in the region's Raft. @default false */
  server?: boolean;
  /** Runs jobs. @default true, on an LXC false */
  client?: boolean;
  /** The Nomad datacenter. @default the fleet's, or the site's name */
  datacenter?: string;
  /** The node pool. @default "default" */
  nodePool?: string;
  /** The node class, for constraints. */
  nodeClass?: string;
  /** Metadata for constraints. */
  meta?: Record<string, string>;
  /** Folders that jobs may mount, by name. */
  hostVolumes?: Record<string, HostVolumeInput>;
  /** Networks that jobs may use, by name. */
  hostNetworks?: Record<string, HostNetworkInput>;
  /** Task drivers. @default ["docker", "exec"] on a client, on an LXC ["docker"] */
  drivers?: Driver[];
  /** What jobs never get. */
  reserved?: ReservedInput;
}

/** A health check of a static Consul service; exactly one of `http`, `tcp`, `args` and `ttl`. */
export interface ConsulCheckInput {
  name?: string;
  /** A URL that must answer with 2xx. */
  http?: string;
  /** `host:port` that must accept a connection. */
  tcp?: string;
  /** A command that must exit with 0. */
  args?: string[];
  /** The service reports by itself, at least this often. */
  ttl?: Duration;
  /** @default "30s" */
  interval?: Duration;
  /** @default "5s" */
  timeout?: Duration;
  /** The HTTP method. @default "GET" */
  method?: string;
  /** Accepts any certificate. @default false */
  tlsSkipVerify?: boolean;
}

/** A service that runs outside Nomad and is announced in Consul. */
export interface ConsulServiceInput {
  /** The service's name: other hosts find it as `<name>.service.consul`. */
  name: string;
  /** Where it listens; opened to the mesh, unless the service has an `address` of its own. */
  port: Port;
  /** The address of a machine outside the fleet that runs it. @default the host's mesh address */
  address?: string;
  /** Labels, e.g. what a reverse proxy reads. */
  tags?: string[];
  /** Metadata. */
  meta?: Record<string, string>;
  /** What decides whether it is healthy. */
  checks?: ConsulCheckInput[];
}

/** Consul on a host. */
export interface HostConsulInput {
  /** Votes in the datacenter's Raft. @default false */
  server?: boolean;
  /** Node metadata. */
  meta?: Record<string, string>;
  /** Static registrations. */
  services?: ConsulServiceInput[];
}

/** Names on a host. */
export interface HostDnsInput {
  /** Answers the site's LAN too. @default false */
  resolver?: boolean;
  /** Response policy zones (RPZ) by URL, beside the fleet's. */
  blocklists?: string[];
  /** Extra records, beside the fleet's. */
  records?: Record<string, string | string[]>;
}

/** Ports by protocol. */
export interface PortsInput {
  /** TCP ports. */
  tcp?: Port[];
  /** UDP ports. */
  udp?: Port[];
}

/** What is open, beside what roles open by themselves: `tcp` and `udp` to the world, the rest to fewer. */
export interface FirewallInput extends PortsInput {
  /** Open to the mesh alone. */
  mesh?: PortsInput;
  /** Open to the site's LAN alone. */
  lan?: PortsInput;
}

export const DISK_LAYOUTS = ["ext4", "btrfs", "zfs", "xfs"] as const;

/** A disk that is partitioned at install. */
export interface DiskInput {
  /** The disko layout: one root file system on a GPT disk that boots from BIOS and UEFI. */
  layout: (typeof DISK_LAYOUTS)[number];
  /** The disk, e.g. `/dev/nvme0n1`. @default what the platform calls its first disk */
  device?: string;
}

/** An account on a host. */
export interface UserInput {
  /** OpenSSH public keys that may log in. */
  sshKeys?: string[];
  /** Groups beside the account's own. */
  groups?: string[];
  /** A name for people. */
  description?: string;
}

/** What every host may say. */
export interface CommonHostInput<Site extends string = string, Cluster extends string = string> {
  /** Where the host is. */
  site: Site;
  /** The cluster that it belongs to. @default the fleet's only cluster */
  cluster?: Cluster;
  /** Labels for selecting hosts. */
  tags?: string[];
  address?: AddressInput;
  mesh?: HostMeshInput;
  /** Nomad's roles, or `false` for none. @default a client, except on an LXC */
  nomad?: false | HostNomadInput;
  /** Consul's roles, or `false` for none. @default an agent */
  consul?: false | HostConsulInput;
  dns?: HostDnsInput;
  firewall?: FirewallInput;
  /** A disko layout, or a Nix file relative to the repository. */
  disks?: DiskInput | string;
  /** Accounts beside the admins', by name. */
  users?: Record<string, UserInput>;
  /** OpenSSH public keys that may log in as the deploy user here, beside the admins'. */
  sshKeys?: string[];
  /** Secrets of services on this host, by name. */
  secrets?: Record<string, SecretInput>;
  /** The host's time zone. @default the fleet's */
  timeZone?: string;
  /** The host's state version. @default the fleet's */
  stateVersion?: string;
  /** NixOS options as a literal tree; `nix` makes expressions. */
  nixos?: NixTree;
  /** Nix files relative to the repository, imported by the host. */
  imports?: string[];
}

/** A Raspberry Pi. */
export interface RaspberryPiInput<Site extends string = string, Cluster extends string = string>
  extends CommonHostInput<Site, Cluster> {
  /** 3, 4 or 5. */
  model: 3 | 4 | 5;
  /** Main memory in MiB. @default 1024 on a Pi 3, 4096 otherwise */
  memory?: Count;
}

/** A folder or volume of the Proxmox node inside a container. */
export interface ProxmoxMountInput {
  /** A folder of the node, or `STORAGE:GIB` for a new volume. */
  source: string;
  /** The folder in the container. */
  target: string;
  /** The container may not write to it. @default false */
  readOnly?: boolean;
}

/** What Proxmox's containers and virtual machines share. */
export interface ProxmoxInput<Site extends string = string, Cluster extends string = string>
  extends CommonHostInput<Site, Cluster> {
  /** The Proxmox node that runs it. */
  node: string;
  /** Proxmox's number for it. */
  vmId?: Count;
  /** Processor cores. @default 2 */
  cores?: Count;
  /** Main memory in MiB. @default 2048 */
  memory?: Count;
  /** The root disk in GiB. @default 16 */
  disk?: Count;
  /** The bridge that it is plugged into. @default "vmbr0" */
  bridge?: string;
  /**
   * The VLAN of its network interface.
   * @minimum 1
   * @maximum 4094
   * @asType integer
   */
  vlan?: number;
}

/** What a Proxmox container may do. */
export interface LxcFeaturesInput {
  /** Runs containers inside; systemd wants it as well. @default true, without containers inside */
  nesting?: boolean;
  /** Kernel keyrings, for Docker. @default false */
  keyctl?: boolean;
  /** File systems that may be mounted inside, e.g. `nfs`. */
  mount?: ("nfs" | "cifs")[];
}

/**
 * A device file.
 * @pattern ^/dev/[^.\s]+$
 */
export type DeviceFile = string;

/** A Proxmox container. */
export interface ProxmoxLxcInput<Site extends string = string, Cluster extends string = string>
  extends ProxmoxInput<Site, Cluster> {
  /** Folders and volumes of the node. Proxmox wants `root@pam` for folders. */
  mounts?: ProxmoxMountInput[];
  /** Device files of the node, e.g. `/dev/net/tun` or `/dev/dri/renderD128`. Proxmox wants `root@pam` for them. */
  devices?: DeviceFile[];
  /** Root inside is nobody outside. @default true */
  unprivileged?: boolean;
  features?: LxcFeaturesInput;
}

/** A Proxmox virtual machine. */
export interface ProxmoxVmInput<Site extends string = string, Cluster extends string = string>
  extends ProxmoxInput<Site, Cluster> {
  /** The firmware. @default "seabios" */
  bios?: "seabios" | "ovmf";
  /**
   * PCI devices of the node that it owns: numbers such as `0000:01:00`, for which Proxmox wants `root@pam`, or names of
   * the datacenter's resource mappings.
   */
  hostPci?: string[];
  /** @default "x86_64" */
  arch?: Architecture;
}

/** A block device at Hetzner. */
export interface HetznerVolumeInput {
  /** GiB; Hetzner's least is 10. */
  size: Count;
  /** Where it is mounted. */
  mount: string;
}

/** A Hetzner Cloud server. */
export interface HetznerVmInput<Site extends string = string, Cluster extends string = string>
  extends CommonHostInput<Site, Cluster> {
  /** The server type, e.g. `cx23` (x86_64) or `cax11` (aarch64). */
  serverType: string;
  /** The location, e.g. `nbg1`. */
  location: string;
  /** Daily backups by Hetzner. @default false */
  backups?: boolean;
  /** Block devices, by name. */
  volumes?: Record<string, HetznerVolumeInput>;
}

/** A Contabo VPS or VDS that already exists. */
export interface ContaboVmInput<Site extends string = string, Cluster extends string = string>
  extends CommonHostInput<Site, Cluster> {
  /** Contabo's number for the instance. */
  instanceId?: Count;
  /** Contabo's region, e.g. `EU`. */
  region?: string;
  /** Contabo's product, e.g. `V92`. */
  product?: string;
}

/** Any other machine. */
export interface BareMetalInput<Site extends string = string, Cluster extends string = string>
  extends CommonHostInput<Site, Cluster> {
  /** @default "x86_64" */
  arch?: Architecture;
  /** The firmware's way of booting. @default "uefi" */
  bootMode?: "uefi" | "bios";
}

/** The fields of each platform. */
export interface PlatformInputs<Site extends string = string, Cluster extends string = string> {
  raspberryPi: RaspberryPiInput<Site, Cluster>;
  proxmoxLxc: ProxmoxLxcInput<Site, Cluster>;
  proxmoxVm: ProxmoxVmInput<Site, Cluster>;
  hetznerVm: HetznerVmInput<Site, Cluster>;
  contaboVm: ContaboVmInput<Site, Cluster>;
  bareMetal: BareMetalInput<Site, Cluster>;
}

/** A host as a builder returns it, and as a JSON host file says it: the platform's name beside its fields. */
export type HostInput<P extends Platform = Platform> = { [K in P]: { platform: K } & PlatformInputs[K] }[P];

/** The fields of a host that an environment changes; objects are merged, everything else is replaced. */
export interface HostOverride<Site extends string = string, Cluster extends string = string>
  extends Partial<RaspberryPiInput<Site, Cluster>>,
    Partial<ProxmoxLxcInput<Site, Cluster>>,
    Partial<ProxmoxVmInput<Site, Cluster>>,
    Partial<HetznerVmInput<Site, Cluster>>,
    Partial<ContaboVmInput<Site, Cluster>>,
    Partial<BareMetalInput<Site, Cluster>> {}

/** The same hosts, elsewhere. What is not named stays. */
export interface EnvironmentInput<
  Site extends string = string,
  Cluster extends string = string,
  Host extends string = string,
> {
  /** The domain of public names. @default the fleet's, below a label that is the environment's name */
  domain?: string;
  /** Sites that differ. */
  sites?: { [name in Site]?: Partial<SiteInput> };
  /** What differs in the mesh. */
  mesh?: Partial<MeshInput<Host>>;
  /** What differs in clusters. */
  clusters?: { [name in Cluster]?: ClusterInput<Host> };
  /** Secrets of services that hosts share: what differs, and those of this environment alone. All have values of their own here. */
  secrets?: Record<string, SharedSecretInput<Host>>;
  /** Hosts that differ: a builder's result, single fields, or `false` to leave one out. */
  hosts?: { [name in Host]?: HostInput | HostOverride<Site, Cluster> | false };
}
