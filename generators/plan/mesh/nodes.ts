import type { Cluster, Device, Fleet, Host } from "../../model/fleet.js";
import type { Lock } from "../../model/lock.js";
import { deviceKey } from "../addresses.js";
import { endpointTo, type Reach, reachOf } from "./reach.js";

/** A cluster's hosts as the mesh sees them; worked out once, read by everything that plans links. */

export interface MeshNode {
  readonly host: Host;
  readonly name: string;
  readonly ip: string;
  /** Its address alone, as allowed IPs say it; shared by all its peers. */
  readonly self: readonly [string];
  readonly publicKey: string | null;
  readonly reach: Reach;
  readonly relay: boolean;
  /** Relays that it can begin a link to, in order of preference; never itself. */
  readonly usable: readonly MeshNode[];
}

export interface MeshDevice {
  readonly device: Device;
  readonly ip: string;
}

export interface MeshNodes {
  readonly cluster: Cluster;
  /** Sorted by name. */
  readonly nodes: readonly MeshNode[];
  readonly byName: ReadonlyMap<string, MeshNode>;
  /** In order of preference. */
  readonly relays: readonly MeshNode[];
  /** Behind the first relay; empty where there is none. */
  readonly devices: readonly MeshDevice[];
}

/** @param addresses mesh addresses by name; a host without one (a full range) is left out */
export function collectNodes(
  fleet: Fleet,
  cluster: Cluster,
  lock: Lock,
  addresses: ReadonlyMap<string, string>,
): MeshNodes {
  const nodes: (MeshNode & { usable: readonly MeshNode[] })[] = [];
  for (const name of cluster.hosts) {
    const host = fleet.hosts.get(name);
    const ip = addresses.get(name);
    if (host === undefined || ip === undefined) continue;
    nodes.push({
      host,
      name,
      ip,
      self: [`${ip}/32`],
      publicKey: lock.hosts[name]?.wireguard ?? null,
      reach: reachOf(host, cluster.mesh.port),
      relay: host.mesh.relay,
      usable: [],
    });
  }
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const relays = cluster.mesh.relays.flatMap((name) => byName.get(name) ?? []);
  for (const node of nodes) {
    node.usable = relays.filter((relay) => relay !== node && endpointTo(node.reach, relay.reach) !== null);
  }
  return {
    cluster,
    nodes,
    byName,
    relays,
    devices: relays.length === 0 ? [] : collectDevices(fleet, cluster, addresses),
  };
}

function collectDevices(fleet: Fleet, cluster: Cluster, addresses: ReadonlyMap<string, string>): MeshDevice[] {
  return fleet.devices.flatMap((device) => {
    const ip = addresses.get(deviceKey(device.name));
    return device.cluster === cluster.name && ip !== undefined ? [{ device, ip }] : [];
  });
}

/** Whether one of the two can begin a link to the other. */
export function canLink(a: MeshNode, b: MeshNode): boolean {
  return endpointTo(a.reach, b.reach) !== null || endpointTo(b.reach, a.reach) !== null;
}
