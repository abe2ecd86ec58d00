import { Cidr, familyOf, isPrivate } from "../../../generators/model/net.js";
import { FAMILIES, type Family } from "../../../generators/model/vocabulary.js";
import type { Attachment, Forwarding, PublicName, SiteSpec } from "../../spec.js";
import { addressOf } from "./leases.js";
import { normalize } from "./pool.js";
import type { Resident } from "./residents.js";

/** Where endpoints lead: names that the world knows, and ports that routers forward. */

/** A site as far as endpoints ask for it. */
export type Reachable = Pick<SiteSpec, "name" | "ipv4" | "ipv6" | "dynamic" | "wan4" | "wan6" | "attachments">;

/** One family of the endpoint of one host. */
interface Entrance {
  readonly family: Family;
  /** A name or a literal address. */
  readonly host: string;
  readonly port: number;
  /** The public address that it leads to, and whether that is the router's own. */
  readonly outside: string;
  readonly isRouters: boolean;
  /** The host's address behind it. */
  readonly inside: string;
  readonly meshPort: number;
}

/** A host's address of a family at its site; undefined where it has none. */
export function insideAddress({ addresses }: Attachment, family: Family): string | undefined {
  return addresses.map(addressOf).find((address) => familyOf(address) === family);
}

/** What the world calls the entrances of a site, and what its router does about them. */
export function planEntrances(
  site: Reachable,
  residents: readonly Resident[],
): { readonly forwardings: Forwarding[]; readonly names: PublicName[] } {
  const entrances = residents.flatMap((resident) => entrancesOf(site, residents, resident));
  const forwardings = entrances
    .filter(({ outside, inside, port, meshPort }) => outside !== inside || port !== meshPort)
    .map(({ port, outside, isRouters, inside, meshPort }) => ({
      port,
      protocol: "udp" as const,
      ...(!isRouters && { address: outside }),
      to: inside,
      toPort: meshPort,
    }));
  const names = entrances
    .filter(({ host }) => familyOf(host) === null)
    .map(({ host, family, outside, isRouters }) => ({
      name: host,
      family,
      address: outside,
      // Only the router's IPv4 address changes.
      ...(site.dynamic && isRouters && family === "ipv4" && { site: site.name }),
    }));
  return { forwardings, names };
}

function entrancesOf(site: Reachable, residents: readonly Resident[], { name, host, meshPort }: Resident): Entrance[] {
  const { endpoint } = host.mesh;
  const attachment = site.attachments.find((one) => one.host === name);
  if (endpoint === undefined || attachment === undefined) return [];
  const shared = residents.filter((other) => other.host.mesh.endpoint?.host === endpoint.host).length > 1;
  const literal = familyOf(endpoint.host);
  return FAMILIES.flatMap((family) => {
    const isOpen = site[family] === "public" || site[family] === "portForwarded";
    const inside = insideAddress(attachment, family);
    const wan = family === "ipv4" ? site.wan4 : site.wan6;
    if (!isOpen || inside === undefined || wan === null || (literal !== null && literal !== family)) return [];
    const isOwn = site[family] === "public" && !shared && !isPrivate(inside);
    const outside = literal === null ? (isOwn ? inside : wan) : normalize(endpoint.host);
    return [{ family, ...endpoint, outside, isRouters: outside === wan, inside, meshPort }];
  });
}

/** `<host>.<domain>` of public hosts: the world's to answer, as the proof counts on it. */
export function hostNames(site: Reachable, residents: readonly Resident[], domain: string): PublicName[] {
  return residents.flatMap(({ name, host }) => {
    const attachment = site.attachments.find((one) => one.host === name);
    return FAMILIES.flatMap((family) => {
      const address = attachment === undefined ? undefined : insideAddress(attachment, family);
      if (site[family] !== "public" || !host.reaches[family] || address === undefined) return [];
      return [{ name: `${name}.${domain}`, family, address }];
    });
  });
}

/** Names that only the site's own resolver knows: those of hosts that DHCP numbers. */
export function localNames(attachments: readonly Attachment[], residents: readonly Resident[]): SiteSpec["names"] {
  return residents.flatMap(({ name, host }) => {
    const { lan } = host.address;
    if (lan === undefined || familyOf(lan) !== null) return [];
    const addresses = attachments.find((one) => one.host === name)?.addresses ?? [];
    return addresses.map((address) => ({ name: lan, address: addressOf(address) }));
  });
}

/** Addresses that the world finds behind the site's router, in CIDR notation; sorted, each once. */
export function routedTo(site: Reachable, forwardings: readonly Forwarding[]): string[] {
  const own = site.attachments
    .flatMap(({ addresses }) => addresses.map(Cidr.of))
    .filter(({ family, address }) => {
      if (site[family] === "public") return true;
      return site[family] === "firewalled" && !isPrivate(address);
    });
  const mapped = forwardings.flatMap(({ address }) => address ?? []);
  const routers = new Set([site.wan4, site.wan6]);
  const all = new Set([...own.map(({ address }) => address), ...mapped].filter((address) => !routers.has(address)));
  return [...all].map((address) => `${address}/${familyOf(address) === "ipv6" ? 128 : 32}`).sort();
}
