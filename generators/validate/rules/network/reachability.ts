import { parseEndpoint } from "../../../model/endpoint.js";
import type { Host, Site } from "../../../model/fleet.js";
import { familyOf, isLinkLocal, isPrivate } from "../../../model/net.js";
import { FAMILIES, type Family } from "../../../model/vocabulary.js";
import type { Finding, PlanRuleContext, Rule, RuleContext } from "../../rule.js";
import { atRelay, eachHost, isComplete, listNames } from "../support.js";
import { FAMILY_NAME } from "./notation.js";

/** Who can be reached from outside, and whether that is enough. */

/** Families in which the world can send the site's hosts a first packet. */
function inboundFamilies(site: Site): Family[] {
  return FAMILIES.filter((family) => site[family] === "public" || site[family] === "portForwarded");
}

function uplinks(site: Site): string {
  return `IPv4 ${site.ipv4}, IPv6 ${site.ipv6}`;
}

/** Providers that give an address once the machine exists; `sync` puts it into the lock. */
const CLOUD = new Set(["hetznerVm", "contaboVm"]);

function relayFault({ site, address, mesh, platform }: Host): Omit<Finding, "at"> | null {
  const families = inboundFamilies(site);
  if (families.length === 0) {
    const hint = "make a host with a public or forwarded address the relay";
    return { message: `its site ${site.name} cannot be reached from outside (${uplinks(site)})`, hint };
  }
  if (mesh.endpoint !== undefined) return null;
  const isKnown = address.public4 !== undefined || address.public6 !== undefined;
  const isPublic = families.some((family) => site[family] === "public");
  if (isPublic && (isKnown || CLOUD.has(platform))) return null;
  const message = isPublic ? "it has no public address that others could know" : "its router forwards to no endpoint";
  const hint = isPublic
    ? "give it a static address, or a mesh.endpoint"
    : "set mesh.endpoint to the forwarded address and port";
  return { message, hint };
}

function* checkRelays(context: RuleContext): Iterable<Finding> {
  const { fleet } = context;
  for (const cluster of fleet.clusters.values()) {
    for (const name of cluster.mesh.relays) {
      const host = fleet.hosts.get(name);
      const fault = host === undefined ? null : relayFault(host);
      if (host === undefined || fault === null) continue;
      const at = atRelay(context, cluster.name, name);
      yield { at, message: `${name} cannot be a relay: ${fault.message}`, hint: fault.hint };
    }
  }
}

export const relayUnreachable: Rule = {
  code: "relay-unreachable",
  severity: "error",
  title: "A relay can be reached from outside",
  why: "Two hosts that cannot reach each other both open a link to the relay. One that sits behind address translation itself cannot be dialled by either of them.",
  needs: "fleet",
  check: checkRelays,
};

const LOOPBACK = /^(127\.|::1$|0\.|::$)/;

function* checkEndpoints(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  const at = (name: string) => inputs.originsOf(name, ["mesh", "endpoint"]);
  for (const { name, site, mesh } of fleet.hosts.values()) {
    if (mesh.endpoint === undefined) continue;
    const { host } = mesh.endpoint;
    const family = familyOf(host);
    const families = inboundFamilies(site);
    if (family !== null && (isPrivate(host) || isLinkLocal(host) || LOOPBACK.test(host))) {
      const message = `${host} means something else in every network, so nobody outside of this one can use this endpoint`;
      const hint = `write the site's public address or a name; a LAN address belongs into address.lan`;
      yield { at: at(name), message, hint };
    } else if (families.length === 0) {
      const message = `nothing reaches the site ${site.name} from outside (${uplinks(site)}), so nobody can use this endpoint`;
      const hint = `remove it, or set sites.${site.name} to portForwarded if the router forwards the port`;
      yield { at: at(name), message, hint };
    } else if (family !== null && !families.includes(family) && site[family] !== "none") {
      const message = `the site ${site.name} cannot be reached from outside over ${FAMILY_NAME[family]} (${site[family]})`;
      const hint = `write an ${FAMILY_NAME[family === "ipv4" ? "ipv6" : "ipv4"]} address or a name, or correct sites.${site.name}`;
      yield { at: at(name), message, hint };
    }
  }
}

export const endpointUnreachable: Rule = {
  code: "endpoint-unreachable",
  severity: "error",
  title: "An endpoint stands only where the world can reach it",
  why: "`mesh.endpoint` tells other hosts where to send the first packet. At a site that lets nothing in, one of the two statements is wrong, and the plan would go by the site.",
  needs: "fleet",
  check: checkEndpoints,
};

function isInside(name: string, domain: string): boolean {
  const lower = name.toLowerCase();
  return lower === "consul" || lower.endsWith(".consul") || lower.endsWith(`.mesh.${domain}`);
}

function* checkInside(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const { domain } = inputs.fleet.value;
  for (const [host, { mesh, address }] of eachHost(context)) {
    const endpoint = mesh?.endpoint === undefined ? null : parseEndpoint(mesh.endpoint);
    const values = [
      { path: ["mesh", "endpoint"], name: endpoint?.host },
      { path: ["address", "lan"], name: address?.lan },
    ];
    for (const { path, name } of values) {
      if (name === undefined || !isInside(name, domain)) continue;
      const message = `${name} resolves only inside the mesh, which needs this name to come up`;
      yield { at: inputs.originsOf(host, path), message, hint: "use a public name, a name of the LAN, or an address" };
    }
  }
}

export const endpointInside: Rule = {
  code: "endpoint-inside",
  severity: "error",
  title: "An endpoint does not depend on the mesh",
  why: "Names below `consul` and `mesh.<domain>` are answered by hosts of the mesh. A host that boots without a link could never look up where to send its first packet.",
  needs: "fleet",
  check: checkInside,
};

function* checkDynamic({ fleet, inputs }: RuleContext): Iterable<Finding> {
  for (const { name, site, mesh, address } of fleet.hosts.values()) {
    if (!site.dynamic) continue;
    if (mesh.endpoint !== undefined && familyOf(mesh.endpoint.host) !== null) {
      const message = `the addresses of the site ${site.name} change, and this endpoint is a literal one`;
      const hint = "use a name that follows the address (dynamic DNS)";
      yield { at: inputs.originsOf(name, ["mesh", "endpoint"]), message, hint };
    }
    for (const family of FAMILIES) {
      const own = address[family];
      if (own === undefined || site[family] !== "public" || isPrivate(own.address)) continue;
      const message = `the addresses of the site ${site.name} change, and ${own.address} is a fixed one`;
      const hint = `remove dynamic from sites.${site.name}, or leave the address out`;
      yield { at: inputs.originsOf(name, ["address", family]), message, hint };
    }
  }
}

export const dynamicAddress: Rule = {
  code: "dynamic-address",
  severity: "error",
  title: "A site whose address changes has no literal public addresses",
  why: "Other hosts would keep sending to the old address after the provider gave a new one. A name with dynamic DNS follows it: hosts look named endpoints up again while they run.",
  needs: "fleet",
  check: checkDynamic,
};

function* checkForwards(context: RuleContext): Iterable<Finding> {
  const { fleet, inputs } = context;
  if (!isComplete(context)) return;
  const named = new Set<string>();
  const used = new Set<string>();
  for (const { site, mesh } of fleet.hosts.values()) {
    used.add(site.name);
    if (mesh.endpoint !== undefined) named.add(site.name);
  }
  for (const site of fleet.sites.values()) {
    if (!used.has(site.name) || named.has(site.name)) continue;
    for (const family of FAMILIES) {
      if (site[family] !== "portForwarded") continue;
      const message = `the router of ${site.name} forwards ${FAMILY_NAME[family]} ports, and no host there has a mesh.endpoint`;
      const hint = "set mesh.endpoint on the host that the port leads to, or say nat here";
      yield { at: inputs.fleetOriginsOf(["sites", site.name, family]), message, hint };
    }
  }
}

export const forwardUnused: Rule = {
  code: "forward-unused",
  severity: "warning",
  title: "A forwarded port leads to a host",
  why: "`portForwarded` alone does not say where the port leads. Without a host that names its `mesh.endpoint`, the site is planned as if nothing were forwarded.",
  needs: "fleet",
  check: checkForwards,
};

function* checkPaths({ plan, inputs }: PlanRuleContext): Iterable<Finding> {
  for (const { cluster, unreachable } of plan.clusters.values()) {
    const { relays } = cluster.mesh;
    for (const { a, b } of unreachable) {
      const sites = [a, b].map((name) => plan.hosts.get(name)?.host.site).filter((site) => site !== undefined);
      const places = sites.map((site) => `${site.name} (${uplinks(site)})`);
      const message = `${a} at ${places[0]} and ${b} at ${places[1]} have no path`;
      const hint =
        relays.length === 0
          ? "add a relay that both can reach: a host with a public IPv4 and IPv6 address, in mesh.relays"
          : `no relay (${listNames(relays)}) can be reached by both: add one with the family that is missing`;
      yield { at: inputs.originsOf(a, ["site"]), message, hint };
    }
  }
}

export const noPath: Rule = {
  code: "no-path",
  severity: "error",
  title: "Every pair of hosts of a cluster has a path",
  why: "Consul's gossip and Nomad's jobs expect that every host reaches every other one. Two hosts that nobody can dial, or that share no address family, need a relay that both can reach. One problem a host is reported, with one of the hosts that it cannot reach.",
  needs: "plan",
  check: checkPaths,
};
