import { Cidr, familyOf } from "../../../generators/model/net.js";
import type { Family } from "../../../generators/model/vocabulary.js";
import type { SiteSpec, Steps, WorldSpec } from "../../spec.js";
import { addressOf } from "../address/leases.js";
import { alone } from "../address/pool.js";
import {
  CARRIER_INSIDE,
  CUSTOMER,
  CUSTOMER_INSIDE,
  carrierNamespace,
  DOWNSTREAM_HOP,
  deviceTo,
  hasCarrier,
  INTERNET,
  LAN,
  siteNamespace,
  UPSTREAM_HOP,
  WAN,
} from "../names.js";
import { carrierRules, siteRules } from "./uplink.js";

/** What the routers of the world are told: the internet's, the sites', the carriers'. */

/** A router's Ethernet address in its LAN. A bridge without one of its own takes a new one whenever a host is plugged in. */
const LAN_MAC = "02:00:5e:00:00:01";
/** The internet's own addresses, for its messages: the one of routers without an IPv4 address (RFC 7600), and one of the prefix for documentation. */
const INTERNET_OWN = ["192.0.0.8", "2001:db8:ffff:ffff::1"];

/**
 * A router forwards, takes a packet from wherever it comes, reports every packet that is too large, and sends nobody elsewhere.
 * What holds for `all` or `default` alone does not hold for devices that are there already.
 */
function routerSettings(devices: readonly string[]): Record<string, number> {
  const each = ["all", "default", ...devices];
  return {
    "net.ipv4.ip_forward": 1,
    "net.ipv6.conf.all.forwarding": 1,
    "net.ipv4.icmp_ratelimit": 0,
    "net.ipv6.icmp.ratelimit": 0,
    ...Object.fromEntries(each.map((device) => [`net.ipv4.conf.${device}.rp_filter`, 0])),
    ...Object.fromEntries(each.map((device) => [`net.ipv4.conf.${device}.send_redirects`, 0])),
  };
}

/** Packets that wait at the end of a cable for whoever carries them; the 500 of a TUN device are a few milliseconds of a fast line. */
const QUEUE_LENGTH = 5000;

/** An end of a cable between routers. Packets leave it one by one, as on a real line: their sizes and losses count. */
function hop(device: string, address: string): string[] {
  return [
    `link set dev ${device} txqueuelen ${QUEUE_LENGTH} gso_max_segs 1`,
    `address replace ${address}/64 dev ${device} nodad`,
  ];
}

/** Leads a network over a cable between routers. `default` would be taken for IPv6 wherever the next hop is. */
function leadOver(network: string, family: Family, next: string, device: string): string {
  return `route replace ${network} via ${family === "ipv4" ? "inet6 " : ""}${next} dev ${device}`;
}

/** A route to an address over a cable between routers. */
export function leadTo(address: string, next: string, device: string): string {
  return leadOver(alone(address), familyOf(address) ?? "ipv4", next, device);
}

function defaultRoutes({ ipv4, ipv6 }: SiteSpec): string[] {
  return [
    ...(ipv4 === "none" ? [] : [leadOver("0.0.0.0/0", "ipv4", UPSTREAM_HOP, WAN)]),
    ...(ipv6 === "none" ? [] : [leadOver("::/0", "ipv6", UPSTREAM_HOP, WAN)]),
  ];
}

/** Gives a router an address of its own. */
export function own(address: string, device: string): string {
  return `address replace ${alone(address)} dev ${device}${familyOf(address) === "ipv6" ? " nodad" : ""}`;
}

/** The public addresses of a family that leads to the site: the routers', and its hosts' own. */
function publicAddresses({ wan4, wan6, routed }: SiteSpec): string[] {
  return [...[wan4, wan6].filter((address) => address !== null), ...routed.map(addressOf)];
}

/** The internet routes between the lines, and is itself whoever else is there: the upstream resolvers. */
export function internetSteps({ sites, resolvers }: WorldSpec): Steps {
  const devices = sites.map(({ name }) => deviceTo(name));
  const addresses = [...new Set([...resolvers.map(({ address }) => address), ...INTERNET_OWN])];
  return {
    namespace: INTERNET,
    sysctl: routerSettings(devices),
    ip: [
      ...addresses.map((address) => own(address, "lo")),
      ...devices.flatMap((device) => hop(device, UPSTREAM_HOP)),
      ...sites.flatMap((site) =>
        publicAddresses(site).map((address) => leadTo(address, DOWNSTREAM_HOP, deviceTo(site.name))),
      ),
    ],
  };
}

/** A carrier translates the families that are its own, and passes the other on. */
export function carrierSteps(site: SiteSpec): Steps {
  const translated = (["ipv4", "ipv6"] as const).filter((family) => site[family] === "cgnat");
  const wan = { ipv4: site.wan4, ipv6: site.wan6 };
  const behind = publicAddresses(site).filter((address) => {
    const family = familyOf(address) ?? "ipv4";
    return !translated.includes(family);
  });
  return {
    namespace: carrierNamespace(site.name),
    sysctl: routerSettings([WAN, CUSTOMER]),
    ip: [
      ...hop(WAN, DOWNSTREAM_HOP),
      ...hop(CUSTOMER, UPSTREAM_HOP),
      ...defaultRoutes(site),
      ...translated.flatMap((family) => {
        const inside = [
          own(CARRIER_INSIDE[family], CUSTOMER),
          leadTo(CUSTOMER_INSIDE[family], DOWNSTREAM_HOP, CUSTOMER),
        ];
        const outside = wan[family];
        return outside === null ? inside : [own(outside, WAN), ...inside];
      }),
      ...behind.map((address) => leadTo(address, DOWNSTREAM_HOP, CUSTOMER)),
    ],
    nft: carrierRules(site),
  };
}

/**
 * The bridge of a site, into which its hosts are plugged afterwards. It keeps no account of who listens to which group: nobody
 * here would ask, and neighbours are found by multicast.
 */
export function bridgeSteps({ name }: SiteSpec): Steps {
  return {
    namespace: siteNamespace(name),
    ip: [
      `link add name ${LAN} address ${LAN_MAC} type bridge forward_delay 0 mcast_snooping 0`,
      `link set dev ${LAN} up`,
    ],
  };
}

/** A site's router: gateway, DHCP server's relay, firewall and translation in one box, as at home. */
export function siteSteps(site: SiteSpec, sites: readonly SiteSpec[]): Steps {
  const inside = {
    ipv4: site.ipv4 === "cgnat" ? CUSTOMER_INSIDE.ipv4 : site.wan4,
    ipv6: site.ipv6 === "cgnat" ? CUSTOMER_INSIDE.ipv6 : site.wan6,
  };
  const wan = [inside.ipv4, inside.ipv6].filter((address) => address !== null);
  const hosts = site.attachments.flatMap(({ addresses }) => addresses.map(addressOf));
  return {
    namespace: siteNamespace(site.name),
    sysctl: { ...routerSettings([WAN, LAN]), ...neighbourSettings() },
    ip: [
      ...hop(WAN, DOWNSTREAM_HOP),
      ...wan.map((address) => own(address, WAN)),
      ...defaultRoutes(site),
      ...site.gateways.map(
        (gateway) => `address replace ${gateway} dev ${LAN}${gateway.includes(":") ? " nodad" : ""}`,
      ),
      ...hosts.map((address) => `route replace ${alone(address)} dev ${LAN}`),
      ...elsewhereOnLink(site, sites).map((address) => `neighbour replace proxy ${address} dev ${LAN}`),
    ],
    nft: siteRules(site),
  };
}

/**
 * Hosts may look for addresses on their link that are at another site: two customers of one provider share a network. The router
 * answers in their place, at once, for whatever it would send elsewhere.
 */
function neighbourSettings(): Record<string, number> {
  return {
    [`net.ipv4.conf.${LAN}.proxy_arp`]: 1,
    [`net.ipv4.neigh.${LAN}.proxy_delay`]: 0,
    [`net.ipv6.conf.${LAN}.proxy_ndp`]: 1,
    [`net.ipv6.neigh.${LAN}.proxy_delay`]: 0,
    // A switch has no rules: where the kernel has them for bridges, too, it would translate what only passes by.
    "net.bridge.bridge-nf-call-iptables": 0,
    "net.bridge.bridge-nf-call-ip6tables": 0,
    "net.bridge.bridge-nf-call-arptables": 0,
  };
}

/** Of IPv6, where a router answers for named addresses alone: those in networks of the site's hosts that are not at the site. */
function elsewhereOnLink(site: SiteSpec, sites: readonly SiteSpec[]): string[] {
  const networks = site.attachments
    .flatMap(({ addresses }) => addresses.map(Cidr.of))
    .filter(({ family, size }) => family === "ipv6" && size > 1n);
  const others = sites.filter(({ name }) => name !== site.name).flatMap(publicAddresses);
  return others.filter((address) => networks.some((network) => network.contains(address)));
}

/** Namespaces between the hosts of a site and the internet, nearest first. */
export function routersOf(site: SiteSpec): ReturnType<typeof siteNamespace>[] {
  return hasCarrier(site) ? [siteNamespace(site.name), carrierNamespace(site.name)] : [siteNamespace(site.name)];
}
