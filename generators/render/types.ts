import type { NixValue } from "../model/input.js";

/**
 * Views: what one generated file says, as data. Their keys are NixOS's option names, so that a view is what Nix evaluates
 * the printed file to; the proof and every other reader take these, never the plan.
 */

export interface Netdev {
  readonly netdevConfig: { readonly Name: string; readonly Kind: "wireguard"; readonly MTUBytes: string };
  readonly wireguardConfig: { readonly PrivateKeyFile: string; readonly ListenPort?: number };
  readonly wireguardPeers: readonly WireguardPeer[];
}

export interface WireguardPeer {
  readonly PublicKey: string;
  readonly AllowedIPs: readonly string[];
  readonly Endpoint?: string;
  readonly PersistentKeepalive?: number;
}

export interface Network {
  readonly matchConfig: Readonly<Record<string, string>>;
  readonly address?: readonly string[];
  readonly addresses?: readonly { readonly Address: string; readonly Peer?: string }[];
  readonly routes?: readonly {
    readonly Destination?: string;
    readonly Gateway?: string;
    readonly GatewayOnLink?: boolean;
  }[];
  readonly networkConfig?: Readonly<Record<string, NixValue>>;
  readonly linkConfig?: Readonly<Record<string, NixValue>>;
  readonly dns?: readonly string[];
  readonly DHCP?: string;
  readonly vlan?: readonly string[];
}

/** BIRD as data; printed to `bird.conf` by `render/bird.ts`. */
export interface BirdView {
  readonly routerId: string;
  /** BFD's interface patterns. */
  readonly interfaces: readonly string[];
  /** Milliseconds between BFD packets. */
  readonly intervalMs: number;
  /** Lost packets until a neighbour is dead. */
  readonly multiplier: number;
  readonly statics: readonly {
    readonly name: string;
    readonly preference: number;
    readonly routes: readonly { readonly to: string; readonly via: string }[];
    /** The source address of own packets. */
    readonly source: string;
  }[];
  readonly neighbors: readonly { readonly address: string; readonly interface: string; readonly local: string }[];
}

export interface MeshView {
  readonly netdevs: Readonly<Record<string, Netdev>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly sysctl: Readonly<Record<string, number>>;
  readonly bird: BirdView | null;
  /** Peers to look up again, by interface. */
  readonly reresolve: readonly { readonly interface: string; readonly publicKey: string; readonly endpoint: string }[];
}

export interface OpenPorts {
  readonly allowedTCPPorts?: readonly number[];
  readonly allowedUDPPorts?: readonly number[];
  readonly allowedTCPPortRanges?: readonly { readonly from: number; readonly to: number }[];
  readonly allowedUDPPortRanges?: readonly { readonly from: number; readonly to: number }[];
}

export interface FirewallView extends OpenPorts {
  readonly interfaces: Readonly<Record<string, OpenPorts>>;
  readonly filterForward: boolean;
  /** nftables rules of the forward chain, one a line. */
  readonly extraForwardRules: readonly string[];
  /** nftables rules of the input chain, one a line. */
  readonly extraInputRules: readonly string[];
  /** `false`, `true` (strict) or `"loose"`. */
  readonly checkReversePath: boolean | "loose";
}

export interface NetworkView {
  readonly netdevs: Readonly<Record<string, Readonly<Record<string, NixValue>>>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly firewall: FirewallView;
  readonly nameservers: readonly string[];
}

/** All views of a host. Views that only the printer reads are plain option trees. */
export interface HostViews {
  readonly network: NetworkView;
  readonly mesh: MeshView;
  readonly consul: Readonly<Record<string, NixValue>> | null;
  readonly nomad: Readonly<Record<string, NixValue>> | null;
  readonly dns: Readonly<Record<string, NixValue>>;
}

/** A file in memory. */
export interface RenderedFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}
