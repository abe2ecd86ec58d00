import { DOCKER_NETWORK, NOMAD_NETWORK } from "../model/daemons.js";
import type { Cluster, Fleet, Host } from "../model/fleet.js";
import { familyOf } from "../model/net.js";
import { deviceKey } from "./addresses.js";
import type { ContainersPlan, DnsRecord, HostDnsPlan } from "./types.js";

/** Unbound's part: who is answered, where, and which names the fleet knows by itself. */

/** The zone of mesh addresses; public names are `<host>.<domain>`, and the world's to answer. */
export function meshZone(domain: string): string {
  return `mesh.${domain}`;
}

function recordsOf(records: Readonly<Record<string, readonly string[]>>): DnsRecord[] {
  return Object.entries(records).flatMap(([name, addresses]) => addresses.map((address) => ({ name, address })));
}

/** Names that all hosts of a cluster answer, sorted. */
export function planClusterRecords(
  fleet: Fleet,
  cluster: Cluster,
  addresses: ReadonlyMap<string, string>,
): DnsRecord[] {
  const zone = meshZone(fleet.domain);
  const devices = fleet.devices.filter((device) => device.cluster === cluster.name);
  const own = [
    ...cluster.hosts.map((name) => [name, name] as const),
    ...devices.map(({ name }) => [name, deviceKey(name)] as const),
  ];
  return [
    ...own.flatMap(([name, key]) => {
      const address = addresses.get(key);
      return address === undefined ? [] : [{ name: `${name}.${zone}`, address }];
    }),
    ...recordsOf(cluster.dns.records),
  ].sort((a, b) => compare(a.name, b.name) || compare(a.address, b.address));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param ip the host's mesh address */
export function planDns(host: Host, cluster: Cluster, ip: string, containers: ContainersPlan | null): HostDnsPlan {
  const bridge = containers === null ? [] : [containers.bridgeAddress];
  const lan = host.dns.resolver ? host.site.lan : undefined;
  return {
    listen: lan === undefined ? ["127.0.0.1", "::1", ip, ...bridge] : listenForLan(host, ip, bridge),
    allow: [
      "127.0.0.0/8",
      "::1/128",
      cluster.mesh.ipv4.network,
      ...(containers === null ? [] : [DOCKER_NETWORK, NOMAD_NETWORK]),
      ...(lan === undefined ? [] : [lan.network]),
    ],
    upstream: cluster.dns.upstream,
    blocklists: [...new Set([...cluster.dns.blocklists, ...host.dns.blocklists])],
    records: recordsOf(host.dns.records),
  };
}

/** A LAN's resolver listens on its LAN address; where DHCP gives that, on all of them, and the access list decides. */
function listenForLan(host: Host, ip: string, bridge: readonly string[]): string[] {
  const { lan, ipv4 } = host.address;
  const own = lan !== undefined && familyOf(lan) !== null ? lan : ipv4?.address;
  return own === undefined ? ["0.0.0.0", "::"] : ["127.0.0.1", "::1", ip, ...bridge, own];
}
