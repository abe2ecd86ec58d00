import type { Family } from "../../generators/model/vocabulary.js";
import { relayInterfaceName } from "../../generators/plan/mesh/interfaces.js";
import type { NamespaceName, SiteSpec } from "../spec.js";

/** What things in the world are called: namespaces, cables, devices, and the addresses on cables between routers. */

export const INTERNET: NamespaceName = "internet";

/** A router's device towards the internet, or towards its carrier. */
export const WAN = "wan";
/** A router's bridge, into which the site's hosts are plugged. */
export const LAN = "lan";
/** A carrier's device towards its customer. */
export const CUSTOMER = "customer";

/**
 * The addresses of each cable between routers. Link-local ones mean something on their own cable alone, so all cables share them,
 * and an IPv4 route may lead over them too (RFC 5549). None is `fe80::1`, which hosts take for their gateway.
 */
export const UPSTREAM_HOP = "fe80::a";
export const DOWNSTREAM_HOP = "fe80::b";

/** Between a carrier and its customer, in the space that is reserved for it (RFC 6598); the same at every site, as in the world. */
export const CARRIER_INSIDE: Readonly<Record<Family, string>> = { ipv4: "100.64.0.1", ipv6: "fd64::1" };
export const CUSTOMER_INSIDE: Readonly<Record<Family, string>> = { ipv4: "100.64.0.2", ipv6: "fd64::2" };

/** Of a site's own router. */
export function siteNamespace(site: string): NamespaceName {
  return `site:${site}`;
}

/** Of the carrier in front of a site's router. */
export function carrierNamespace(site: string): NamespaceName {
  return `carrier:${site}`;
}

/** Of a host. */
export function hostNamespace(host: string): NamespaceName {
  return `host:${host}`;
}

/** The cable that all packets between a site and the internet take, and that its conditions and faults are about. */
export function lineName(site: string): string {
  return `line:${site}`;
}

/** The device that leads to a site or a host, among many of its kind: shortened in the way of mesh interfaces. */
export function deviceTo(name: string): string {
  return relayInterfaceName(name);
}

/** Whether a second level of translation stands before the site's router. */
export function hasCarrier({ ipv4, ipv6 }: Pick<SiteSpec, "ipv4" | "ipv6">): boolean {
  return ipv4 === "cgnat" || ipv6 === "cgnat";
}

/** Which router has the site's public address of a family. */
export function holderOf(site: SiteSpec, family: Family): NamespaceName {
  return site[family] === "cgnat" ? carrierNamespace(site.name) : siteNamespace(site.name);
}
