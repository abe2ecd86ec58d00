import type { ClusterPlan, FleetPlan, HostPlan, Link, PortRange, Ports } from "../../generators/plan/types.js";

/** What tables, drawings and `--json` say about hosts of a plan. */

/** What a host does for others: `nomad server`, `relay`, `resolver` and so on. */
export function rolesOf({ host }: HostPlan): string[] {
  return [
    host.nomad?.server && "nomad server",
    host.nomad?.client && "nomad client",
    host.consul?.server && "consul server",
    host.mesh.relay && "relay",
    host.dns.resolver && "resolver",
  ].filter((role) => typeof role === "string");
}

/** Hosts that a host has a tunnel to. */
export function directPeersOf({ mesh }: HostPlan): string[] {
  const peers = mesh.interfaces.flatMap((device) => device.peers.filter((peer) => peer.kind === "host"));
  return [...new Set(peers.map((peer) => peer.name))].sort();
}

/** Links of a host with others of its cluster that have no tunnel. */
export function indirectLinksOf(host: HostPlan, cluster: ClusterPlan): { readonly to: string; readonly link: Link }[] {
  const { name } = host.host;
  return cluster.cluster.hosts
    .filter((other) => other !== name)
    .map((to) => ({ to, link: cluster.linkOf(name, to) }))
    .filter(({ link }) => link.kind !== "direct");
}

export interface OpenPorts {
  /** Where from: `world`, `mesh`, `containers`, or a LAN's network. */
  readonly from: string;
  readonly tcp: readonly string[];
  readonly udp: readonly string[];
}

function formatRange({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function toOpenPorts(from: string, ports: Ports, ranges: readonly PortRange[] = []): OpenPorts[] {
  const both = ranges.map(formatRange);
  const tcp = [...ports.tcp.map(String), ...both];
  const udp = [...ports.udp.map(String), ...both];
  return tcp.length + udp.length === 0 ? [] : [{ from, tcp, udp }];
}

/** Open ports of a host by where they are open to; Nomad's range for jobs is open for both protocols. */
export function openPortsOf({ firewall }: HostPlan): OpenPorts[] {
  const { world, mesh, meshRanges, containers, lan } = firewall;
  return [
    ...toOpenPorts("world", world),
    ...toOpenPorts("mesh", mesh, meshRanges),
    ...toOpenPorts("containers", containers),
    ...(lan === null ? [] : toOpenPorts(lan.source, lan.ports)),
  ];
}

/** Names under which others find a host, by its mesh address. */
export function indexNames(plan: FleetPlan): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { records } of plan.clusters.values()) {
    for (const { name, address } of records) {
      const known = names.get(address);
      if (known === undefined) names.set(address, [name]);
      else known.push(name);
    }
  }
  return names;
}

/** A host as `--json` says it. */
export function toHostData(host: HostPlan, names: readonly string[]): Record<string, unknown> {
  const { name, platform, arch, cluster, site, tags, address, file } = host.host;
  const { mesh, consul, nomad, dns, firewall, containers, secrets, age } = host;
  const { public4, public6 } = address;
  return {
    ...{ name, file, platform, arch, cluster, site: site.name, tags, roles: rolesOf(host) },
    public: { ipv4: public4 ?? null, ipv6: public6 ?? null },
    ...{ mesh, consul, nomad, dns, firewall, containers, secrets, age },
    names,
  };
}
