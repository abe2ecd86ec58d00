import type { Fleet, Host } from "../../../model/fleet.js";
import type { NixTree } from "../../../model/input.js";
import { familyOf } from "../../../model/net.js";
import type { DnsRecord, FleetPlan, HostPlan } from "../../../plan/types.js";

/** Unbound: `services.unbound`. Keys inside `settings` are Unbound's own. */

/** `local-data` of records, as Unbound's configuration quotes it. */
export function localData(records: readonly DnsRecord[]): string[] {
  return records.map(({ name, address }) => `"${name}. ${familyOf(address) === "ipv6" ? "AAAA" : "A"} ${address}"`);
}

/** The names of addresses; of several, an address keeps the first. */
export function localPointers(records: readonly DnsRecord[]): string[] {
  const names = new Map<string, string>();
  for (const { name, address } of records) if (!names.has(address)) names.set(address, name);
  return [...names].map(([address, name]) => `"${address} ${name}"`);
}

/** A name for a policy zone, which is also that of its cache file. */
function zoneName(url: string): string {
  const name = url.replace(/^[a-z]+:\/\//, "").replace(/[^a-zA-Z0-9.-]+/g, "-");
  return name.replace(/^[.-]+|[.-]+$/g, "").toLowerCase();
}

/** Domains that only the routers of sites know, since hosts there are named in them; by site. */
const lanDomains = new WeakMap<Fleet, ReadonlyMap<string, readonly string[]>>();

function lanDomainsOf(fleet: Fleet): ReadonlyMap<string, readonly string[]> {
  const known = lanDomains.get(fleet);
  if (known !== undefined) return known;
  const domains = new Map<string, string[]>();
  for (const { site, address } of fleet.hosts.values()) {
    if (address.lan === undefined || familyOf(address.lan) !== null) continue;
    const domain = address.lan.slice(address.lan.indexOf(".") + 1);
    const own = domains.get(site.name) ?? [];
    if (own.length === 0) domains.set(site.name, own);
    if (!own.includes(domain)) own.push(domain);
  }
  lanDomains.set(fleet, domains);
  return domains;
}

/** Who answers a LAN's own names: the uplink's resolvers as the host gives them, or else the router, the first address by custom. */
function lanResolvers({ address, site }: Host): readonly string[] {
  if (address.dns.length > 0) return address.dns;
  const router = address.gateway4 ?? site.lan?.at(1n);
  return router === undefined ? [] : [router];
}

/**
 * Milliseconds that Unbound waits at most for a server that does not answer, and before it asks there again: where it begins to ask
 * with one query at a time, so that less would mean never. By default it waits twice as long after each silence, up to two minutes, and
 * then gives the server up for a quarter of an hour. Consul is silent while it has no leader; resolvers are while an uplink is down.
 */
const LONGEST_SILENCE_MS = 12_000;

function viewServer({ dns }: HostPlan, lan: readonly string[]): NixTree {
  return {
    interface: [...dns.listen],
    // Docker's bridge and the mesh come later than Unbound, and may come and go.
    "ip-freebind": true,
    "access-control": dns.allow.map((network) => `${network} allow`),
    // Consul answers on loopback, and signs nothing; no more does a router.
    "do-not-query-localhost": false,
    "domain-insecure": ["consul", ...lan],
    // Names for homes, which Unbound would deny by itself (RFC 8375).
    ...(lan.includes("home.arpa") && { "local-zone": ["home.arpa. nodefault"] }),
    ...(dns.blocklists.length > 0 && { "module-config": '"respip validator iterator"' }),
    prefetch: true,
    "infra-cache-max-rtt": LONGEST_SILENCE_MS,
    "infra-keep-probing": true,
    "hide-identity": true,
    "hide-version": true,
    ...(dns.records.length > 0 && { "local-data": localData(dns.records) }),
  };
}

/** Resolvers of families that the host's site has, or all where none is left. */
function upstreamOf({ dns, host }: HostPlan): string[] {
  const usable = dns.upstream.filter((resolver) => {
    const family = familyOf(resolver.split(/[@#]/, 1)[0] ?? "");
    return family === null || host.site[family] !== "none";
  });
  return usable.length > 0 ? usable : [...dns.upstream];
}

/** @returns the value of `services.unbound` */
export function viewDns({ fleet }: FleetPlan, own: HostPlan): NixTree {
  const { dns, host, consul } = own;
  const routers = lanResolvers(host);
  const lan = routers.length === 0 ? [] : (lanDomainsOf(fleet).get(host.site.name) ?? []);
  return {
    enable: true,
    settings: {
      server: viewServer(own, lan),
      ...(consul !== null && { "stub-zone": [{ name: "consul", "stub-addr": "127.0.0.1@8600" }] }),
      "forward-zone": [
        ...lan.map((name) => ({ name, "forward-addr": [...routers] })),
        { name: ".", "forward-tls-upstream": true, "forward-addr": upstreamOf(own) },
      ],
      ...(dns.blocklists.length > 0 && {
        rpz: dns.blocklists.map((url) => ({
          name: zoneName(url),
          url,
          zonefile: `/var/lib/unbound/${zoneName(url)}.zone`,
        })),
      }),
    },
  };
}

/** Names that all hosts of a cluster answer: options of the file that they share. */
export function viewNames(plan: FleetPlan, cluster: string): NixTree {
  const records = plan.clusters.get(cluster)?.records ?? [];
  const zone = `mesh.${plan.fleet.domain}`;
  const server = {
    "local-zone": [`${zone}. static`],
    "local-data": localData(records),
    "local-data-ptr": localPointers(records.filter(({ name }) => name.endsWith(`.${zone}`))),
  };
  return { services: { unbound: { settings: { server } } } };
}
