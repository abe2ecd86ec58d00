import type { Endpoint, Host, Site } from "../../model/fleet.js";
import { familyOf } from "../../model/net.js";
import { CLOUD, FAMILIES, type Family } from "../../model/vocabulary.js";

/** Who can send the first packet to whom, over which address. */

/** What decides about a host's links, worked out once a host. */
export interface Reach {
  readonly site: Site;
  /** Where hosts of the same site send to. */
  readonly lan: Endpoint | null;
  /** Where the world sends to, by family. */
  readonly inbound: Readonly<Record<Family, Endpoint | null>>;
  /** Families over which this host can send. */
  readonly outbound: Readonly<Record<Family, boolean>>;
  /** A provider will give it a public address that is not known yet. */
  readonly pending: boolean;
}

/** @param port the mesh's port */
export function reachOf(host: Host, port: number): Reach {
  const inbound = { ipv4: inboundOf(host, "ipv4", port), ipv6: inboundOf(host, "ipv6", port) };
  const pendingIn = (family: Family) =>
    host.site[family] === "public" && host.reaches[family] && inbound[family] === null;
  return {
    site: host.site,
    lan: lanOf(host, port),
    inbound,
    outbound: host.reaches,
    pending: CLOUD.has(host.platform) && inbound.ipv4 === null && inbound.ipv6 === null && FAMILIES.some(pendingIn),
  };
}

function inboundOf(host: Host, family: Family, port: number): Endpoint | null {
  const uplink = host.site[family];
  if (!host.reaches[family] || (uplink !== "public" && uplink !== "portForwarded")) return null;
  const { endpoint } = host.mesh;
  // A name may hold addresses of either family; a literal only counts for its own.
  if (endpoint !== undefined && (familyOf(endpoint.host) ?? family) === family) return endpoint;
  const address = family === "ipv4" ? host.address.public4 : host.address.public6;
  return uplink === "public" && address !== undefined ? { host: address, port } : null;
}

/** Where hosts of the same site find it; null where nothing can be assumed. */
export function lanOf(host: Host, port: number): Endpoint | null {
  const { lan, ipv4, ipv6 } = host.address;
  if (lan !== undefined) return { host: lan, port };
  if (ipv4 !== undefined && host.site.ipv4 !== "public") return { host: ipv4.address, port };
  return ipv6 !== undefined && host.site.ipv6 === "firewalled" ? { host: ipv6.address, port } : null;
}

/**
 * Where `from` sends its first packet to `to`: over the LAN at the same site, else over IPv6 where both have it, else
 * over IPv4.
 * @returns null where it cannot
 */
export function endpointTo(from: Reach, to: Reach): Endpoint | null {
  if (to.lan !== null && from.site === to.site) return to.lan;
  for (const family of FAMILIES) if (from.outbound[family] && to.inbound[family] !== null) return to.inbound[family];
  return null;
}

/** Whether anybody can send the first packet to the host. */
export function isConnectable(reach: Reach): boolean {
  return reach.lan !== null || reach.inbound.ipv4 !== null || reach.inbound.ipv6 !== null;
}

/** Whether the host must keep a link open from its side: the other side cannot begin, or may lose the address. */
export function mustKeepAlive(from: Reach, to: Reach): boolean {
  const onLan = from.site === to.site && to.lan !== null;
  return (from.site.dynamic && !onLan) || endpointTo(to, from) === null;
}
