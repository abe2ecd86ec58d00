import type { Host, Site } from "../../../generators/model/fleet.js";
import { Cidr, familyOf, parseIpv4 } from "../../../generators/model/net.js";
import type { Family } from "../../../generators/model/vocabulary.js";
import type { FleetPlan } from "../../../generators/plan/types.js";
import type { HostViews, Network } from "../../../generators/render/types.js";

/** The hosts of a site as its router sees them: what their rendered uplinks say, and what they ask for. */

/** A host at its site. */
export interface Resident {
  readonly host: Host;
  readonly name: string;
  /** The interface's name, one that the uplink's `matchConfig` matches. */
  readonly device: string;
  readonly mac: string;
  /** Addresses that its uplink sets by itself. */
  readonly own: Readonly<Record<Family, Cidr | null>>;
  /** Whether it waits for a DHCP lease or a router advertisement. */
  readonly asks: Readonly<Record<Family, boolean>>;
  readonly gateways: readonly string[];
  /** The UDP port of its mesh. */
  readonly meshPort: number;
}

/**
 * Hosts by site, both sorted by name. Sites without hosts are left out: nothing happens there.
 * @param views of the hosts that are to run
 */
export function collectResidents(
  plan: FleetPlan,
  views: ReadonlyMap<string, HostViews>,
): ReadonlyMap<Site, readonly Resident[]> {
  const bySite = new Map<Site, Resident[]>();
  for (const [name, { host, mesh }] of plan.hosts) {
    const own = views.get(name);
    if (own === undefined) continue;
    const port = plan.clusters.get(host.cluster)?.cluster.mesh.port ?? 0;
    const resident = readResident(host, mesh.ip, port, own);
    const residents = bySite.get(host.site);
    if (residents === undefined) bySite.set(host.site, [resident]);
    else residents.push(resident);
  }
  return new Map([...bySite].sort(([a], [b]) => (a.name < b.name ? -1 : 1)));
}

function readResident(host: Host, meshIp: string, meshPort: number, views: HostViews): Resident {
  const uplink = uplinkOf(views.network.networks);
  const own = (uplink.address ?? []).map(Cidr.of);
  return {
    host,
    name: host.name,
    device: deviceOf(uplink.matchConfig),
    // A VLAN's host knows its trunk by its address, and there is no trunk here.
    mac: uplink.matchConfig.MACAddress ?? macOf(meshIp),
    own: {
      ipv4: own.find(({ family }) => family === "ipv4") ?? null,
      ipv6: own.find(({ family }) => family === "ipv6") ?? null,
    },
    asks: { ipv4: uplink.DHCP === "ipv4", ipv6: uplink.networkConfig?.IPv6AcceptRA === true },
    gateways: (uplink.routes ?? []).flatMap(({ Gateway }) => Gateway ?? []),
    meshPort,
  };
}

/** The uplink itself: a trunk only carries it. */
function uplinkOf(networks: Readonly<Record<string, Network>>): Network {
  return Object.values(networks).find(({ vlan }) => vlan === undefined) ?? { matchConfig: {} };
}

/**
 * A name that the patterns match, `eth0` if it can be. A VLAN such as `eth0.20` is the name of the interface itself: the tags are
 * between the host and its switch, and the router at the other end never sees them.
 */
function deviceOf({ Name }: Network["matchConfig"]): string {
  const names = (Name ?? "eth*").split(/\s+/).map((pattern) => pattern.replace(/[*?]/g, "0"));
  return names.find((name) => name === "eth0") ?? names[0] ?? "eth0";
}

/** A local address (IEEE 802: the second bit of the first byte) that follows from the mesh address, which no other host has. */
function macOf(meshIp: string): string {
  const bytes = parseIpv4(meshIp).toString(16).padStart(8, "0").match(/../g) ?? [];
  return ["02", "00", ...bytes].join(":");
}

/** All literal addresses that somebody of the fleet has, or that lead to somebody of it. */
export function addressesOf(hosts: Iterable<Host>): string[] {
  const found: string[] = [];
  for (const { address, mesh } of hosts) {
    const { ipv4, ipv6, public4, public6, gateway4, gateway6, lan, dns } = address;
    const texts = [
      ipv4?.address,
      ipv6?.address,
      public4,
      public6,
      gateway4,
      gateway6,
      lan,
      mesh.endpoint?.host,
      ...dns,
    ];
    for (const text of texts) if (text !== undefined && familyOf(text) !== null) found.push(text);
  }
  return found;
}
