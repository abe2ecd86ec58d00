import { formatEndpoint } from "../../generators/model/endpoint.js";
import { reachOf } from "../../generators/plan/mesh/reach.js";
import type { ClusterPlan, FleetPlan, HostPlan } from "../../generators/plan/types.js";
import type { Colors } from "../context.js";
import { formatColumns } from "../terminal/columns.js";
import { formatTable } from "./tables.js";

/** Phones and laptops: what is typed into their WireGuard app. */

/** Seconds; what WireGuard advises behind NAT, where every phone is. */
const KEEPALIVE = 25;

/** A device, and the one tunnel that it has. */
export interface DeviceFacts {
  readonly name: string;
  readonly cluster: string;
  /** The mesh address, without a prefix length. */
  readonly ip: string;
  readonly publicKey: string;
  readonly mtu: number;
  readonly relay: string;
  /** Null while `generate` has not made the relay's key. */
  readonly relayKey: string | null;
  /** Where the device sends to, the one that most networks have first; empty while a provider has not given an address. */
  readonly endpoints: readonly string[];
  /** What lies behind the relay, in CIDR notation. */
  readonly allowedIps: readonly string[];
  /** The relay's Unbound; null where it does not listen on the mesh. */
  readonly dns: string | null;
}

function relayOf({ cluster }: ClusterPlan, plan: FleetPlan): HostPlan | undefined {
  return cluster.mesh.relays.flatMap((name) => plan.hosts.get(name) ?? [])[0];
}

/** Phones often have no IPv6, and a relay that has IPv4 answers on it. */
function endpointsOf({ host }: HostPlan, port: number): string[] {
  const { ipv4, ipv6 } = reachOf(host, port).inbound;
  const endpoints = [ipv4, ipv6].flatMap((endpoint) => (endpoint === null ? [] : [formatEndpoint(endpoint)]));
  return [...new Set(endpoints)];
}

/** The devices of a cluster; none where it has no relay to join through, which is an error of its own. */
export function devicesOf(cluster: ClusterPlan, plan: FleetPlan): DeviceFacts[] {
  const relay = relayOf(cluster, plan);
  if (relay === undefined) return [];
  const { ipv4, port } = cluster.cluster.mesh;
  const { ip } = relay.mesh;
  return cluster.devices.map((own) => ({
    name: own.device.name,
    cluster: cluster.cluster.name,
    ip: own.ip,
    publicKey: own.device.publicKey,
    mtu: cluster.mtu,
    relay: relay.host.name,
    relayKey: relay.mesh.publicKey,
    endpoints: endpointsOf(relay, port),
    allowedIps: [ipv4.network],
    dns: relay.dns.listen.some((address) => address === ip || address === "0.0.0.0") ? ip : null,
  }));
}

export function findDevice(plan: FleetPlan, name: string): DeviceFacts | undefined {
  for (const cluster of plan.clusters.values()) {
    if (!cluster.devices.some(({ device }) => device.name === name)) continue;
    return devicesOf(cluster, plan).find((device) => device.name === name);
  }
  return undefined;
}

function describeEndpoint({ endpoints, relay }: DeviceFacts): string {
  return endpoints[0] ?? `waits for the address of ${relay}`;
}

function describeKey({ relayKey }: DeviceFacts): string {
  return relayKey ?? "none yet: meshflake generate makes it";
}

export function formatDevices(devices: readonly DeviceFacts[], colors: Colors): string {
  const titles = ["DEVICE", "MESH", "RELAY", "ENDPOINT", "RELAY'S KEY", "ALLOWED IPS"];
  const rows = devices.map((device) => [
    ...[device.name, device.ip, device.relay, describeEndpoint(device), describeKey(device)],
    device.allowedIps.join(", "),
  ]);
  return formatTable("Devices", [titles, ...rows], colors);
}

/** All about one device, as the fields of a WireGuard app are called. */
export function formatDevice(device: DeviceFacts, colors: Colors): string {
  const section = (title: string, facts: readonly (readonly [string, string])[]) =>
    [colors.bold(title), ...formatColumns(facts.map(([name, value]) => [colors.dim(name), value]))].join("\n");
  const own: (readonly [string, string])[] = [
    ["Private key", `the device's own, which never leaves it; its public half is ${device.publicKey}`],
    ["Addresses", `${device.ip}/32`],
    ...(device.dns === null ? [] : [["DNS servers", device.dns] as const]),
    ["MTU", String(device.mtu)],
  ];
  const [, ...others] = device.endpoints;
  const peer: (readonly [string, string])[] = [
    ["Public key", describeKey(device)],
    ["Endpoint", describeEndpoint(device)],
    ["Allowed IPs", device.allowedIps.join(", ")],
    ["Persistent keepalive", String(KEEPALIVE)],
  ];
  const instead = others.map((endpoint) => `\nIn a network without IPv4 the endpoint is ${endpoint}.`);
  return [
    `${colors.bold(colors.cyan(device.name))}: a device of ${device.cluster}, joins through ${device.relay}. Type into its WireGuard app:`,
    section("Interface", own),
    section(`Peer (${device.relay})`, peer) + instead.join(""),
  ].join("\n\n");
}
