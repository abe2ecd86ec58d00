import { PORT_OWNERS } from "../../../model/daemons.js";
import type { Cluster } from "../../../model/fleet.js";
import { type Cidr, isPrivate } from "../../../model/net.js";
import type { Origin } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { atClusterMesh } from "../support.js";

/** The mesh of each cluster: its addresses, its port, its packets. */

interface Member {
  readonly name: string;
  readonly pinned?: string;
  readonly locked?: string;
  readonly at: () => readonly Origin[];
}

/** Hosts and devices of a cluster, with the addresses that they ask for and that the lock keeps for them. */
function membersOf({ inputs, fleet }: RuleContext, cluster: Cluster, devices: Map<string, Member[]>): Member[] {
  const hosts = cluster.hosts.map((name): Member => {
    const pinned = fleet.hosts.get(name)?.mesh.ip;
    const locked = inputs.lock.hosts[name]?.mesh;
    const at = () => inputs.originsOf(name, ["mesh", "ip"]);
    return { name, at, ...(pinned !== undefined && { pinned }), ...(locked !== undefined && { locked }) };
  });
  return [...hosts, ...(devices.get(cluster.name) ?? [])];
}

function devicesByCluster({ inputs, fleet }: RuleContext): Map<string, Member[]> {
  const found = new Map<string, Member[]>();
  for (const { name, cluster, ip } of fleet.devices) {
    const locked = inputs.lock.devices?.[name]?.mesh;
    const at = () => inputs.fleetOriginsOf(["devices", name, "ip"]);
    const member: Member = {
      name,
      at,
      ...(ip !== undefined && { pinned: ip }),
      ...(locked !== undefined && { locked }),
    };
    found.set(cluster, [...(found.get(cluster) ?? []), member]);
  }
  return found;
}

function pinFault(range: Cidr, pinned: string): string | null {
  if (!range.contains(pinned)) return `${pinned} is outside the mesh ${range.network}`;
  if (range.size <= 2n) return null;
  if (pinned === range.at(0n)) return `${pinned} is the address of the mesh ${range.network} itself`;
  return pinned === range.at(range.size - 1n)
    ? `${pinned} is the broadcast address of the mesh ${range.network}`
    : null;
}

function* checkPins(context: RuleContext): Iterable<Finding> {
  const devices = devicesByCluster(context);
  for (const cluster of context.fleet.clusters.values()) {
    const range = cluster.mesh.ipv4;
    const members = membersOf(context, cluster, devices);
    const owners = new Map<string, string>();
    for (const { name, pinned, locked } of members) {
      if (pinned === undefined && locked !== undefined && !owners.has(locked)) owners.set(locked, name);
    }
    for (const { name, pinned, at } of members) {
      if (pinned === undefined) continue;
      const fault = pinFault(range, pinned);
      const owner = owners.get(pinned);
      if (fault !== null) {
        yield { at: at(), message: fault, hint: "pin an address of a single host of the mesh, or leave mesh.ip out" };
      } else if (owner !== undefined) {
        const hint = `pin another address, or pin ${owner} to another one first`;
        yield { at: at(), message: `the mesh address ${pinned} is ${owner}'s already`, hint };
      } else owners.set(pinned, name);
    }
  }
}

export const meshAddress: Rule = {
  code: "mesh-address",
  severity: "error",
  title: "A pinned mesh address lies in the mesh and belongs to nobody else",
  why: "A pinned address wins over everything else. If it is another host's, pinned or kept in the lock, that host would have to move, and everything that joins it by its literal address would lose it.",
  needs: "fleet",
  check: checkPins,
};

function* checkSizes(context: RuleContext): Iterable<Finding> {
  const devices = devicesByCluster(context);
  for (const cluster of context.fleet.clusters.values()) {
    const range = cluster.mesh.ipv4;
    const wanted = cluster.hosts.length + (devices.get(cluster.name)?.length ?? 0);
    // The first and last address of every /24 in it are left free: people take them for a network and a broadcast.
    const blocks = range.size >= 256n ? Number(range.size / 256n) : 1;
    const room = Math.max(0, Number(range.size) - 2 * blocks);
    if (wanted <= room) continue;
    const message = `the mesh ${range.network} has room for ${room} machines, and the cluster ${cluster.name} has ${wanted}`;
    const hint = "choose a larger range before the first generate: addresses stay where they are afterwards";
    yield { at: atClusterMesh(context, cluster.name, "ipv4"), message, hint };
  }
}

export const meshSize: Rule = {
  code: "mesh-size",
  severity: "error",
  title: "The mesh has an address for every host and device",
  why: "Every machine of a cluster needs a mesh address of its own, and keeps it for as long as it is part of the fleet. A /16 leaves room for 65,000.",
  needs: "fleet",
  check: checkSizes,
};

function* checkPrivate(context: RuleContext): Iterable<Finding> {
  for (const cluster of context.fleet.clusters.values()) {
    const range = cluster.mesh.ipv4;
    if (isPrivate(range.at(0n)) && isPrivate(range.at(range.size - 1n))) continue;
    const message = `the mesh ${range.network} is no private range, so its real owner is out of reach`;
    yield { at: atClusterMesh(context, cluster.name, "ipv4"), message, hint: "choose a part of 10.0.0.0/8" };
  }
}

export const meshPublic: Rule = {
  code: "mesh-public",
  severity: "warning",
  title: "The mesh is a private range",
  why: "Hosts send everything for the mesh's range into the tunnel. If somebody else owns that range on the internet, no host can reach them any more.",
  needs: "fleet",
  check: checkPrivate,
};

function* checkPorts(context: RuleContext): Iterable<Finding> {
  const owners = new Map<number, string>();
  for (const { name, mesh } of context.fleet.clusters.values()) {
    const owner = owners.get(mesh.port);
    const daemon = PORT_OWNERS.get(mesh.port);
    const at = () => atClusterMesh(context, name, "port");
    if (daemon !== undefined) {
      const message = `the mesh of ${name} cannot listen on ${mesh.port}: ${daemon} does`;
      yield { at: at(), message, hint: "choose another port, such as 51820" };
    } else if (owner !== undefined) {
      const hint = `set clusters.${name}.mesh.port to another port`;
      yield { at: at(), message: `the meshes of ${owner} and ${name} have one port, ${mesh.port}`, hint };
    } else owners.set(mesh.port, name);
  }
}

export const meshPort: Rule = {
  code: "mesh-port",
  severity: "error",
  title: "Every mesh has a port of its own",
  why: "Several clusters in one repository stay apart: behind one router, two meshes on one port could not both be forwarded, and a packet that goes astray should not even find a listener. Ports that a daemon of every host listens on are taken.",
  needs: "fleet",
  check: checkPorts,
};

/** What WireGuard adds over IPv4; see its paper, section 5.4.6. Over IPv6 it is 20 bytes more. */
const LEAST_OVERHEAD = 60;

function* checkMtus(context: RuleContext): Iterable<Finding> {
  const { fleet, inputs } = context;
  for (const { name, cluster, site, mesh } of fleet.hosts.values()) {
    const own = mesh.mtu;
    const shared = fleet.clusters.get(cluster)?.mesh.mtu;
    const mtu = own ?? shared;
    const most = site.mtu - LEAST_OVERHEAD;
    if (mtu === undefined || mtu <= most) continue;
    const at = own === undefined ? atClusterMesh(context, cluster, "mtu") : inputs.originsOf(name, ["mesh", "mtu"]);
    const message = `packets of ${mtu} bytes do not fit through ${name}'s uplink at ${site.name}: ${site.mtu} less WireGuard's ${LEAST_OVERHEAD} is ${most}`;
    yield { at, message, hint: "leave mtu out, so that it follows from the sites, or say the site's own mtu" };
  }
}

export const meshMtu: Rule = {
  code: "mesh-mtu",
  severity: "error",
  title: "Packets of the mesh fit through every uplink",
  why: "WireGuard wraps each packet in 60 bytes over IPv4 and 80 over IPv6. What is too large is dropped or cut up on the way: a ping works, and the first large answer stalls.",
  needs: "fleet",
  check: checkMtus,
};
