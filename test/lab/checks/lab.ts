import type { HostStatus, LabState } from "../../../lab/protocol.js";
import type { ClusterSpec, HostSpec, LabSpec, LinkSpec, SiteSpec } from "../../../lab/spec.js";

/** Small labs as data, for judges. */

/** A host with everything: a server and client of both daemons. */
export function host(name: string, meshIp: string, more: Partial<HostSpec> = {}): HostSpec {
  return {
    name,
    cluster: "cats",
    site: "here",
    meshIp,
    consul: { server: true },
    nomad: { server: true, client: true },
    networkd: { netdevs: {}, networks: {} },
    sysctl: {},
    ruleset: "",
    files: [],
    units: [],
    open: [],
    names: [],
    ...more,
  };
}

export function cluster(hosts: readonly string[], more: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    name: "cats",
    hosts,
    mtu: 1420,
    relays: [],
    consulServers: hosts,
    nomadServers: hosts,
    datacenter: "cats",
    region: "cats",
    links: [],
    tokens: { consul: "c", nomad: "n" },
    ...more,
  };
}

export function site(name: string, more: Partial<SiteSpec> = {}): SiteSpec {
  return {
    name,
    ipv4: "public",
    ipv6: "none",
    dynamic: false,
    mtu: 1500,
    conditions: { delayMs: 10, lossPercent: 0, rateMbit: null },
    gateways: [],
    wan4: null,
    wan6: null,
    spare4: [],
    routed: [],
    forwardings: [],
    names: [],
    attachments: [],
    ...more,
  };
}

export function link(
  a: string,
  b: string,
  kind: LinkSpec["kind"] = "direct",
  relays: readonly string[] = [],
): LinkSpec {
  return { a, b, kind, relays };
}

export function spec(more: Partial<LabSpec>): LabSpec {
  return {
    version: 1,
    name: "lab",
    fleet: "cats",
    environment: null,
    domain: "cats.example.org",
    world: { sites: [], names: [], resolvers: [] },
    hosts: [],
    clusters: [],
    ...more,
  };
}

export function state(hosts: readonly HostStatus[], more: Partial<LabState> = {}): LabState {
  return {
    name: "lab",
    fleet: "cats",
    environment: null,
    root: "/repository",
    phase: "ready",
    failure: null,
    startedAt: 0,
    readyAt: 0,
    hosts,
    faults: [],
    test: { holder: null, remains: [] },
    sites: [],
    wireguard: "kernel",
    lines: "netem",
    namespaces: {},
    ...more,
  };
}
