import { Cidr, familyOf } from "../../model/net.js";
import { FAMILIES, type Family } from "../../model/vocabulary.js";
import type { Finding, Rule, RuleContext } from "../rule.js";
import { FAMILY_NAME } from "./notation.js";
import { eachHost } from "./support.js";

/** Whether a host's static addresses can work where they are. */

const GATEWAY = { ipv4: "gateway4", ipv6: "gateway6" } as const;

/** Addresses that no host may have on its uplink, and what they are. */
const UNUSABLE: readonly (readonly [Cidr, string])[] = [
  [Cidr.of("0.0.0.0/8"), "this network (RFC 791)"],
  [Cidr.of("127.0.0.0/8"), "the loopback network"],
  [Cidr.of("224.0.0.0/3"), "multicast or reserved"],
  [Cidr.of("::/127"), "the loopback or unspecified address"],
  [Cidr.of("fe80::/10"), "link-local"],
  [Cidr.of("ff00::/8"), "multicast"],
];

function unusableFault(cidr: Cidr): string | null {
  for (const [range, what] of UNUSABLE) if (range.contains(cidr.address)) return `${cidr.address} is ${what}`;
  const { size } = cidr;
  // A /31 (RFC 3021) and a /127 (RFC 6164) have two hosts and nothing else.
  if (size <= 2n) return null;
  if (cidr.address === cidr.at(0n)) {
    return `${cidr.address} is the address of the network ${cidr.network} itself`;
  }
  const isBroadcast = cidr.family === "ipv4" && cidr.address === cidr.at(size - 1n);
  return isBroadcast ? `${cidr.address} is the broadcast address of ${cidr.network}` : null;
}

function* checkUnusable(context: RuleContext): Iterable<Finding> {
  for (const [name, { address = {} }] of eachHost(context)) {
    for (const family of FAMILIES) {
      const cidr = parseOf(family, address[family]);
      const message = cidr === null ? null : unusableFault(cidr);
      if (message === null) continue;
      const hint = "choose an address of a single host; the digits before the slash are the host's, not the network's";
      yield { at: context.inputs.originsOf(name, ["address", family]), message, hint };
    }
  }
}

/** The network behind a text, where both are of the family. */
export function parseOf(family: Family, text: string | undefined): Cidr | null {
  const cidr = text === undefined ? null : Cidr.parse(text);
  return cidr?.family === family ? cidr : null;
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
  if (own.address === Cidr.parse(`${gateway}/${own.prefix}`)?.address) {
    return { message: `the gateway ${gateway} is the host's own address`, hint: "write the router's address" };
  }
  // A /32 or /128 has no neighbours: the gateway is reached on the link, as at Hetzner with 172.31.1.1.
  const isAlone = own.size === 1n;
  const isLinkLocal = Cidr.of("fe80::/10").contains(gateway) || Cidr.of("169.254.0.0/16").contains(gateway);
  if (isAlone || isLinkLocal) return null;
  if (!own.contains(gateway)) {
    const hint = `choose an address of ${own.network}, or correct the prefix length`;
    return { message: `the gateway ${gateway} is outside the host's network ${own.network}`, hint };
  }
  const fault = unusableFault(Cidr.of(`${gateway}/${own.prefix}`));
  // An IPv6 network's first address is its routers' own anycast address, so a gateway may well have it.
  if (fault === null || own.family === "ipv6") return null;
  return { message: `the gateway ${fault}`, hint: "write the router's address" };
}

function* checkGateways(context: RuleContext): Iterable<Finding> {
  for (const [name, { address = {} }] of eachHost(context)) {
    for (const family of FAMILIES) {
      const key = GATEWAY[family];
      const gateway = address[key];
      if (gateway === undefined || familyOf(gateway) !== family) continue;
      const at = () => context.inputs.originsOf(name, ["address", key]);
      const own = parseOf(family, address[family]);
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
  for (const [name, { address = {}, site }] of eachHost(context)) {
    const own = parseOf("ipv4", address.ipv4);
    const uplink = sites[site]?.ipv4 ?? "none";
    if (own === null || address.gateway4 !== undefined || uplink === "none") continue;
    const at = context.inputs.originsOf(name, ["address", "ipv4"]);
    const message = `the static address ${own} has no gateway, so this host has no way out over IPv4`;
    yield { at, message, hint: `set address.gateway4, often ${own.size > 2n ? own.at(1n) : "the provider's router"}` };
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
