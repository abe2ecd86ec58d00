import type { Cluster, Fleet } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import { type Cidr, formatIpv4, parseIpv4 } from "../model/net.js";

/**
 * Mesh addresses. A pinned one wins, then the one in the lock, then a free one that follows from the name alone: two people
 * who add a host each on a branch of their own get different addresses, and nothing depends on the order of files.
 */

/** FNV-1a, 32 bits (draft-eastlake-fnv): short, and the same everywhere. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Whether people would stumble over the address: the first and last of a /24 look like a network and a broadcast. */
function isOdd(value: number): boolean {
  const last = value & 255;
  return last === 0 || last === 255;
}

interface Wanted {
  readonly name: string;
  readonly pinned: string | undefined;
  readonly locked: string | undefined;
}

/** Gives every name an address of the range; a name for which none is left gets none. */
function allocate(range: Cidr, wanted: readonly Wanted[]): Map<string, string> {
  const first = parseIpv4(range.at(0n));
  const size = Number(range.size);
  const given = new Map<string, string>();
  const taken = new Set<number>();
  const take = (name: string, address: string) => {
    given.set(name, address);
    taken.add(parseIpv4(address));
  };
  for (const { name, pinned } of wanted) if (pinned !== undefined) take(name, pinned);
  for (const { name, locked } of wanted) {
    if (given.has(name) || locked === undefined) continue;
    if (range.contains(locked) && !taken.has(parseIpv4(locked))) take(name, locked);
  }
  for (const { name } of wanted) {
    if (given.has(name)) continue;
    const start = hashName(name) % size;
    for (let step = 0; step < size; step++) {
      const value = first + ((start + step) % size);
      if (isOdd(value) || value === first + size - 1 || taken.has(value)) continue;
      take(name, formatIpv4(value));
      break;
    }
  }
  return given;
}

/**
 * The mesh addresses of a cluster's hosts and devices, by name (a device's name is prefixed with `device:`).
 * @param lock what must not move
 */
export function planAddresses(fleet: Fleet, cluster: Cluster, lock: Lock): ReadonlyMap<string, string> {
  const hosts = cluster.hosts.map((name) => ({
    name,
    pinned: fleet.hosts.get(name)?.mesh.ip,
    locked: lock.hosts[name]?.mesh,
  }));
  const devices = fleet.devices
    .filter((device) => device.cluster === cluster.name)
    .map(({ name, ip }) => ({ name: deviceKey(name), pinned: ip, locked: lock.devices?.[name]?.mesh }));
  return allocate(cluster.mesh.ipv4, [...hosts, ...devices]);
}

/** The key of a device among the addresses, apart from hosts of the same name. */
export function deviceKey(name: string): string {
  return `device:${name}`;
}
