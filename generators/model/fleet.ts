import type {
  ConsulServiceInput,
  DiskInput,
  HostConsulInput,
  HostInput,
  HostNomadInput,
  NixTree,
  ReservedInput,
  SiteInput,
  UserInput,
} from "./input.js";
import type { Cidr } from "./net.js";
import type { Origin, ValuePath } from "./problem.js";
import type { Architecture, Driver, Family, Platform, ZoneProvider } from "./vocabulary.js";

/** What the program works on: complete, parsed, defaults applied. Made by `validate/resolve.ts` alone. */

export interface Admin {
  readonly name: string;
  readonly sshKeys: readonly string[];
  readonly age: readonly string[];
}

export interface Site extends Readonly<Omit<SiteInput, "lan" | "dynamic" | "mtu">> {
  readonly name: string;
  readonly lan?: Cidr;
  readonly dynamic: boolean;
  readonly mtu: number;
}

export interface ClusterMesh {
  readonly ipv4: Cidr;
  readonly port: number;
  /** Host names in order of preference: the cluster's list, then hosts with `mesh.relay`, by name. */
  readonly relays: readonly string[];
  readonly topology: "full" | "hub";
  /** A fixed MTU; otherwise derived from the sites. */
  readonly mtu?: number;
}

/** A secret that a person declared. */
export interface OwnSecret {
  /** Account, group and mode of the decrypted file. */
  readonly owner: string;
  readonly group: string;
  /** Octal, e.g. `0400`. */
  readonly mode: string;
  /** Units that start again when the value changes. */
  readonly restart: readonly string[];
}

/** A cluster's: the same value for several hosts. */
export interface SharedSecret extends OwnSecret {
  /** Hosts that read it; sorted. */
  readonly hosts: readonly string[];
}

export interface Cluster {
  readonly name: string;
  readonly mesh: ClusterMesh;
  readonly consul: { readonly datacenter: string };
  readonly nomad: { readonly region: string; readonly datacenter?: string };
  readonly dns: ClusterDns;
  /** By name. */
  readonly secrets: Readonly<Record<string, SharedSecret>>;
  /** Names of its hosts, sorted. */
  readonly hosts: readonly string[];
}

export interface ClusterDns {
  readonly upstream: readonly string[];
  readonly blocklists: readonly string[];
  readonly records: Readonly<Record<string, readonly string[]>>;
}

export interface Device {
  readonly name: string;
  readonly publicKey: string;
  readonly cluster: string;
  readonly ip?: string;
}

/** An endpoint as a person writes it. */
export interface Endpoint {
  /** A literal address (IPv6 without brackets) or a name. */
  readonly host: string;
  readonly port: number;
}

export interface HostAddress {
  /** The address and its network. */
  readonly ipv4?: Cidr;
  readonly gateway4?: string;
  readonly ipv6?: Cidr;
  readonly gateway6?: string;
  /** A literal address or a name inside the site's LAN. */
  readonly lan?: string;
  readonly dns: readonly string[];
  readonly interface?: string;
  readonly mac?: string;
  /** Public addresses: the static ones, or the facts that the lock holds. Missing while a provider has not given any. */
  readonly public4?: string;
  readonly public6?: string;
}

export interface HostNomad extends Readonly<Omit<HostNomadInput, "server" | "client" | "datacenter" | "drivers">> {
  readonly server: boolean;
  readonly client: boolean;
  readonly datacenter: string;
  readonly nodePool: string;
  readonly drivers: readonly Driver[];
  readonly reserved?: ReservedInput;
}

export interface HostConsul extends Readonly<Omit<HostConsulInput, "server" | "services">> {
  readonly server: boolean;
  readonly services: readonly ConsulServiceInput[];
}

/** Ports that a person opens. */
export interface OpenPorts {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

export interface Host {
  readonly name: string;
  readonly platform: Platform;
  readonly arch: Architecture;
  readonly cluster: string;
  readonly site: Site;
  /** Families over which the host itself can send: the site's, where the host has an address in them. */
  readonly reaches: Readonly<Record<Family, boolean>>;
  readonly tags: readonly string[];
  readonly address: HostAddress;
  readonly mesh: {
    readonly ip?: string;
    /** Whether the cluster lists it as a relay, or it says so itself. */
    readonly relay: boolean;
    readonly endpoint?: Endpoint;
    readonly keepalive?: number;
    readonly mtu?: number;
  };
  readonly nomad: HostNomad | null;
  readonly consul: HostConsul | null;
  readonly dns: {
    readonly resolver: boolean;
    readonly blocklists: readonly string[];
    readonly records: Readonly<Record<string, readonly string[]>>;
  };
  readonly firewall: { readonly world: OpenPorts; readonly mesh: OpenPorts; readonly lan: OpenPorts };
  /** A layout with its device filled in, a Nix file, or nothing where the platform's image brings its own. */
  readonly disks: Required<DiskInput> | string | null;
  readonly users: Readonly<Record<string, UserInput>>;
  readonly sshKeys: readonly string[];
  /** By name. */
  readonly secrets: Readonly<Record<string, OwnSecret>>;
  readonly timeZone: string;
  readonly stateVersion: string;
  readonly nixos: NixTree;
  readonly imports: readonly string[];
  /** The validated input, for what only one platform has. */
  readonly input: HostInput;
  /** The host file, relative to the repository. */
  readonly file: string;
}

export interface Fleet {
  readonly name: string;
  readonly domain: string;
  /** The environment's name, or null for the fleet itself. */
  readonly environment: string | null;
  readonly admins: readonly Admin[];
  readonly sites: ReadonlyMap<string, Site>;
  /** Sorted by name. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** Sorted by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly devices: readonly Device[];
  readonly deploy: { readonly user: string; readonly port: number };
  /** Where public names are kept, or null. */
  readonly zone: { readonly provider: ZoneProvider; readonly name: string } | null;
  /** Codes of warnings that the fleet lives with. */
  readonly accept: ReadonlySet<string>;
  /** The fleet file, relative to the repository. */
  readonly file: string;
  /** Places that a value of a host may come from, most specific first. */
  readonly originsOf: (host: string, path: ValuePath) => readonly Origin[];
  /** Places that a value of the fleet may come from, most specific first. */
  readonly fleetOriginsOf: (path: ValuePath) => readonly Origin[];
  readonly lockFile: string;
}
