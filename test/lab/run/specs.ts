import type { HostSpec, LabSpec, SiteSpec } from "../../../lab/spec.js";

/** Specs of small labs, for tests that look at one thing alone. */

export const HOST: HostSpec = {
  name: "ann",
  cluster: "cats",
  site: "home",
  meshIp: "10.0.0.1",
  consul: { server: true },
  nomad: null,
  networkd: { netdevs: {}, networks: {} },
  sysctl: {},
  ruleset: "",
  files: [],
  units: [{ name: "consul", exec: ["consul"], restart: "always", restartMs: 5_000, after: [] }],
  open: [],
  names: [],
};

function siteOf(name: string, dynamic: boolean): SiteSpec {
  return {
    name,
    ipv4: "nat",
    ipv6: "none",
    dynamic,
    mtu: 1500,
    conditions: { delayMs: 10, lossPercent: 0, rateMbit: null },
    gateways: [],
    wan4: "198.51.100.1",
    wan6: null,
    spare4: dynamic ? ["198.51.100.2"] : [],
    routed: [],
    forwardings: [],
    names: [],
    attachments: [],
  };
}

/** A lab of one host. */
export function specOf({ sites, dynamic }: { sites: readonly string[]; dynamic: readonly string[] }): LabSpec {
  return {
    version: 1,
    name: "test",
    fleet: "test",
    environment: null,
    domain: "example.org",
    world: { sites: sites.map((name) => siteOf(name, dynamic.includes(name))), names: [], resolvers: [] },
    hosts: [HOST],
    clusters: [],
  };
}
