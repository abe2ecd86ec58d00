import { DOCKER_NETWORK, NOMAD_NETWORK } from "../../../model/daemons.js";
import { Cidr, familyOf, parseIpv4 } from "../../../model/net.js";
import type { Origin } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { atClusterMesh, eachHost } from "../support.js";

/** Networks, each of which must mean one thing on a host. */

interface Range {
  readonly name: string;
  readonly cidr: Cidr;
  /** `own` ones belong to the world around the hosts; they may overlap each other, since sites are apart. */
  readonly kind: "mesh" | "containers" | "own";
  /** Clusters whose hosts see it; all of them where it is missing. */
  readonly clusters?: ReadonlySet<string>;
  /** Missing where nobody wrote it. */
  readonly at?: () => readonly Origin[];
}

/** Clusters that have a host at a site, by site. */
function clustersBySite({ fleet }: RuleContext): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>([...fleet.sites.keys()].map((site) => [site, new Set()]));
  for (const { site, cluster } of fleet.hosts.values()) found.get(site.name)?.add(cluster);
  return found;
}

function* eachRange(context: RuleContext): Iterable<Range> {
  const { inputs, fleet } = context;
  yield { name: "Docker's bridge", cidr: Cidr.of(DOCKER_NETWORK), kind: "containers" };
  yield { name: "Nomad's bridge", cidr: Cidr.of(NOMAD_NETWORK), kind: "containers" };
  for (const { name, mesh } of fleet.clusters.values()) {
    const at = () => atClusterMesh(context, name, "ipv4");
    yield { name: `the mesh of ${name}`, cidr: mesh.ipv4, kind: "mesh", at, clusters: new Set([name]) };
  }
  const clusters = clustersBySite(context);
  for (const { name, lan } of fleet.sites.values()) {
    if (lan?.family !== "ipv4") continue;
    const at = () => inputs.fleetOriginsOf(["sites", name, "lan"]);
    yield { name: `the LAN of ${name}`, cidr: lan, kind: "own", at, clusters: clusters.get(name) ?? new Set() };
  }
  const seen = new Set<string>();
  for (const { name, address, cluster } of fleet.hosts.values()) {
    const cidr = address.ipv4;
    // Hosts of one network need one message.
    if (cidr === undefined || seen.has(`${cluster} ${cidr.network}`)) continue;
    seen.add(`${cluster} ${cidr.network}`);
    const at = () => inputs.originsOf(name, ["address", "ipv4"]);
    yield { name: `the network of ${name}`, cidr, kind: "own", at, clusters: new Set([cluster]) };
  }
}

/**
 * Pairs of ranges of which one holds the other. CIDR blocks either nest or lie apart, so that a sweep by first address
 * needs only the stack of blocks that are open; it takes as long as sorting does.
 */
export function* findNested<T extends { readonly cidr: Cidr }>(ranges: Iterable<T>): Iterable<readonly [T, T]> {
  const spans = Array.from(ranges, (range) => {
    const first = parseIpv4(range.cidr.at(0n));
    return { range, first, last: first + Number(range.cidr.size) - 1 };
  }).sort((a, b) => a.first - b.first || b.last - a.last);
  const open: typeof spans = [];
  for (const span of spans) {
    while ((open.at(-1)?.last ?? Number.POSITIVE_INFINITY) < span.first) open.pop();
    for (const outer of open) yield [outer.range, span.range];
    open.push(span);
  }
}

/** Which of two ranges should move: what meshflake alone uses before what the world around it has. */
function* checkOverlaps(context: RuleContext): Iterable<Finding> {
  for (const [outer, inner] of findNested(eachRange(context))) {
    if (outer.kind === inner.kind ? outer.kind !== "mesh" : !meet(outer, inner)) continue;
    const movable = [outer, inner].filter((range) => range.at !== undefined).sort(byMovability);
    const [moving] = movable;
    const staying = moving === outer ? inner : outer;
    if (moving?.at === undefined) continue;
    const message = `${moving.name}, ${moving.cidr.network}, overlaps ${staying.name}, ${staying.cidr.network}`;
    const hint = moving.kind === "mesh" ? "choose another range for the mesh" : "use another range there";
    yield { at: moving.at(), message, hint };
  }
}

/** Whether any host sees both. Two meshes are kept apart even where none does. */
function meet({ clusters: a }: Range, { clusters: b }: Range): boolean {
  return a === undefined || b === undefined || [...a].some((cluster) => b.has(cluster));
}

function byMovability(a: Range, b: Range): number {
  if (a.kind !== b.kind) return a.kind === "mesh" ? -1 : 1;
  return a.name < b.name ? 1 : -1;
}

export const rangeOverlap: Rule = {
  code: "range-overlap",
  severity: "error",
  title: "No mesh, LAN, host network or container bridge overlaps another",
  why: "Where two networks share an address, the more specific route wins and the other network's machine is out of reach, from some hosts only. Docker's bridge (`172.17.0.0/16`) and Nomad's (`172.26.64.0/20`) exist on every client, and another cluster's mesh must stay apart. Two sites may use the same LAN range.",
  needs: "fleet",
  check: checkOverlaps,
};

function* checkHostBits(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  const ranges = [];
  for (const { name, mesh } of fleet.clusters.values()) {
    ranges.push({ cidr: mesh.ipv4, at: () => atClusterMesh(context, name, "ipv4") });
  }
  for (const { name, lan } of fleet.sites.values()) {
    if (lan !== undefined) ranges.push({ cidr: lan, at: () => inputs.fleetOriginsOf(["sites", name, "lan"]) });
  }
  for (const { cidr, at } of ranges) {
    if (cidr.address === cidr.at(0n)) continue;
    const message = `${cidr} is an address in the network ${cidr.network}`;
    yield { at: at(), message, hint: `write ${cidr.network}, or another prefix length` };
  }
}

export const rangeHostBits: Rule = {
  code: "range-host-bits",
  severity: "error",
  title: "A range is written with its first address",
  why: "`192.168.1.7/24` is one machine and its network; as a range it is a slip, either in the address or in the prefix length, and which of them cannot be told.",
  needs: "fleet",
  check: checkHostBits,
};

function* checkLans(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  for (const [name, { site, address, dns, firewall }] of eachHost(context)) {
    const place = fleet.sites.get(site);
    const isUnset = place !== undefined && inputs.fleet.value.sites[site]?.lan === undefined;
    const lan = address?.lan;
    const hint = `set sites.${site}.lan, such as 192.168.1.0/24`;
    if (lan !== undefined && isUnset) {
      const at = inputs.originsOf(name, ["address", "lan"]);
      yield { at, message: `the site ${site} has no LAN`, hint };
    } else if (lan !== undefined && place?.lan !== undefined && familyOf(lan) !== null && !place.lan.contains(lan)) {
      const at = inputs.originsOf(name, ["address", "lan"]);
      const message = `${lan} is outside the LAN of ${site}, ${place.lan.network}`;
      yield { at, message, hint: "correct the address, or the site's lan" };
    }
    if (firewall?.lan !== undefined && isUnset) {
      const at = inputs.originsOf(name, ["firewall", "lan"]);
      yield { at, message: `the site ${site} has no LAN to open ports to`, hint };
    }
    if (dns?.resolver === true && isUnset) {
      const at = inputs.originsOf(name, ["dns", "resolver"]);
      yield { at, message: `the site ${site} has no LAN that this resolver could answer`, hint };
    }
  }
}

export const lanAddress: Rule = {
  code: "lan-address",
  severity: "error",
  title: "A LAN address lies in the LAN of the host's site",
  why: "Hosts of one site send each other's packets over the LAN. An address outside of it, or a site that does not say its range, would make links that never come up; a LAN's resolver answers exactly that range.",
  needs: "fleet",
  check: checkLans,
};
