import { formatEndpoint } from "../../generators/model/endpoint.js";
import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import type { Colors } from "../context.js";
import { formatColumns } from "../terminal/columns.js";
import { indexNames, indirectLinksOf, openPortsOf, rolesOf } from "./facts.js";
import { formatTable } from "./tables.js";

/** The plan of one host, with everything that others must know of it. */

function formatFacts(plan: FleetPlan, host: HostPlan, colors: Colors): string {
  const { name, platform, arch, site, cluster, address, file } = host.host;
  const uplink = [site.ipv4 !== "none" && `IPv4 ${site.ipv4}`, site.ipv6 !== "none" && `IPv6 ${site.ipv6}`].filter(
    Boolean,
  );
  const facts: (readonly [string, string])[] = [
    ["file", file],
    ["platform", `${platform}, ${arch}`],
    ["site", `${site.name} (${uplink.join(", ") || "no uplink"})`],
    ["cluster", cluster],
    ["roles", rolesOf(host).join(", ") || "none"],
    ["public", [address.public4, address.public6].filter(Boolean).join(", ") || "none known"],
    ["mesh", `${host.mesh.ip}, MTU ${host.mesh.mtu}`],
    ["key", host.mesh.publicKey ?? "none yet: meshflake generate makes it"],
    ["names", (indexNames(plan).get(host.mesh.ip) ?? []).join(", ") || "none"],
  ];
  const lines = formatColumns(facts.map(([title, value]) => [colors.dim(title), value]));
  return [colors.bold(colors.cyan(name)), ...lines].join("\n");
}

function formatPeers({ mesh }: HostPlan, colors: Colors): string {
  const rows = mesh.interfaces.flatMap((device) =>
    device.peers.map((peer) => [
      device.name,
      peer.name,
      peer.endpoint === undefined ? "waits for the peer" : formatEndpoint(peer.endpoint),
      peer.keepalive === undefined ? "" : `${peer.keepalive} s`,
      peer.allowedIps.join(", "),
    ]),
  );
  return formatTable("Peers", [["INTERFACE", "PEER", "ENDPOINT", "KEEPALIVE", "ALLOWED IPS"], ...rows], colors);
}

function formatRelayed(plan: FleetPlan, host: HostPlan, colors: Colors): string {
  const cluster = plan.clusters.get(host.host.cluster);
  if (cluster === undefined) return "";
  const rows = indirectLinksOf(host, cluster).map(({ to, link }) => [
    to,
    link.kind === "relay" ? link.relays.join(", then ") : link.kind,
  ]);
  return formatTable("Over a relay", [["HOST", "RELAYS"], ...rows], colors);
}

function formatCluster({ consul, nomad }: HostPlan, colors: Colors): string {
  const rows = [["SYSTEM", "ROLE", "DATACENTER", "JOINS"]];
  const role = (server: boolean, expect: number | undefined, other: string) =>
    server ? `server of ${expect ?? 1}` : other;
  if (consul !== null) {
    rows.push([
      "consul",
      role(consul.server, consul.bootstrapExpect, "agent"),
      consul.datacenter,
      consul.join.join(", "),
    ]);
  }
  if (nomad !== null) {
    const roles = [nomad.server && role(true, nomad.bootstrapExpect, ""), nomad.client && "client"].filter(Boolean);
    rows.push(["nomad", roles.join(", "), `${nomad.datacenter}, region ${nomad.region}`, nomad.join.join(", ")]);
  }
  return formatTable("Cluster", rows, colors);
}

function formatPorts(host: HostPlan, colors: Colors): string {
  const rows = openPortsOf(host).map(({ from, tcp, udp }) => [from, tcp.join(" "), udp.join(" ")]);
  return formatTable("Open ports", [["TO", "TCP", "UDP"], ...rows], colors);
}

function formatSecrets({ secrets }: HostPlan, colors: Colors): string {
  const rows = secrets.map((secret) => [secret.name, secret.owner, secret.file ?? "not made by meshflake yet"]);
  return formatTable("Secrets", [["NAME", "READ BY", "FILE"], ...rows], colors);
}

/** All about one host. */
export function formatHost(plan: FleetPlan, host: HostPlan, colors: Colors): string {
  return [
    formatFacts(plan, host, colors),
    formatPeers(host, colors),
    formatRelayed(plan, host, colors),
    formatCluster(host, colors),
    formatPorts(host, colors),
    formatSecrets(host, colors),
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}
