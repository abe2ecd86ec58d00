import type { Family, Uplink } from "../generators/model/vocabulary.js";
import type { Netdev, Network } from "../generators/render/types.js";

/**
 * What a lab is made of: plain data, planned from the fleet before anything runs. `lab/plan.ts` makes it, `lab/run/` brings it
 * to life, and the checks hold what they see against it.
 */
export interface LabSpec {
  readonly version: 1;
  /** The lab's own name; several labs run side by side. */
  readonly name: string;
  readonly fleet: string;
  readonly environment: string | null;
  /** The fleet's domain. */
  readonly domain: string;
  readonly world: WorldSpec;
  /** Sorted by name. */
  readonly hosts: readonly HostSpec[];
  /** Sorted by name. */
  readonly clusters: readonly ClusterSpec[];
}

// ---- hosts ------------------------------------------------------------------------------------------------------------

/** A file of a host. Its folders are made with it. */
export interface FileSpec {
  /** Absolute, as on the NixOS host wherever the lab does not have to differ. */
  readonly path: string;
  readonly text: string;
  /** Octal; `0400` for secrets. @default 0444 */
  readonly mode?: number;
}

/** What keeps a process running; systemd's words for systemd's behaviour. */
export interface UnitSpec {
  /** As on NixOS, without `.service`: `consul`, `nomad`, `unbound`, `bird`, `consul-setup`, `mesh-endpoints`… */
  readonly name: string;
  /** The program, found in the lab's search path, and its arguments. */
  readonly exec: readonly string[];
  /** Run before `exec`, each time, one after the other; the first that fails is a failed start. */
  readonly before?: readonly (readonly string[])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `always` and `on-failure` as in systemd; `no` for what a timer repeats. */
  readonly restart: "always" | "on-failure" | "no";
  /** Milliseconds between an end and the next start. */
  readonly restartMs: number;
  /** Units that are started before; it does not wait until they are ready, as systemd does not for `Type=simple`. */
  readonly after: readonly string[];
  /** Starts `exec` this long after boot and again this long after each end, in milliseconds: a timer. */
  readonly everyMs?: number;
  /** Sent to stop it. @default SIGTERM */
  readonly stopSignal?: "SIGTERM" | "SIGINT" | "SIGKILL";
  /** Files that it starts anew for when they change, as `restartTriggers` have it on NixOS. @default none */
  readonly restartTriggers?: readonly string[];
  /** Files that it need not start anew for: `command` makes the running process read them, as `ExecReload` does. */
  readonly reload?: { readonly triggers: readonly string[]; readonly command: readonly string[] };
}

/** A port that somebody outside may find open. */
export interface OpenPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** A host, as it boots. */
export interface HostSpec {
  readonly name: string;
  readonly cluster: string;
  readonly site: string;
  /** The mesh address, without a prefix length. */
  readonly meshIp: string;
  readonly consul: { readonly server: boolean } | null;
  readonly nomad: { readonly server: boolean; readonly client: boolean } | null;
  /** networkd's units by name, uplink and mesh together, in the order of their names: what `applyNetworkd` reads. */
  readonly networkd: {
    readonly netdevs: Readonly<Record<string, Netdev | Readonly<Record<string, unknown>>>>;
    readonly networks: Readonly<Record<string, Network>>;
  };
  /** `boot.kernel.sysctl`. */
  readonly sysctl: Readonly<Record<string, number>>;
  /** nftables' whole ruleset, as `nft -f -` takes it. */
  readonly ruleset: string;
  readonly files: readonly FileSpec[];
  readonly units: readonly UnitSpec[];
  /**
   * What the plan opens to the world on the uplink, and nothing else: WireGuard's port, SSH's and the host's own. Each may be
   * found open, where something listens; no lab has an SSH daemon. Sorted by protocol and port.
   */
  readonly open: readonly OpenPort[];
  /** Names that its resolver answers by itself: the fleet's own. */
  readonly names: readonly { readonly name: string; readonly address: string }[];
}

/** A cluster, as checks hold it against what they see. */
export interface ClusterSpec {
  readonly name: string;
  /** Sorted. */
  readonly hosts: readonly string[];
  /** The mesh's MTU in bytes. */
  readonly mtu: number;
  readonly relays: readonly string[];
  readonly consulServers: readonly string[];
  readonly nomadServers: readonly string[];
  readonly datacenter: string;
  readonly region: string;
  /** Every pair once, `a` before `b`: the path that the plan promises. */
  readonly links: readonly LinkSpec[];
  /** Management tokens, made for this lab; null where the cluster has no such servers. */
  readonly tokens: { readonly consul: string | null; readonly nomad: string | null };
}

/** The path between two hosts. */
export interface LinkSpec {
  readonly a: string;
  readonly b: string;
  /** `none` also where the plan has relays and the lab boots none of them. */
  readonly kind: "direct" | "relay" | "pending" | "none";
  /** In order of preference; empty unless `kind` is `relay`. */
  readonly relays: readonly string[];
}

// ---- the world between them -------------------------------------------------------------------------------------------

/** How a site's line to the internet behaves, each way. */
export interface Conditions {
  /** Milliseconds that a packet takes through the line, one way. @default 10, so that two sites are 20 ms apart one way */
  readonly delayMs: number;
  /** Packets lost, 0 to 100 percent. @default 0 */
  readonly lossPercent: number;
  /** Megabits a second; null where nothing limits it. @default null */
  readonly rateMbit: number | null;
}

/** An address that a host is given from outside: by DHCP or router advertisement. */
export interface Lease {
  /** CIDR notation. */
  readonly address: string;
  readonly gateway: string;
}

/** A host's place in its site. */
export interface Attachment {
  readonly host: string;
  /** The interface's name inside of the host: one that its uplink's `matchConfig` matches. */
  readonly interface: string;
  readonly mac: string;
  /** All that it has at the site, its own settings and its leases together, in CIDR notation. */
  readonly addresses: readonly string[];
  /**
   * What the site's router hands out; a family that the host sets by itself is missing. A gateway may lie outside of the lease's
   * network, and is on the link all the same. A host that sets its IPv6 address and no gateway has a lease of that very address.
   */
  readonly lease4?: Lease;
  readonly lease6?: Lease;
}

/** A port forwarding of a site's router. */
export interface Forwarding {
  readonly port: number;
  readonly protocol: "udp" | "tcp";
  /** The public address that it is about. @default the router's own, of the family of `to` */
  readonly address?: string;
  /** Where it leads: an address of the site's hosts. */
  readonly to: string;
  readonly toPort: number;
}

/** A site: its router, its line, and who is plugged in. */
export interface SiteSpec {
  readonly name: string;
  readonly ipv4: Uplink;
  readonly ipv6: Uplink;
  readonly dynamic: boolean;
  /** Of the line, in bytes. */
  readonly mtu: number;
  readonly conditions: Conditions;
  /** The router's addresses towards its hosts, in CIDR notation. */
  readonly gateways: readonly string[];
  /** The router's public addresses, without prefix lengths; of the carrier's in front of it where the uplink is `cgnat`. */
  readonly wan4: string | null;
  readonly wan6: string | null;
  /** Further addresses that a dynamic site moves on to, one after the other, and then again from the first. */
  readonly spare4: readonly string[];
  /** Networks in the internet that lead to this site: addresses of its hosts, in CIDR notation. */
  readonly routed: readonly string[];
  readonly forwardings: readonly Forwarding[];
  /** Names that mean something at the site alone, such as `pi1.lan`: whoever asks the router, at a gateway, is told. */
  readonly names: readonly { readonly name: string; readonly address: string }[];
  readonly attachments: readonly Attachment[];
}

/** A name that the whole internet knows; where it names a dynamic site, its address changes with it. */
export interface PublicName {
  readonly name: string;
  readonly family: Family;
  readonly address: string;
  /** The site whose `wan4` it follows; missing where it never changes. */
  readonly site?: string;
}

/** Everything between the hosts. */
export interface WorldSpec {
  /** Sorted by name. */
  readonly sites: readonly SiteSpec[];
  /** Names that the fleet's endpoints use. */
  readonly names: readonly PublicName[];
  /** Addresses of the upstream resolvers with their ports and the names in their certificates, all served by the lab's stand-in. */
  readonly resolvers: readonly { readonly address: string; readonly port: number; readonly tlsName: string | null }[];
}

/** The namespaces of the world, beside the hosts': `internet`, one router a site, one carrier a site behind CGNAT. */
export type NamespaceName = "internet" | `site:${string}` | `carrier:${string}` | `host:${string}`;

/** What is done inside of one namespace, in the order of the fields. Every step is idempotent where it can be. */
export interface Steps {
  readonly namespace: NamespaceName;
  /** Settings below /proc/sys, dots for slashes; interface names with dots are not used in the world. */
  readonly sysctl?: Readonly<Record<string, string | number>>;
  /** Lines for `ip -batch -`. */
  readonly ip?: readonly string[];
  /** A script for `nft -f -`. */
  readonly nft?: string;
  /** Lines for `tc -batch -`. */
  readonly tc?: readonly string[];
}

/** A line between two namespaces: an interface at each end. */
export interface Cable {
  /** Unique in the lab. */
  readonly name: string;
  readonly ends: readonly [CableEnd, CableEnd];
  readonly mtu: number;
  /** A line of the internet, which delays and loses; a plain Ethernet cable where it is missing. */
  readonly conditions?: Conditions;
}

/** An interface at the end of a cable. */
export interface CableEnd {
  readonly namespace: NamespaceName;
  /** 15 characters at most. */
  readonly device: string;
  readonly mac?: string;
  /** The bridge of the namespace that it is plugged into. */
  readonly bridge?: string;
}
