import type { Site } from "../../generators/model/fleet.js";
import type { ClusterPlan, FleetPlan, HostPlan } from "../../generators/plan/types.js";
import { devicesOf } from "../plan/devices.js";
import { count } from "../terminal/words.js";

/** The topology as a Mermaid flowchart. */

/** A drawing of more hosts is unreadable. */
const HOST_LIMIT = 64;
/** Mermaid draws no more by default (`maxEdges`), and a drawing cannot change that. */
const EDGE_LIMIT = 500;

function escapeLabel(text: string): string {
  return text.replaceAll("&", "#amp;").replaceAll('"', "#quot;").replaceAll("<", "#lt;");
}

/** Host names have no underscore, so that no two become one; the prefix keeps clear of Mermaid's keywords. */
function idOf(host: string): string {
  return `h_${host.replaceAll("-", "_")}`;
}

function describeSite(site: Site): string {
  return `${site.name}: IPv4 ${site.ipv4}, IPv6 ${site.ipv6}`;
}

function isVoter({ host }: HostPlan): boolean {
  return host.nomad?.server === true || host.consul?.server === true;
}

function drawHost(host: HostPlan): string {
  const marks = [host.host.mesh.relay && "relay", isVoter(host) && "voter"].filter(Boolean).join(", ");
  const label = [escapeLabel(host.host.name), host.mesh.ip, marks].filter(Boolean).join("<br/>");
  const text = host.host.mesh.relay ? `{{"${label}"}}` : `["${label}"]`;
  const style = host.host.mesh.relay ? ":::relay" : isVoter(host) ? ":::voter" : "";
  return `${idOf(host.host.name)}${text}${style}`;
}

function drawEdges({ cluster, linkOf }: ClusterPlan): string[] {
  const edges: string[] = [];
  cluster.hosts.forEach((a, i) => {
    for (const b of cluster.hosts.slice(i + 1)) {
      const link = linkOf(a, b);
      if (link.kind === "direct") edges.push(`${idOf(a)} --- ${idOf(b)}`);
      else if (link.kind === "relay") {
        edges.push(`${idOf(a)} -. "via ${escapeLabel(link.relays.join(", then "))}" .- ${idOf(b)}`);
      }
    }
  });
  return edges;
}

interface SiteGroup {
  readonly site: Site;
  readonly hosts: HostPlan[];
}

function groupBySite(cluster: ClusterPlan, plan: FleetPlan): SiteGroup[] {
  const groups = new Map<string, SiteGroup>();
  for (const name of cluster.cluster.hosts) {
    const host = plan.hosts.get(name);
    if (host === undefined) continue;
    const { site } = host.host;
    const group = groups.get(site.name) ?? { site, hosts: [] };
    group.hosts.push(host);
    groups.set(site.name, group);
  }
  return [...groups.values()].sort((a, b) => (a.site.name < b.site.name ? -1 : 1));
}

function subgraph(id: string, label: string, lines: readonly string[]): string[] {
  return [`subgraph ${id}["${escapeLabel(label)}"]`, ...lines.map((line) => `  ${line}`), "end"];
}

function drawHosts(plan: FleetPlan): string[] {
  const clusters = [...plan.clusters.values()].filter(({ cluster }) => cluster.hosts.length > 0);
  const lines = clusters.flatMap((cluster, c) => {
    const sites = groupBySite(cluster, plan).flatMap(({ site, hosts }, s) =>
      subgraph(`s${c}_${s}`, describeSite(site), hosts.map(drawHost)),
    );
    return clusters.length === 1 ? sites : subgraph(`c${c}`, cluster.cluster.name, sites);
  });
  return [...lines, ...clusters.flatMap(drawEdges), ...clusters.flatMap((cluster) => drawDevices(cluster, plan))];
}

/** Each device with its one tunnel. */
function drawDevices(cluster: ClusterPlan, plan: FleetPlan): string[] {
  return devicesOf(cluster, plan).flatMap(({ name, ip, relay }) => {
    const id = `d_${name.replaceAll("-", "_")}`;
    return [`${id}(["${escapeLabel(name)}<br/>${ip}"])`, `${id} --- ${idOf(relay)}`];
  });
}

/** Tunnels between hosts of two sites, each pair counted once. */
function countTunnels(cluster: ClusterPlan, plan: FleetPlan): Map<string, number> {
  const tunnels = new Map<string, number>();
  for (const name of cluster.cluster.hosts) {
    const host = plan.hosts.get(name);
    const peers = new Set(host?.mesh.interfaces.flatMap((device) => device.peers.map((peer) => peer.name)));
    for (const peer of peers) {
      const other = plan.hosts.get(peer);
      if (host === undefined || other === undefined || peer < name) continue;
      const key = [host.host.site.name, other.host.site.name].sort().join("\n");
      tunnels.set(key, (tunnels.get(key) ?? 0) + 1);
    }
  }
  return tunnels;
}

/** One node for all devices of a cluster, at the site of the relay that they join through. */
function countDevices(cluster: ClusterPlan, plan: FleetPlan, ids: ReadonlyMap<string, string>, id: string): string[] {
  const devices = devicesOf(cluster, plan);
  const site = plan.hosts.get(devices[0]?.relay ?? "")?.host.site.name;
  if (site === undefined) return [];
  return [`${id}(["${count(devices.length, "device")}"])`, `${id} --- ${ids.get(site)}`];
}

/** One node a site; hosts are only counted, relays named. */
function drawSites(plan: FleetPlan): string[] {
  const clusters = [...plan.clusters.values()].filter(({ cluster }) => cluster.hosts.length > 0);
  return clusters.flatMap((cluster, c) => {
    const groups = groupBySite(cluster, plan);
    const ids = new Map(groups.map(({ site }, s) => [site.name, `s${c}_${s}`]));
    const nodes = groups.map(({ site, hosts }) => {
      const relays = hosts.filter(({ host }) => host.mesh.relay).map(({ host }) => host.name);
      const named = relays.length === 0 ? [] : [count(relays.length, "relay"), relays.slice(0, 8).join(", ")];
      const label = [describeSite(site), count(hosts.length, "host"), ...named].map(escapeLabel).join("<br/>");
      return `${ids.get(site.name)}["${label}"]${relays.length > 0 ? ":::relay" : ""}`;
    });
    const edges = [...countTunnels(cluster, plan)].flatMap(([key, tunnels]) => {
      const [a = "", b = ""] = key.split("\n");
      return a === b ? [] : [`${ids.get(a)} -- "${count(tunnels, "tunnel")}" --- ${ids.get(b)}`];
    });
    const devices = countDevices(cluster, plan, ids, `d${c}`);
    edges.push(...devices);
    return clusters.length === 1 ? [...nodes, ...edges] : [...subgraph(`c${c}`, cluster.cluster.name, nodes), ...edges];
  });
}

/** @returns a flowchart of hosts, or of sites where there are too many hosts to draw */
export function drawMermaid(plan: FleetPlan): string {
  let lines = plan.hosts.size > HOST_LIMIT ? [] : drawHosts(plan);
  const edges = lines.filter((line) => line.includes(" --- ") || line.includes(" -. ")).length;
  if (lines.length === 0 || edges > EDGE_LIMIT) lines = drawSites(plan);
  return [
    "flowchart LR",
    ...lines.map((line) => `  ${line}`),
    "  classDef relay fill:#dbeafe,stroke:#1d4ed8,stroke-width:3px,color:#172554",
    "  classDef voter stroke:#1d4ed8,stroke-width:3px",
  ].join("\n");
}
