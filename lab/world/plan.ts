import type { Fleet, Site } from "../../generators/model/fleet.js";
import { Cidr, familyOf } from "../../generators/model/net.js";
import type { Family } from "../../generators/model/vocabulary.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import type { HostViews } from "../../generators/render/types.js";
import type { Conditions, PublicName, SiteSpec, WorldSpec } from "../spec.js";
import { hostNames, localNames, planEntrances, routedTo } from "./address/endpoints.js";
import { addressOf, isTranslated, planAttachments, ROUTER_LINK_LOCAL, routerOf } from "./address/leases.js";
import { AddressPool, alone, normalize, PUBLIC4, PUBLIC6 } from "./address/pool.js";
import { addressesOf, collectResidents, type Resident } from "./address/residents.js";

/** The world around a fleet: one internet, a router a site, and what providers and routers hand out. */

/** Two sites are 20 ms apart one way, as two cities of one continent are. */
export const DEFAULT_CONDITIONS: Conditions = { delayMs: 10, lossPercent: 0, rateMbit: null };

/** How lines are wished to behave; what is not said is as `Conditions` has it. */
export interface LineConditions extends Partial<Conditions> {
  /** By site, where one is to differ from the others. */
  readonly sites?: Readonly<Record<string, Partial<Conditions>>>;
}

/** Addresses that a dynamic site can move on to, beside its first. */
const SPARES = 2;

/** What sites are planned from, and what they take from each other. */
interface Draft {
  readonly fleet: Fleet;
  readonly conditionsOf: (site: string) => Conditions;
  readonly previous: WorldSpec | undefined;
  readonly pool: AddressPool;
  readonly networks: Cidr[];
}

/**
 * Plans the world of a fleet. Addresses that no file says are chosen: a provider that has not given any yet gives one for
 * documentation here, which the mesh does not know either.
 * @param views of the hosts that are to run, by name
 * @param conditions what differs from `DEFAULT_CONDITIONS`
 * @param previous the world as it runs; everything that was chosen for it stays
 * @throws RangeError where a network has no address left
 */
export function planWorld(
  plan: FleetPlan,
  views: ReadonlyMap<string, HostViews>,
  { sites = {}, ...conditions }: LineConditions = {},
  previous?: WorldSpec,
): WorldSpec {
  const { fleet } = plan;
  const resolvers = planResolvers(fleet);
  const fixed = [...addressesOf(fleet.hosts.values()), ...resolvers.map(({ address }) => address)];
  const draft: Draft = {
    fleet,
    conditionsOf: (site) => ({ ...DEFAULT_CONDITIONS, ...conditions, ...sites[site] }),
    previous,
    pool: new AddressPool([...fixed, ...chosenIn(previous)]),
    networks: networksOf(fleet),
  };
  const planned = [...collectResidents(plan, views)].map(([site, residents]) => planSite(draft, site, residents));
  return {
    sites: planned.map(({ site }) => site),
    names: mergeNames(planned.flatMap(({ names }) => names)),
    resolvers,
  };
}

/** Every public address that a world chose by itself. */
function chosenIn(world: WorldSpec | undefined): string[] {
  return (world?.sites ?? []).flatMap(({ wan4, wan6, spare4, attachments }) => [
    ...[wan4, wan6, ...spare4].filter((address) => address !== null),
    ...attachments.flatMap(({ addresses }) => addresses.map(addressOf)),
  ]);
}

/** Networks that the fleet says, so that those that it does not say lie elsewhere. */
function networksOf({ hosts, sites, clusters }: Fleet): Cidr[] {
  return [
    ...[...hosts.values()].flatMap(({ address }) => [address.ipv4, address.ipv6]),
    ...[...sites.values()].map(({ lan }) => lan),
    ...[...clusters.values()].map(({ mesh }) => mesh.ipv4),
  ].filter((network) => network !== undefined);
}

/** Resolvers that Unbound asks over TLS, and those that providers name, unless a host of the fleet is one. */
function planResolvers({ clusters, hosts }: Fleet): WorldSpec["resolvers"] {
  const owned = new Set(
    [...hosts.values()].flatMap(({ address }) => [address.ipv4?.address, address.ipv6?.address, address.lan]),
  );
  const upstream = [...clusters.values()].flatMap(({ dns }) => dns.upstream.flatMap(readUpstream));
  const plain = [...hosts.values()].flatMap(({ site, address }) =>
    address.dns
      .filter((one) => !isNear(site, one, address.ipv4))
      .map((one) => ({ address: one, port: 53, tlsName: null })),
  );
  const all = [...upstream, ...plain].map((one) => ({ ...one, address: normalize(one.address) }));
  const byKey = new Map(all.map((one) => [`${one.address}@${one.port}`, one]));
  return [...byKey]
    .filter(([, { address }]) => !owned.has(address))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
}

/** `ADDRESS@PORT#NAME`, as Unbound takes it. */
function readUpstream(text: string): WorldSpec["resolvers"] {
  const [, address, port, tlsName] = /^([^@#]+)@(\d+)(?:#(.+))?$/.exec(text) ?? [];
  if (address === undefined || familyOf(address) === null) return [];
  return [{ address, port: Number(port), tlsName: tlsName ?? null }];
}

/** Whether an address lies in the site's own network: a router's, rather than somebody's in the world. */
function isNear({ lan, ipv4 }: Site, address: string, own: Cidr | undefined): boolean {
  return lan?.contains(address) === true || (isTranslated(ipv4) && own?.contains(address) === true);
}

function planSite(
  draft: Draft,
  site: Site,
  residents: readonly Resident[],
): { readonly site: SiteSpec; readonly names: PublicName[] } {
  const previous = draft.previous?.sites.find(({ name }) => name === site.name);
  const { pool, networks, fleet } = draft;
  const attachments = planAttachments({ site, residents, previous, world: pool, networks });
  const wan4 = planWan(draft, site, residents, "ipv4", previous?.wan4);
  const spares = site.dynamic && isTranslated(site.ipv4);
  const base = {
    name: site.name,
    ipv4: site.ipv4,
    ipv6: site.ipv6,
    dynamic: site.dynamic,
    mtu: site.mtu,
    conditions: previous?.conditions ?? draft.conditionsOf(site.name),
    gateways: planGateways(site, residents, attachments),
    wan4,
    wan6: planWan(draft, site, residents, "ipv6", previous?.wan6),
    spare4: spares ? planSpares(pool, previous?.spare4 ?? []) : [],
    attachments,
  };
  const { forwardings, names } = planEntrances(base, residents);
  return {
    site: { ...base, routed: routedTo(base, forwardings), forwardings, names: localNames(attachments, residents) },
    names: [...names, ...hostNames(base, residents, fleet.domain)],
  };
}

/** The router's public address: the one that an endpoint says, or the one that it had, or a free one. */
function planWan(
  { pool }: Draft,
  site: Site,
  residents: readonly Resident[],
  family: Family,
  earlier: string | null | undefined,
): string | null {
  if (site[family] === "none") return null;
  const endpoints = residents.flatMap(({ host }) => host.mesh.endpoint?.host ?? []);
  const literal = site[family] === "portForwarded" ? endpoints.find((text) => familyOf(text) === family) : undefined;
  if (literal !== undefined) return normalize(literal);
  return earlier ?? pool.take(family === "ipv4" ? PUBLIC4 : PUBLIC6);
}

function planSpares(pool: AddressPool, earlier: readonly string[]): string[] {
  const spares = [...earlier];
  while (spares.length < SPARES) spares.push(pool.take(PUBLIC4));
  return spares;
}

/**
 * All that hosts send to: their gateways, and whoever they ask for names in their own network. The router has each alone, since
 * it has a route to each host: what else lies in a host's network may be at another site.
 */
function planGateways(site: Site, residents: readonly Resident[], attachments: SiteSpec["attachments"]): string[] {
  const owned = new Set(attachments.flatMap(({ addresses }) => addresses.map(addressOf)));
  const resolvers = residents.flatMap(({ host }) =>
    host.address.dns.filter((one) => isNear(site, one, host.address.ipv4)),
  );
  const lan = site.lan === undefined || site[site.lan.family] === "none" ? [] : [routerOf({ residents }, site.lan)];
  const all = [
    ...residents.flatMap(({ gateways }) => gateways),
    ...attachments.flatMap(({ lease4, lease6 }) =>
      [lease4?.gateway, lease6?.gateway].filter((one) => one !== undefined),
    ),
    ...resolvers,
    ...lan,
    ...(site.ipv6 === "none" ? [] : [ROUTER_LINK_LOCAL]),
  ].map(normalize);
  return [...new Set(all)]
    .filter((address) => !owned.has(address))
    .sort()
    .map(gatewayCidr);
}

function gatewayCidr(address: string): string {
  return Cidr.of("fe80::/10").contains(address) ? `${address}/64` : alone(address);
}

/** A name has one address of a family; what an endpoint says comes before what follows from a host's name. */
function mergeNames(names: readonly PublicName[]): PublicName[] {
  const merged = new Map<string, PublicName>();
  for (const one of names) {
    const key = `${one.name} ${one.family}`;
    if (!merged.has(key)) merged.set(key, one);
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
