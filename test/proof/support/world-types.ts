import type { Endpoint, HostAddress, Site } from "../../../generators/model/fleet.js";
import type { NixValue } from "../../../generators/model/input.js";
import type { Uplink } from "../../../generators/model/vocabulary.js";
import type { ProofCluster, ProofHost, ProofWorld } from "../../../generators/proof/world.js";
import type { FirewallView, HostViews, Network } from "../../../generators/render/types.js";

/** Worlds as tests describe and change them. */

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

interface TestNetwork extends Omit<Network, "addresses" | "routes"> {
  addresses?: { Address: string; Peer?: string }[];
  routes?: { Destination?: string; Gateway?: string }[];
}

/** A host whose every setting a test may change. */
export interface TestHost extends Omit<ProofHost, "views" | "platform" | "ip" | "publicKey" | "site" | "address"> {
  platform: ProofHost["platform"];
  ip: string;
  publicKey: string;
  site: Mutable<Omit<Site, "lan">> & Pick<Site, "lan">;
  address: { -readonly [K in keyof HostAddress]: HostAddress[K] };
  views: Omit<HostViews, "mesh" | "network" | "consul" | "nomad"> & {
    mesh: Mutable<Omit<HostViews["mesh"], "networks">> & { networks: Record<string, TestNetwork> };
    network: Omit<HostViews["network"], "firewall" | "networks"> & {
      firewall: Mutable<FirewallView>;
      networks: Record<string, TestNetwork>;
    };
    consul: { [option: string]: NixValue } | null;
    nomad: { [option: string]: NixValue } | null;
  };
}

export interface TestWorld extends ProofWorld {
  readonly clusters: Map<string, ProofCluster>;
  readonly hosts: Map<string, TestHost>;
  readonly deviceKeys: Set<string>;
}

export interface SiteSpec {
  ipv4: Uplink;
  ipv6: Uplink;
  lan?: string;
  dynamic?: boolean;
  mtu?: number;
}

export interface HostSpec {
  name: string;
  site: string;
  server?: boolean;
  nomad?: boolean;
  endpoint?: Endpoint;
  /** A provider has not given an address yet. */
  pending?: boolean;
  cluster?: string;
}

export interface WorldSpec {
  sites: Record<string, SiteSpec>;
  hosts: HostSpec[];
  relays?: string[];
  topology?: "full" | "hub";
  /** Filters forwarded packets on relays. */
  filterForward?: boolean;
}
