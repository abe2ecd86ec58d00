import { Cidr, familyOf, isLinkLocal, isPrivate, isWithin } from "../../../model/net.js";
import { CLOUD, FAMILIES } from "../../../model/vocabulary.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost } from "../support.js";
import { edgeOf, parseFamily, parseOf } from "./literals.js";
import { FAMILY_NAME } from "./notation.js";

/** Whether a host's static addresses can work where they are. */

const GATEWAY = { ipv4: "gateway4", ipv6: "gateway6" } as const;

/** What an address is that no host may have on its uplink, or null. */
function specialRange({ family, address }: Cidr): string | null {
  if (isLinkLocal(address)) return "link-local";
  if (family === "ipv6") {
    if (address === "::" || address === "::1") return "the unspecified or the loopback address";
    return /^ff[0-9a-f]{2}:/.test(address) ? "multicast" : null;
  }
  const first = Number.parseInt(address, 10);
  if (first === 0) return "this network (RFC 791)";
  if (first === 127) return "the loopback network";
  return first >= 224 ? "multicast or reserved" : null;
}

function unusableFault(cidr: Cidr): string | null {
  const special = specialRange(cidr);
  return special === null ? edgeFault(cidr) : `${cidr.address} is ${special}`;
}

function edgeFault(cidr: Cidr): string | null {
  // A /31 (RFC 3021) and a /127 (RFC 6164) have two hosts and nothing else.
  if (cidr.prefix >= (cidr.family === "ipv4" ? 31 : 127)) return null;
  const edge = edgeOf(cidr);
  if (edge === null) return null;
  return edge === "first"
    ? `${cidr.address} is the address of the network ${cidr.network} itself`
    : `${cidr.address} is the broadcast address of ${cidr.network}`;
}

function* checkUnusable(context: RuleContext): Iterable<Finding> {
  for (const [name, { address = {} }] of eachHost(context)) {
    for (const family of FAMILIES) {
      const cidr = parseOf(context, family, address[family]);
      const message = cidr === null ? null : unusableFault(cidr);
      if (message === null) continue;
      const hint = "choose an address of a single host; the digits before the slash are the host's, not the network's";
      yield { at: context.inputs.originsOf(name, ["address", family]), message, hint };
    }
  }
}

export const addressUnusable: Rule = {
  code: "address-unusable",
  severity: "error",
  title: "A static address is one that a host can have",
  why: "The first address of an IPv4 network names the network and the last one is its broadcast; the first one of an IPv6 network belongs to its routers (RFC 4291). Loopback, link-local and multicast addresses reach nobody else.",
  needs: "fleet",
  check: checkUnusable,
};

function gatewayFault(own: Cidr, gateway: string): Omit<Finding, "at"> | null {
  // A /32 or /128 has no neighbours: the gateway is reached on the link, as at Hetzner with 172.31.1.1.
  const isAlone = own.prefix === (own.family === "ipv4" ? 32 : 128);
  const hint = "write the router's address";
  if (gateway === own.address) return { message: `the gateway ${gateway} is the host's own address`, hint };
  if (isAlone || isLinkLocal(gateway)) return null;
  if (!isWithin(own, gateway)) {
    const message = `the gateway ${gateway} is outside the host's network ${own.network}`;
    return { message, hint: `choose an address of ${own.network}, or correct the prefix length` };
  }
  // An IPv6 network's first address is its routers' own anycast address, so a gateway may well have it.
  const fault = own.family === "ipv6" ? null : edgeFault(Cidr.of(`${gateway}/${own.prefix}`));
  return fault === null ? null : { message: `the gateway ${fault}`, hint };
}

function* checkGateways(context: RuleContext): Iterable<Finding> {
  for (const [name, { address = {} }] of eachHost(context)) {
    for (const family of FAMILIES) {
      const key = GATEWAY[family];
      const gateway = address[key];
      if (gateway === undefined || parseFamily(context, gateway) !== family) continue;
      const at = () => context.inputs.originsOf(name, ["address", key]);
      const own = parseOf(context, family, address[family]);
      if (own !== null) {
        const fault = gatewayFault(own, gateway);
        if (fault !== null) yield { at: at(), ...fault };
      } else if (address[family] === undefined) {
        const message = `a gateway without a static ${FAMILY_NAME[family]} address is never used`;
        const hint = `set address.${family} too, or leave the gateway to ${family === "ipv4" ? "DHCP" : "router advertisements"}`;
        yield { at: at(), message, hint };
      }
    }
  }
}

export const gateway: Rule = {
  code: "gateway",
  severity: "error",
  title: "A gateway is another machine in the host's network",
  why: "The kernel refuses a route through a gateway that it has no neighbour for, and the machine comes up without a way out. Link-local gateways are fine, and so is any gateway of a host that is alone in its network (`/32`, `/128`): it is reached on the link.",
  needs: "fleet",
  check: checkGateways,
};

function* checkMissingGateways(context: RuleContext): Iterable<Finding> {
  const { sites } = context.inputs.fleet.value;
  for (const [name, { address = {}, site, platform }] of eachHost(context)) {
    for (const family of FAMILIES) {
      const own = parseOf(context, family, address[family]);
      const uplink = sites[site]?.[family] ?? "none";
      if (own === null || address[GATEWAY[family]] !== undefined || uplink === "none") continue;
      // Elsewhere the router advertises itself.
      if (family === "ipv6" && !CLOUD.has(platform)) continue;
      const at = context.inputs.originsOf(name, ["address", family]);
      const message = `the static address ${own} has no gateway, so this host has no way out over ${FAMILY_NAME[family]}`;
      const usual = family === "ipv6" ? "fe80::1" : own.prefix < 31 ? own.at(1n) : "the provider's router";
      yield { at, message, hint: `set address.${GATEWAY[family]}, often ${usual}` };
    }
  }
}

export const gatewayMissing: Rule = {
  code: "gateway-missing",
  severity: "warning",
  title: "A static IPv4 address comes with its gateway",
  why: "A static address turns DHCP off for IPv4, and with it the default route. IPv6 is another matter: routers announce themselves.",
  needs: "fleet",
  check: checkMissingGateways,
};

function* checkAbsentFamilies(context: RuleContext): Iterable<Finding> {
  const { sites } = context.inputs.fleet.value;
  for (const [name, { address = {}, site, mesh }] of eachHost(context)) {
    for (const family of FAMILIES) {
      if (sites[site]?.[family] !== "none") continue;
      const hint = `remove it, or say in the site how ${FAMILY_NAME[family]} reaches the internet`;
      const message = `the site ${site} has no ${FAMILY_NAME[family]}`;
      for (const key of [family, GATEWAY[family]]) {
        if (address[key] === undefined) continue;
        yield { at: context.inputs.originsOf(name, ["address", key]), message, hint };
      }
      const host = mesh?.endpoint?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
      if (host === undefined || familyOf(host) !== family) continue;
      yield { at: context.inputs.originsOf(name, ["mesh", "endpoint"]), message, hint };
    }
  }
}

export const familyNone: Rule = {
  code: "family-none",
  severity: "error",
  title: "A host has no address of a family that its site lacks",
  why: "`none` says that the family does not exist at the site, and the plan sends nothing over it. An address of that family means that one of the two files is wrong.",
  needs: "fleet",
  check: checkAbsentFamilies,
};

function* checkPrivate({ fleet, inputs }: RuleContext): Iterable<Finding> {
  // Hosts of one site need one message.
  const seen = new Set<string>();
  for (const { name, site, address, mesh } of fleet.hosts.values()) {
    for (const family of FAMILIES) {
      const own = address[family];
      const key = `${site.name} ${family}`;
      if (own === undefined || site[family] !== "public" || mesh.endpoint !== undefined || seen.has(key)) continue;
      if (!isPrivate(own.address)) continue;
      seen.add(key);
      const message = `${own.address} is a private address, and the site ${site.name} says that the world reaches its ${FAMILY_NAME[family]} addresses`;
      const hint = `set sites.${site.name}.${family} to what it is, such as nat, or give the host the mesh.endpoint that leads to it`;
      yield { at: inputs.originsOf(name, ["address", family]), message, hint };
    }
  }
}

export const addressPrivate: Rule = {
  code: "address-private",
  severity: "warning",
  title: "Hosts of a public site have public addresses",
  why: "At a site whose family is `public`, every other host sends to this host's own address. Nobody outside reaches a private one, and the links that the plan counts on never come up. In a company's network that routes private ranges everywhere it is right, hence a warning. One host a site is named.",
  needs: "fleet",
  check: checkPrivate,
};
