import type { Cluster, Fleet, Host } from "../model/fleet.js";
import { LOCK_VERSION, type Lock, type LockedHost } from "../model/lock.js";
import { deviceKey, planAddresses } from "./addresses.js";
import { planContainers } from "./containers.js";
import { planClusterRecords, planDns } from "./dns.js";
import { planFirewall } from "./firewall.js";
import { planLinks } from "./mesh/links.js";
import { planMeshes } from "./mesh/mesh.js";
import { planMtu } from "./mesh/mtu.js";
import { collectNodes, type MeshNodes } from "./mesh/nodes.js";
import { reachOf } from "./mesh/reach.js";
import { findVoters, planConsul, planNomad, type Voters } from "./quorum.js";
import { type ClusterSecrets, planClusterSecrets, planSecretFiles } from "./secrets.js";
import type { ClusterPlan, FleetPlan, HostMesh, HostPlan } from "./types.js";

/**
 * Derives everything that a fleet's machines need from what its files say and what its lock holds.
 *
 * Pure: the same fleet and lock give the same plan, in whatever order hosts come. A host that has no key yet is planned
 * without one.
 * @param lock addresses and public keys that must not move, and facts that providers gave
 */
export function planFleet(fleet: Fleet, lock: Lock): FleetPlan {
  const clusters = new Map<string, ClusterPlan>();
  const hosts = new Map<string, HostPlan>();
  const addresses = new Map<string, string>();
  const specs = planSecretFiles(fleet);
  for (const cluster of fleet.clusters.values()) {
    const own = planAddresses(fleet, cluster, lock);
    for (const [name, address] of own) addresses.set(name, address);
    const secrets = planClusterSecrets(fleet, cluster, specs, lock);
    planCluster(fleet, cluster, lock, own, secrets, clusters, hosts);
  }
  const sorted = [...fleet.hosts.keys()].flatMap((name) => {
    const host = hosts.get(name);
    return host === undefined ? [] : [[name, host] as const];
  });
  return { fleet, secrets: specs, clusters, hosts: new Map(sorted), lock: planLock(fleet, lock, addresses) };
}

function planCluster(
  fleet: Fleet,
  cluster: Cluster,
  lock: Lock,
  addresses: ReadonlyMap<string, string>,
  secrets: ClusterSecrets,
  clusters: Map<string, ClusterPlan>,
  hosts: Map<string, HostPlan>,
): void {
  const mtu = planMtu(fleet, cluster);
  const mesh = collectNodes(fleet, cluster, lock, addresses);
  const links = planLinks(mesh);
  const meshes = planMeshes(mesh, links, mtu);
  const voters = findVoters(fleet, cluster);
  clusters.set(cluster.name, {
    cluster,
    mtu,
    consulServers: voters.consul,
    nomadServers: voters.nomad,
    acl: secrets.acl,
    records: planClusterRecords(fleet, cluster, addresses),
    devices: mesh.devices,
    linkOf: linkByName(mesh, links.linkOf),
    unreachable: links.unreachable,
  });
  for (const { name, host } of mesh.nodes) {
    const hostMesh = meshes.get(name);
    if (hostMesh === undefined) continue;
    hosts.set(name, planHost(fleet, cluster, host, hostMesh, voters, addresses, secrets, lock));
  }
}

function linkByName(mesh: MeshNodes, linkOf: ReturnType<typeof planLinks>["linkOf"]): ClusterPlan["linkOf"] {
  return (a, b) => {
    const [from, to] = [mesh.byName.get(a), mesh.byName.get(b)];
    return from === undefined || to === undefined ? { kind: "none" } : linkOf(from, to);
  };
}

function planHost(
  fleet: Fleet,
  cluster: Cluster,
  host: Host,
  mesh: HostMesh,
  voters: Voters,
  addresses: ReadonlyMap<string, string>,
  secrets: ClusterSecrets,
  lock: Lock,
): HostPlan {
  const containers = planContainers(host, mesh.mtu);
  const ports = { meshPort: cluster.mesh.port, sshPort: fleet.deploy.port, bfd: mesh.bird !== null };
  return {
    host,
    mesh,
    consul: planConsul(host, cluster, voters, addresses, secrets),
    nomad: planNomad(host, cluster, voters, addresses, secrets),
    dns: planDns(host, cluster, mesh.ip, containers),
    firewall: planFirewall(host, reachOf(host, cluster.mesh.port), ports, containers),
    containers,
    secrets: secrets.byHost.get(host.name) ?? [],
    age: lock.hosts[host.name]?.age ?? null,
  };
}

/** The lock of this plan: addresses for all, keys and facts as they were, nothing of hosts that are gone. */
function planLock(fleet: Fleet, lock: Lock, addresses: ReadonlyMap<string, string>): Lock {
  const hosts: Record<string, LockedHost> = {};
  for (const name of fleet.hosts.keys()) {
    const mesh = addresses.get(name);
    if (mesh !== undefined) hosts[name] = { ...lock.hosts[name], mesh };
  }
  const devices = fleet.devices.flatMap(({ name }) => {
    const mesh = addresses.get(deviceKey(name));
    return mesh === undefined ? [] : [[name, { mesh }] as const];
  });
  const { clusters, admins, rotate, revoked } = lock;
  return {
    version: LOCK_VERSION,
    hosts,
    ...(devices.length > 0 && { devices: Object.fromEntries(devices) }),
    ...(clusters !== undefined && { clusters }),
    ...(admins !== undefined && { admins }),
    ...(rotate !== undefined && { rotate }),
    ...(revoked !== undefined && { revoked }),
  };
}
