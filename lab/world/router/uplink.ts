import { familyOf, parseIpv4 } from "../../../generators/model/net.js";
import { FAMILIES, type Family, type Uplink } from "../../../generators/model/vocabulary.js";
import type { Forwarding, SiteSpec } from "../../spec.js";
import { isTranslated } from "../address/leases.js";
import { LAN, WAN } from "../names.js";

/**
 * What routers do with packets, as nftables' rules. Each script replaces its table, so that it can be run again; connections
 * live on, unless the address that they were made with is gone.
 */

const TABLE = "inet uplink";
const NFT: Readonly<Record<Family, string>> = { ipv4: "ip", ipv6: "ip6" };
/** Addresses that mean nothing outside (RFC 1918, RFC 6598, RFC 4193). */
const PRIVATE: Readonly<Record<Family, string>> = {
  ipv4: "{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 }",
  ipv6: "fc00::/7",
};

/** The rules of a site's own router. */
export function siteRules(site: SiteSpec): string {
  return printTable({
    zone: site.dynamic && site.ipv4 !== "cgnat" ? site.wan4 : null,
    closed: FAMILIES.filter((family) => site[family] !== "public"),
    destinations: site.forwardings.flatMap((forwarding) => forward(site, forwarding)),
    sources: [
      ...site.forwardings.flatMap((forwarding) => keepPortFree(site.forwardings, forwarding)),
      ...FAMILIES.flatMap((family) => translate(site[family], family)),
      ...FAMILIES.flatMap((family) => turnAround(site, family)),
    ],
  });
}

/**
 * The rules of a carrier. Each connection gets a port at random, so that every destination sees another one (RFC 4787 calls
 * it address and port-dependent mapping), and only packets of known connections come in.
 */
export function carrierRules(site: SiteSpec): string {
  const translated = FAMILIES.filter((family) => site[family] === "cgnat");
  return printTable({
    zone: site.dynamic && site.ipv4 === "cgnat" ? site.wan4 : null,
    closed: translated,
    destinations: [],
    sources: translated.map((family) => `oifname "${WAN}" meta nfproto ${family} masquerade fully-random`),
  });
}

interface Rules {
  /** The IPv4 address that connections belong to, where it may change. */
  readonly zone: string | null;
  /** Families in which nobody outside can begin. */
  readonly closed: readonly Family[];
  readonly destinations: readonly string[];
  readonly sources: readonly string[];
}

/**
 * A connection is only known in its zone: with another address the router knows none of those that it made before, in
 * either direction, as one whose line has come back. Without it, a host's own keepalives would hold on to a translation that
 * leads nowhere, since nothing else forgets it.
 */
function zoneRules(address: string | null): string[] {
  if (address === null) return [];
  const zone = parseIpv4(address) & 0xffff;
  return ["prerouting", "output"].flatMap((hook) => [
    `  chain zone-${hook} {`,
    `    type filter hook ${hook} priority raw; policy accept;`,
    `    ct zone set ${zone}`,
    "  }",
  ]);
}

function printTable({ zone, closed, destinations, sources }: Rules): string {
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);
  return [
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...zoneRules(zone),
    "  chain forward {",
    "    type filter hook forward priority filter; policy accept;",
    "    ct state established,related accept",
    "    ct status dnat accept",
    ...indent(closed.map((family) => `iifname "${WAN}" meta nfproto ${family} drop`)),
    "  }",
    "  chain input {",
    "    type filter hook input priority filter; policy accept;",
    "    ct state established,related accept",
    "    meta l4proto { icmp, ipv6-icmp } accept",
    `    iifname "${WAN}" drop`,
    "  }",
    "  chain destinations {",
    "    type nat hook prerouting priority dstnat; policy accept;",
    ...indent(destinations),
    "  }",
    "  chain sources {",
    "    type nat hook postrouting priority srcnat; policy accept;",
    ...indent(sources),
    "  }",
    "}",
    "",
  ].join("\n");
}

function translate(uplink: Uplink, family: Family): string[] {
  const leaving = `oifname "${WAN}" meta nfproto ${family}`;
  if (isTranslated(uplink)) return [`${leaving} masquerade`];
  // Nobody could answer a private address; a firewalled site lets nobody in either way.
  return uplink === "firewalled" ? [`oifname "${WAN}" ${NFT[family]} saddr ${PRIVATE[family]} masquerade`] : [];
}

function forward(site: SiteSpec, { port, protocol, address, to, toPort }: Forwarding): string[] {
  const family = familyOf(to) ?? "ipv4";
  const outside = address ?? (family === "ipv4" ? site.wan4 : site.wan6);
  if (outside === null) return [];
  const target = family === "ipv6" ? `[${to}]:${toPort}` : `${to}:${toPort}`;
  return [`${NFT[family]} daddr ${outside} ${protocol} dport ${port} dnat ${NFT[family]} to ${target}`];
}

/**
 * Other hosts' connections never leave from a forwarded port: what comes back to it would reach them instead of the host that
 * it is forwarded to.
 */
function keepPortFree(all: readonly Forwarding[], { port, protocol, to }: Forwarding): string[] {
  const family = familyOf(to) ?? "ipv4";
  const mine = `${NFT[family]} saddr != ${to} ${protocol} sport ${port}`;
  return [`oifname "${WAN}" meta nfproto ${family} ${mine} masquerade to :${otherPorts(all)}`];
}

/** A range of ports without any that is forwarded. */
function otherPorts(all: readonly Forwarding[]): string {
  const SIZE = 2048;
  for (let first = 32_768; first < 65_536 - SIZE; first += SIZE) {
    const last = first + SIZE - 1;
    if (!all.some(({ port }) => port >= first && port <= last)) return `${first}-${last}`;
  }
  return "1024-65535";
}

/** Hosts that use the public address of their own router meet there, and see each other as that address (RFC 4787, REQ-9). */
function turnAround(site: SiteSpec, family: Family): string[] {
  const wan = family === "ipv4" ? site.wan4 : site.wan6;
  if (site[family] !== "portForwarded" || wan === null) return [];
  return [`iifname "${LAN}" oifname "${LAN}" meta nfproto ${family} ct status dnat snat ${NFT[family]} to ${wan}`];
}
