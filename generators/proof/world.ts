import type { Endpoint, Fleet, HostAddress, Site } from "../model/fleet.js";
import type { Platform } from "../model/vocabulary.js";
import type { HostViews } from "../render/types.js";

/**
 * What the proof looks at: the physical world as the fleet's files describe it, and the rendered views of every host. It
 * holds nothing that the planner decided, so that a mistake of the planner cannot hide itself.
 */

export interface ProofHost {
  readonly name: string;
  readonly cluster: string;
  readonly platform: Platform;
  readonly site: Site;
  /** Own, LAN and public addresses. */
  readonly address: HostAddress;
  /** What the outside maps to this host's mesh port: a port forwarding, or a public name. */
  readonly endpoint?: Endpoint;
  /** The mesh address, without a prefix length. */
  readonly ip: string;
  /** The public half of the key that all interfaces of the host share. */
  readonly publicKey: string;
  readonly views: HostViews;
}

export interface ProofCluster {
  readonly name: string;
  /** The mesh's UDP port: what a port forwarding of the outside leads to. */
  readonly port: number;
  /** Whether hosts that could talk directly do so, or only relays are linked to. */
  readonly topology: "full" | "hub";
  /** Names of hosts that carry traffic for others; each is taken away once. */
  readonly relays: readonly string[];
}

export interface ProofWorld {
  /** The domain of public names. */
  readonly domain: string;
  readonly clusters: ReadonlyMap<string, ProofCluster>;
  readonly hosts: ReadonlyMap<string, ProofHost>;
  /** Public keys of phones and laptops, which are peers but no hosts. */
  readonly deviceKeys: ReadonlySet<string>;
}

/** A packet that does not arrive, or a setting that makes packets go astray. */
export interface ProofFinding {
  /** Stable, `proof-…`. */
  readonly code: string;
  /** `error`: what was rendered is wrong; `warning`: nothing could be rendered that would help. */
  readonly severity: "error" | "warning";
  /** The host that sends. */
  readonly from: string;
  /** The host that should receive. */
  readonly to: string;
  readonly port?: number;
  readonly protocol?: "tcp" | "udp";
  /** The relay that was taken away; missing where all hosts are alive. */
  readonly relayDown?: string;
  /** The host where the packet stops. */
  readonly hop: string;
  /** How many more findings of the same cause were left out. */
  readonly more: number;
  readonly message: string;
  readonly hint: string;
}

/** What is known of a host once it is rendered. */
export interface RenderedHost {
  readonly ip: string;
  readonly publicKey: string;
  readonly views: HostViews;
}

/**
 * The world that a fleet's files and its rendered views describe.
 * @param hosts rendered hosts by name; a host of the fleet that is missing here is left out
 */
export function worldOf(fleet: Fleet, hosts: ReadonlyMap<string, RenderedHost>): ProofWorld {
  const proofHosts = new Map<string, ProofHost>();
  for (const [name, host] of fleet.hosts) {
    const rendered = hosts.get(name);
    if (rendered === undefined) continue;
    const { endpoint } = host.mesh;
    proofHosts.set(name, {
      name,
      cluster: host.cluster,
      platform: host.platform,
      site: host.site,
      address: host.address,
      ...(endpoint !== undefined && { endpoint }),
      ip: rendered.ip,
      publicKey: rendered.publicKey,
      views: rendered.views,
    });
  }
  const clusters = [...fleet.clusters].map(
    ([name, { mesh }]) => [name, { name, port: mesh.port, topology: mesh.topology, relays: mesh.relays }] as const,
  );
  return {
    domain: fleet.domain,
    clusters: new Map(clusters),
    hosts: proofHosts,
    deviceKeys: new Set(fleet.devices.map((device) => device.publicKey)),
  };
}
