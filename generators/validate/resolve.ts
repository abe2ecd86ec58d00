import { parseEndpoint } from "../model/endpoint.js";
import type { Cluster, ClusterDns, Device, Fleet, Host, OpenPorts, Site } from "../model/fleet.js";
import type { ClusterInput, FleetInput, HostInput, PortsInput, SiteInput } from "../model/input.js";
import type { FleetInputs, LoadedFile } from "../model/inputs.js";
import type { HostFacts } from "../model/lock.js";
import { Cidr, familyOf } from "../model/net.js";
import { addressOf, lacksIpv6, resolveAddress } from "./addresses.js";
import { resolveSecrets, resolveShared } from "./own-secrets.js";
import { architectureOf, resolveDisks, resolveRoles } from "./platform.js";

/** The one place where defaults are applied: what a person wrote becomes what the program works on. */

/** WireGuard's own default, from its man page and quick start. */
const DEFAULT_MESH_PORT = 51820;
const DEFAULT_SITE_MTU = 1500;
/** Above this a full mesh costs more than it gives: each new host would change every other one. */
const FULL_MESH_LIMIT = 64;
/** The release that `flake.nix` pins. */
const DEFAULT_STATE_VERSION = "26.05";

/** Two operators, each over both families; the names are what their certificates must say. */
const DEFAULT_UPSTREAM = [
  "9.9.9.9@853#dns.quad9.net",
  "1.1.1.1@853#cloudflare-dns.com",
  "2620:fe::fe@853#dns.quad9.net",
  "2606:4700:4700::1111@853#cloudflare-dns.com",
];

const EMPTY: Readonly<Record<string, never>> = {};

/**
 * Completes the inputs of a fleet.
 *
 * Tolerant, so that rules can report everything at once: a value that cannot be parsed is left out, and so is a host whose
 * site or cluster does not exist.
 * @param inputs inputs of the right shape, with the environment laid over them
 */
export function resolveFleet(inputs: FleetInputs): Fleet {
  const input = inputs.fleet.value;
  const sites = new Map(Object.entries(input.sites).map(([name, site]) => [name, resolveSite(name, site)]));
  const clusterInputs: Readonly<Record<string, ClusterInput>> = input.clusters ?? { [input.name]: {} };
  const hostInputs = [...inputs.hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const only = soleName(clusterInputs);
  const members = new Map<string, LoadedFile<HostInput>[]>(Object.keys(clusterInputs).map((name) => [name, []]));
  for (const host of hostInputs) {
    if (sites.has(host.value.site)) members.get(host.value.cluster ?? only ?? "")?.push(host);
  }
  const clusters = new Map<string, Cluster>();
  for (const name of [...members.keys()].sort()) {
    const cluster = resolveCluster(name, input, clusterInputs[name] ?? {}, members.get(name) ?? []);
    if (cluster !== null) clusters.set(name, cluster);
  }
  return {
    name: input.name,
    domain: input.domain,
    environment: inputs.environment?.name ?? null,
    admins: Object.entries(input.admins).map(([name, { sshKeys, age }]) => ({ name, sshKeys, age: [age].flat() })),
    sites,
    clusters,
    hosts: resolveHosts(inputs, hostInputs, sites, clusters, only),
    devices: resolveDevices(input, only),
    deploy: { user: input.deploy?.user ?? "root", port: input.deploy?.port ?? 22 },
    zone: input.zone === undefined ? null : { provider: input.zone.provider, name: input.zone.name ?? input.domain },
    accept: new Set(Object.keys(input.accept ?? {})),
    file: inputs.fleet.file,
    originsOf: inputs.originsOf,
    fleetOriginsOf: inputs.fleetOriginsOf,
    lockFile: inputs.lockFile,
  };
}

function soleName(clusters: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(clusters);
  return names.length === 1 ? names[0] : undefined;
}

function resolveSite(name: string, input: SiteInput): Site {
  const lan = input.lan === undefined ? null : Cidr.parse(input.lan);
  return {
    name,
    ipv4: input.ipv4,
    ipv6: input.ipv6,
    ...(lan && { lan }),
    dynamic: input.dynamic ?? false,
    mtu: input.mtu ?? DEFAULT_SITE_MTU,
  };
}

function resolveDevices(input: FleetInput, only: string | undefined): Device[] {
  return Object.entries(input.devices ?? {})
    .map(([name, device]) => ({
      name,
      publicKey: device.publicKey,
      cluster: device.cluster ?? only ?? "",
      ...(device.ip !== undefined && { ip: device.ip }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A cluster whose mesh range cannot be parsed is left out: nothing can be planned for it. */
function resolveCluster(
  name: string,
  fleet: FleetInput,
  input: ClusterInput,
  members: readonly LoadedFile<HostInput>[],
): Cluster | null {
  const mesh = { ...fleet.mesh, ...input.mesh };
  const range = Cidr.parse(mesh.ipv4);
  if (range?.family !== "ipv4") return null;
  const names = new Set(members.map((host) => host.name));
  const listed = (mesh.relays ?? []).filter((relay) => names.has(relay));
  const own = members.filter((host) => host.value.mesh?.relay === true).map((host) => host.name);
  const nomadDatacenter = input.nomad?.datacenter ?? fleet.nomad?.datacenter;
  return {
    name,
    mesh: {
      ipv4: range,
      port: mesh.port ?? DEFAULT_MESH_PORT,
      relays: [...new Set([...listed, ...own])],
      topology: mesh.topology ?? (members.length > FULL_MESH_LIMIT ? "hub" : "full"),
      ...(mesh.mtu !== undefined && { mtu: mesh.mtu }),
    },
    consul: { datacenter: input.consul?.datacenter ?? fleet.consul?.datacenter ?? name },
    nomad: {
      region: input.nomad?.region ?? fleet.nomad?.region ?? name,
      ...(nomadDatacenter !== undefined && { datacenter: nomadDatacenter }),
    },
    dns: resolveClusterDns(fleet, input),
    secrets: resolveShared({ ...fleet.secrets, ...input.secrets }, names),
    hosts: members.map((host) => host.name),
  };
}

function resolveClusterDns(fleet: FleetInput, input: ClusterInput): ClusterDns {
  return {
    upstream: input.dns?.upstream ?? fleet.dns?.upstream ?? DEFAULT_UPSTREAM,
    blocklists: [...new Set([...(fleet.dns?.blocklists ?? []), ...(input.dns?.blocklists ?? [])])],
    records: resolveRecords({ ...fleet.dns?.records, ...input.dns?.records }),
  };
}

function resolveRecords(
  records: Readonly<Record<string, string | readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(records).map(([name, value]) => [name, typeof value === "string" ? [value] : value]),
  );
}

function resolveHosts(
  inputs: FleetInputs,
  files: readonly LoadedFile<HostInput>[],
  sites: ReadonlyMap<string, Site>,
  clusters: ReadonlyMap<string, Cluster>,
  only: string | undefined,
): ReadonlyMap<string, Host> {
  const relays = new Set([...clusters.values()].flatMap((cluster) => cluster.mesh.relays));
  const hosts = new Map<string, Host>();
  for (const file of files) {
    const site = sites.get(file.value.site);
    const cluster = clusters.get(file.value.cluster ?? only ?? "");
    if (site === undefined || cluster === undefined) continue;
    const facts = inputs.lock.hosts[file.name]?.facts;
    hosts.set(file.name, resolveHost(inputs.fleet.value, file, site, cluster, relays.has(file.name), facts));
  }
  return hosts;
}

function resolveHost(
  fleet: FleetInput,
  { name, file, value: input }: LoadedFile<HostInput>,
  site: Site,
  cluster: Cluster,
  relay: boolean,
  facts: HostFacts | undefined,
): Host {
  const endpoint = input.mesh?.endpoint === undefined ? null : parseEndpoint(input.mesh.endpoint);
  const address = addressOf(input, facts);
  return {
    name,
    platform: input.platform,
    arch: architectureOf(input),
    cluster: cluster.name,
    site,
    reaches: { ipv4: site.ipv4 !== "none", ipv6: site.ipv6 !== "none" && !lacksIpv6(input.platform, address) },
    tags: input.tags ?? [],
    address: resolveAddress(input.platform, address, site, facts),
    mesh: {
      ...(input.mesh?.ip !== undefined && familyOf(input.mesh.ip) === "ipv4" && { ip: input.mesh.ip }),
      relay,
      ...(endpoint && { endpoint }),
      ...(input.mesh?.keepalive !== undefined && { keepalive: input.mesh.keepalive }),
      ...(input.mesh?.mtu !== undefined && { mtu: input.mesh.mtu }),
    },
    ...resolveRoles(input, cluster.nomad.datacenter ?? site.name),
    dns: {
      resolver: input.dns?.resolver ?? false,
      blocklists: input.dns?.blocklists ?? [],
      records: resolveRecords(input.dns?.records ?? {}),
    },
    firewall: {
      world: resolvePorts(input.firewall),
      mesh: resolvePorts(input.firewall?.mesh),
      lan: resolvePorts(input.firewall?.lan),
    },
    disks: resolveDisks(input),
    users: input.users ?? EMPTY,
    sshKeys: input.sshKeys ?? [],
    secrets: resolveSecrets(input.secrets ?? {}),
    timeZone: input.timeZone ?? fleet.timeZone ?? "UTC",
    stateVersion: input.stateVersion ?? fleet.stateVersion ?? DEFAULT_STATE_VERSION,
    nixos: input.nixos ?? {},
    imports: input.imports ?? [],
    input,
    file,
  };
}

function resolvePorts(ports: PortsInput | undefined): OpenPorts {
  return { tcp: ports?.tcp ?? [], udp: ports?.udp ?? [] };
}
