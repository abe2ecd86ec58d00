import type { Site } from "../../../generators/model/fleet.js";
import { Cidr, familyOf } from "../../../generators/model/net.js";
import type { Family, Uplink } from "../../../generators/model/vocabulary.js";
import type { Attachment, Lease, SiteSpec } from "../../spec.js";
import { AddressPool, alone, firstFree, normalize, PUBLIC4 } from "./pool.js";
import type { Resident } from "./residents.js";

/** What a site's router hands out, and what its hosts have in the end. */

/** Where a DHCP server's own range begins by custom, as in home routers. */
const FIRST_LEASE = 100n;
/** What public hosts that DHCP numbers send to, alone in their networks; as at Hetzner. */
const ON_LINK_GATEWAY = "172.31.1.1";
/** What routers call themselves on the link, by custom. */
export const ROUTER_LINK_LOCAL = "fe80::1";

/** Whether a router stands between the site's hosts and the world that hides their addresses. */
export function isTranslated(uplink: Uplink): boolean {
  return uplink === "nat" || uplink === "portForwarded" || uplink === "cgnat";
}

/** Where the leases of a site come from. */
export interface Segment {
  readonly site: Site;
  readonly residents: readonly Resident[];
  /** The site as it was planned before; what it handed out stays. */
  readonly previous: SiteSpec | undefined;
  /** Public addresses of the whole world. */
  readonly world: AddressPool;
  /** Networks that no new one may overlap. */
  readonly networks: Cidr[];
}

/** The hosts' places in their site, sorted by name. */
export function planAttachments(segment: Segment): Attachment[] {
  const lans = { ipv4: lanOf(segment, "ipv4"), ipv6: lanOf(segment, "ipv6") };
  const taken = segment.residents.flatMap(({ own, gateways }) => [own.ipv4?.address, own.ipv6?.address, ...gateways]);
  const fixed = segment.residents.map(({ host }) => host.address.lan ?? "").filter((text) => familyOf(text) !== null);
  const earlier = (segment.previous?.attachments ?? []).flatMap(({ addresses }) => addresses.map(addressOf));
  const routers = [lans.ipv4, lans.ipv6].flatMap((lan) => (lan === null ? [] : [routerOf(segment, lan)]));
  const local = new AddressPool([...taken.filter((text) => text !== undefined), ...fixed, ...earlier, ...routers]);
  return segment.residents.map((resident) => {
    const lease4 = leaseOf(segment, resident, "ipv4", lans.ipv4, local);
    const lease6 = leaseOf(segment, resident, "ipv6", lans.ipv6, local);
    const all = [resident.own.ipv4?.toString(), resident.own.ipv6?.toString(), lease4?.address, lease6?.address];
    return {
      host: resident.name,
      interface: resident.device,
      mac: resident.mac,
      addresses: [...new Set(all.filter((text) => text !== undefined))],
      ...(lease4 && { lease4 }),
      ...(lease6 && { lease6 }),
    };
  });
}

/** The address of CIDR notation. */
export function addressOf(text: string): string {
  return Cidr.of(text).address;
}

/** The network that leases come from; null where each host gets a public address by itself. */
function lanOf(segment: Segment, family: Family): Cidr | null {
  const { site, residents, networks } = segment;
  const asking = residents.filter(({ asks }) => asks[family]);
  if (site[family] === "none" || asking.length === 0) return null;
  if (site.lan?.family === family) return site.lan;
  if (family === "ipv4" && !isTranslated(site.ipv4)) return null;
  // A network of two addresses has no room for anybody else.
  const near = residents.map(({ own }) => own[family]).find((own) => own !== null && own.size > 4n);
  const lan = earlierLan(segment, family) ?? near ?? newLan(family, networks);
  networks.push(lan);
  return lan;
}

function earlierLan({ previous }: Segment, family: Family): Cidr | null {
  const key = family === "ipv4" ? "lease4" : "lease6";
  const leases = (previous?.attachments ?? []).flatMap((one) => one[key]?.address ?? []).map(Cidr.of);
  return leases.find(({ size }) => size > 4n) ?? null;
}

/** As home routers have it for IPv4; from the prefix for documentation for IPv6. */
function newLan(family: Family, others: readonly Cidr[]): Cidr {
  if (family === "ipv4") return firstFree((number) => `192.168.${number}.0/24`, 255, others);
  return firstFree((number) => `2001:db8:fffe:${number.toString(16)}::/64`, 0xffff, others);
}

/** The router's own address in a LAN: what its hosts call their gateway, or else the first one, by custom. */
export function routerOf({ residents }: Pick<Segment, "residents">, lan: Cidr): string {
  if (lan.family === "ipv6") return ROUTER_LINK_LOCAL;
  const owned = new Set(residents.flatMap(({ own, host }) => [own.ipv4?.address, host.address.lan]));
  const named = residents.flatMap(({ gateways }) => gateways).find((one) => lan.contains(one) && !owned.has(one));
  return named ?? (owned.has(lan.at(1n)) ? lan.at(lan.size - 2n) : lan.at(1n));
}

function leaseOf(
  segment: Segment,
  resident: Resident,
  family: Family,
  lan: Cidr | null,
  local: AddressPool,
): Lease | undefined {
  const { asks, own } = resident;
  if (!asks[family]) return undefined;
  const gateway = family === "ipv6" ? ROUTER_LINK_LOCAL : ON_LINK_GATEWAY;
  const static_ = own[family];
  if (static_ !== null) return { address: static_.toString(), gateway };
  const known = givenAddress(resident, family) ?? earlierAddress(segment, resident, family, lan);
  if (lan === null) return { address: alone(known ?? segment.world.take(PUBLIC4)), gateway };
  const address = known ?? local.take([lan], FIRST_LEASE);
  // An address from elsewhere is alone on the link.
  if (!lan.contains(address)) return { address: alone(address), gateway };
  return { address: `${address}/${lan.prefix}`, gateway: routerOf(segment, lan) };
}

/** What a provider or a person gave. */
function givenAddress({ host }: Resident, family: Family): string | undefined {
  const { public4, public6, lan } = host.address;
  const given = family === "ipv4" ? public4 : public6;
  if (given !== undefined) return normalize(given);
  return lan !== undefined && familyOf(lan) === family ? normalize(lan) : undefined;
}

/** What the host had before, where it still fits. */
function earlierAddress(
  { previous }: Segment,
  { name }: Resident,
  family: Family,
  lan: Cidr | null,
): string | undefined {
  const earlier = previous?.attachments.find((one) => one.host === name);
  const lease = family === "ipv4" ? earlier?.lease4 : earlier?.lease6;
  const address = lease === undefined ? undefined : addressOf(lease.address);
  return address !== undefined && lan?.contains(address) !== false ? address : undefined;
}
