import type { Cluster, Device, Endpoint, Fleet, Host } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import type { SecretSpec } from "../model/secrets.js";

/** The derived plan: every value that a person would otherwise copy by hand. Plain data, made by `planFleet`, read by the views. */

/** A WireGuard peer of one interface. */
export interface MeshPeer {
  /** The host or device on the other side. */
  readonly name: string;
  readonly kind: "host" | "device";
  /** The other side's public key; null while `generate` has not made it. */
  readonly publicKey: string | null;
  /** The peer's own address first, then what lies behind it, sorted. CIDR notation. */
  readonly allowedIps: readonly string[];
  /** Where this host sends the first packet; missing where only the peer can. */
  readonly endpoint?: Endpoint;
  /** Seconds; set on the side that must keep the link open. */
  readonly keepalive?: number;
}

/** A WireGuard interface of a host. */
export interface MeshInterface {
  /** `mesh`, or `to-<relay>` (15 characters at most, a limit of Linux). */
  readonly name: string;
  /** `direct` holds every direct peer; `relay` has a relay as its only peer. */
  readonly kind: "direct" | "relay";
  /** The interface's address in CIDR notation. */
  readonly address: string;
  /** Networks behind its peers that its own address does not cover, sorted. CIDR notation. */
  readonly routes?: readonly string[];
  /** The other end of a point-to-point address, in CIDR notation. */
  readonly peerAddress?: string;
  /** The UDP port; missing where the kernel may choose, since nobody connects to it. */
  readonly listenPort?: number;
  readonly mtu: number;
  /** Sorted by name. */
  readonly peers: readonly MeshPeer[];
}

/** One static route of BIRD, guarded by BFD. */
export interface RelayRoutes {
  /** The relay's host name. */
  readonly relay: string;
  /** The relay's mesh address: the gateway, and BFD's neighbour. */
  readonly via: string;
  /** BIRD's preference: the highest that is alive wins. 200 for the first relay, one less for each further one. */
  readonly preference: number;
  /** Networks behind the relay, sorted. CIDR notation. */
  readonly routes: readonly string[];
}

/** What BIRD does on a host; null where nothing can fail over. */
export interface BirdPlan {
  readonly routerId: string;
  /** Interfaces on which BFD runs. */
  readonly interfaces: readonly string[];
  /** BFD's interval in seconds; three lost packets mean dead. */
  readonly interval: number;
  /** On a host that needs relays: its routes, in order of preference. */
  readonly relays: readonly RelayRoutes[];
  /** On a relay: the mesh addresses that it answers BFD for, sorted. */
  readonly neighbors: readonly { readonly name: string; readonly address: string }[];
}

export interface HostMesh {
  /** The mesh address, without a prefix length. */
  readonly ip: string;
  readonly publicKey: string | null;
  readonly mtu: number;
  /** The direct one first, then one for each relay in order of preference. */
  readonly interfaces: readonly MeshInterface[];
  /** Forwards packets from mesh to mesh. */
  readonly forwards: boolean;
  /** Packets may arrive on another interface than the one that leads back. */
  readonly asymmetric: boolean;
  readonly bird: BirdPlan | null;
  /** Peers whose endpoint is a name, to be looked up again while running. */
  readonly namedEndpoints: readonly {
    readonly interface: string;
    readonly peer: string;
    readonly publicKey: string | null;
    readonly endpoint: Endpoint;
  }[];
}

export interface HostConsulPlan {
  readonly server: boolean;
  readonly datacenter: string;
  /** Voters to wait for before the first election; servers only. */
  readonly bootstrapExpect?: number;
  /** Mesh addresses of the servers, sorted by host name; never the host itself. */
  readonly join: readonly string[];
  /** Where the gossip key comes from: the host's own secrets, or the servers where the host cannot read it yet. */
  readonly gossip: "file" | "servers";
  /** Installs policies and tokens: a server that can read them all. */
  readonly installs: boolean;
}

export interface HostNomadPlan {
  readonly server: boolean;
  readonly client: boolean;
  readonly region: string;
  readonly datacenter: string;
  readonly bootstrapExpect?: number;
  /** Mesh addresses of the region's servers, sorted by host name; never the host itself. */
  readonly join: readonly string[];
  /** Bootstraps the ACL system: a server that can read the management token. */
  readonly installs: boolean;
}

/** Ports by protocol, each sorted. */
export interface Ports {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface FirewallPlan {
  /** Open on every interface. */
  readonly world: Ports;
  /** Open on every mesh interface. */
  readonly mesh: Ports;
  /** Ports that Nomad hands to jobs, open on the mesh. */
  readonly meshRanges: readonly PortRange[];
  /** Open to containers of the host. */
  readonly containers: Ports;
  /** Open to the site's LAN (source network). */
  readonly lan: { readonly source: string; readonly ports: Ports } | null;
}

/** Containers of a Nomad client. */
export interface ContainersPlan {
  readonly docker: boolean;
  /** The MTU of container bridges: the mesh's, since larger packets would stall. */
  readonly mtu: number;
  /** Docker's bridge address: containers' resolver. */
  readonly bridgeAddress: string;
}

export interface HostDnsPlan {
  /** Addresses that Unbound listens on. */
  readonly listen: readonly string[];
  /** Networks that may ask, in CIDR notation. */
  readonly allow: readonly string[];
  readonly upstream: readonly string[];
  readonly blocklists: readonly string[];
  /** Records of this host alone; the cluster's are in `ClusterPlan.records`. */
  readonly records: readonly DnsRecord[];
}

export interface DnsRecord {
  /** Fully qualified, without the last dot. */
  readonly name: string;
  readonly address: string;
}

/** A secret that a host decrypts. */
export interface SecretPlan {
  /** The name under `/run/agenix`. */
  readonly name: string;
  /** The secret's own name, e.g. `ari/wireguard`. */
  readonly secret: string;
  /** The encrypted file, relative to the repository. */
  readonly file: string;
  readonly owner: string;
  readonly group: string;
  /** Octal, e.g. `0400`. */
  readonly mode: string;
  /** Units that start again when the value changes. */
  readonly restart: readonly string[];
}

/** What Consul's servers install for one host. */
export interface AclHost {
  readonly name: string;
  /** The accessor of the agent's token; empty while `generate` has not made it. */
  readonly consulToken: string;
  /** Names of the services that the agent registers by itself, sorted. */
  readonly services: readonly string[];
  /** Nomad's token for Consul, and what Nomad does there. */
  readonly nomad: { readonly token: string; readonly server: boolean; readonly client: boolean } | null;
  /** The age recipient of a host that came after the gossip key was encrypted: the servers hand it over. */
  readonly recipient: string | null;
}

/** Consul's policies and tokens, as far as they differ from fleet to fleet. */
export interface AclPlan {
  /** Sorted by name. */
  readonly hosts: readonly AclHost[];
  /** The files that the tokens are in. */
  readonly tokens: readonly SecretPlan[];
  /** Accessors of tokens to delete, sorted. */
  readonly revoked: readonly string[];
}

export interface HostPlan {
  readonly host: Host;
  readonly mesh: HostMesh;
  readonly consul: HostConsulPlan | null;
  readonly nomad: HostNomadPlan | null;
  readonly dns: HostDnsPlan;
  readonly firewall: FirewallPlan;
  readonly containers: ContainersPlan | null;
  readonly secrets: readonly SecretPlan[];
  /** The age recipient of the host's identity; null while `generate` has not made it. */
  readonly age: string | null;
}

/** How a pair of hosts is linked. */
export type Link =
  | { readonly kind: "direct" }
  | { readonly kind: "relay"; readonly relays: readonly string[] }
  /** A provider has not given an address yet. */
  | { readonly kind: "pending" }
  | { readonly kind: "none" };

export interface ClusterPlan {
  readonly cluster: Cluster;
  readonly mtu: number;
  readonly consulServers: readonly string[];
  readonly nomadServers: readonly string[];
  /** What Consul's servers install; null where the cluster has none. */
  readonly acl: AclPlan | null;
  /** Names that every host of the cluster answers. */
  readonly records: readonly DnsRecord[];
  readonly devices: readonly { readonly device: Device; readonly ip: string }[];
  /** The link of two hosts of the cluster; the order does not matter. */
  readonly linkOf: (a: string, b: string) => Link;
  /** Pairs with no path, `pending` ones left out. At most one for each host. */
  readonly unreachable: readonly { readonly a: string; readonly b: string }[];
}

export interface FleetPlan {
  readonly fleet: Fleet;
  /** Every secret that the fleet wants, by name. */
  readonly secrets: ReadonlyMap<string, SecretSpec>;
  readonly clusters: ReadonlyMap<string, ClusterPlan>;
  /** Sorted by name. */
  readonly hosts: ReadonlyMap<string, HostPlan>;
  /** The lock that belongs to this plan: the given one, with new addresses and without removed hosts. */
  readonly lock: Lock;
}
