import type { ClusterPlan, FleetPlan, HostPlan } from "../../generators/plan/types.js";
import type { Colors } from "../context.js";
import { formatColumns } from "../terminal/columns.js";
import { count } from "../terminal/words.js";
import { devicesOf, formatDevices } from "./devices.js";
import { directPeersOf, openPortsOf, rolesOf } from "./facts.js";

/** The plan of a whole fleet, as tables. */

/** Pairs are quadratic in hosts; beyond this many hosts of a cluster only hosts are listed. */
const PAIR_LIMIT = 64;

/** A heading and its rows, the first of them titles; nothing where there are no others. */
export function formatTable(
  heading: string,
  rows: readonly (readonly string[])[],
  colors: Colors,
  right?: number[],
): string {
  if (rows.length < 2) return "";
  const [titles = "", ...lines] = formatColumns(rows, right);
  return [colors.bold(heading), colors.dim(titles), ...lines].join("\n");
}

function hostsOf(cluster: ClusterPlan, plan: FleetPlan): HostPlan[] {
  return cluster.cluster.hosts.flatMap((name) => plan.hosts.get(name) ?? []);
}

function formatHosts(hosts: readonly HostPlan[], colors: Colors): string {
  const rows = hosts.map((host) => [
    host.host.name,
    host.host.platform,
    host.host.site.name,
    host.mesh.ip,
    String(directPeersOf(host).length),
    rolesOf(host).join(", "),
  ]);
  return formatTable("Hosts", [["HOST", "PLATFORM", "SITE", "MESH", "PEERS", "ROLES"], ...rows], colors, [4]);
}

/** Pairs without a tunnel of their own. */
function formatIndirectPairs({ cluster, linkOf }: ClusterPlan, colors: Colors): string {
  const rows: string[][] = [];
  if (cluster.hosts.length > PAIR_LIMIT) return "";
  cluster.hosts.forEach((a, i) => {
    for (const b of cluster.hosts.slice(i + 1)) {
      const link = linkOf(a, b);
      if (link.kind === "relay") rows.push([a, b, link.relays.join(", then ")]);
      else if (link.kind === "pending") rows.push([a, b, "once a provider gave an address"]);
      else if (link.kind === "none") rows.push([a, b, "no path"]);
    }
  });
  return formatTable("Pairs over a relay", [["HOST", "HOST", "RELAYS"], ...rows], colors);
}

/** How many voters may be lost: a Raft majority is more than half. */
export function describeQuorum(voters: number): string {
  return voters === 0 ? "no servers" : `${count(voters, "voter")}, ${Math.floor((voters - 1) / 2)} may fail`;
}

function formatQuorum({ cluster, consulServers, nomadServers }: ClusterPlan, colors: Colors): string {
  const rows = [
    ["consul", cluster.consul.datacenter, consulServers] as const,
    ["nomad", cluster.nomad.region, nomadServers] as const,
  ].map(([system, name, servers]) => [system, name, describeQuorum(servers.length), servers.join(", ")]);
  return formatTable("Quorum", [["SYSTEM", "NAME", "QUORUM", "SERVERS"], ...rows], colors);
}

function formatPorts(hosts: readonly HostPlan[], colors: Colors): string {
  const rows = hosts.flatMap((host) =>
    openPortsOf(host).map(({ from, tcp, udp }) => [host.host.name, from, tcp.join(" "), udp.join(" ")]),
  );
  return formatTable("Open ports", [["HOST", "TO", "TCP", "UDP"], ...rows], colors);
}

function formatCluster(cluster: ClusterPlan, plan: FleetPlan, colors: Colors): string[] {
  const { name, mesh, hosts } = cluster.cluster;
  const facts = `mesh ${mesh.ipv4.network}, port ${mesh.port}, MTU ${cluster.mtu}, ${mesh.topology === "full" ? "full mesh" : "hub and spoke"}`;
  const members = hostsOf(cluster, plan);
  return [
    `${colors.bold(colors.cyan(name))}: ${count(hosts.length, "host")}, ${facts}`,
    formatHosts(members, colors),
    formatIndirectPairs(cluster, colors),
    formatQuorum(cluster, colors),
    formatDevices(devicesOf(cluster, plan), colors),
    formatPorts(members, colors),
  ];
}

/** All clusters of a plan. */
export function formatPlan(plan: FleetPlan, colors: Colors): string {
  const sections = [...plan.clusters.values()].flatMap((cluster) => formatCluster(cluster, plan, colors));
  return sections.filter((section) => section !== "").join("\n\n");
}
