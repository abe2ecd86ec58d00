import { familyOf } from "../../../generators/model/net.js";
import type { LabState } from "../../protocol.js";
import type { LabSpec, OpenPort, SiteSpec } from "../../spec.js";
import type { Failure } from "../report.js";

/** What somebody outside may find open, and whether that is what there is. Pure. */

/** A port that leads to a host, as seen from outside. */
export interface Opening {
  readonly protocol: OpenPort["protocol"];
  /** At the public address. */
  readonly port: number;
  readonly host: string;
  /** At the host. */
  readonly toPort: number;
}

/** A public address to knock at. */
export interface PublicAddress {
  readonly address: string;
  readonly site: string;
  /** The namespace whose own rules decide about it: a host's, or that of a router in front of it. */
  readonly arrivesAt: string;
  readonly openings: readonly Opening[];
}

/** All public addresses of a fleet, and what the plan opens at each. */
export function publicAddresses(spec: LabSpec, state: LabState): PublicAddress[] {
  return spec.world.sites.flatMap((site) => {
    const now = state.sites.find(({ name }) => name === site.name) ?? site;
    const wans = [now.wan4, now.wan6].filter((address) => address !== null);
    const routed = site.routed.map(withoutPrefix);
    return [...new Set([...wans, ...routed])].map((address) => describeAddress(spec, { ...site, ...now }, address));
  });
}

function withoutPrefix(cidr: string): string {
  return cidr.replace(/\/\d+$/, "");
}

function ownerOf(site: SiteSpec, address: string): string | undefined {
  return site.attachments.find(({ addresses }) => addresses.some((one) => withoutPrefix(one) === address))?.host;
}

function openOf(spec: LabSpec, host: string): readonly OpenPort[] {
  return spec.hosts.find(({ name }) => name === host)?.open ?? [];
}

function describeAddress(spec: LabSpec, site: SiteSpec, address: string): PublicAddress {
  const family = familyOf(address) ?? "ipv4";
  const host = ownerOf(site, address);
  const base = { address, site: site.name };
  if (host !== undefined && site[family] === "public") {
    const openings = openOf(spec, host).map(({ protocol, port }) => ({ protocol, port, host, toPort: port }));
    return { ...base, arrivesAt: `host:${host}`, openings };
  }
  const isCarriers = site[family] === "cgnat" && (address === site.wan4 || address === site.wan6);
  return {
    ...base,
    arrivesAt: `${isCarriers ? "carrier" : "site"}:${site.name}`,
    openings: forwardedAt(spec, site, address),
  };
}

/** What a router forwards at an address, as far as the host behind it opens that. */
function forwardedAt(spec: LabSpec, site: SiteSpec, address: string): Opening[] {
  return site.forwardings.flatMap(({ address: own, to, port, toPort, protocol }) => {
    const outside = own ?? (familyOf(to) === "ipv6" ? site.wan6 : site.wan4);
    const host = ownerOf(site, to);
    if (outside !== address || host === undefined) return [];
    const isOpen = openOf(spec, host).some((open) => open.protocol === protocol && open.port === toPort);
    return isOpen ? [{ protocol, port, host, toPort }] : [];
  });
}

/** What was found at one address in one protocol. */
export interface PortsSeen {
  /** Ports that no packet reached, so that nothing is known of them. */
  readonly unreached: readonly number[];
  /** Ports that a packet was let through to, by the namespace that let it: `host:ari`, `site:london`. */
  readonly admitted: ReadonlyMap<string, readonly number[]>;
  /** Ports where a connection was made; TCP alone. */
  readonly accepted: readonly number[];
}

/** Holds what a scan found against what the plan opens. */
export function judgePorts(target: PublicAddress, protocol: OpenPort["protocol"], seen: PortsSeen): Failure[] {
  const openings = target.openings.filter((opening) => opening.protocol === protocol);
  const places = new Set([...seen.admitted.keys(), ...openings.map(({ host }) => `host:${host}`)]);
  const admitted = [...places].flatMap((place) => {
    const planned = openings.filter(({ host }) => place === `host:${host}`).map(({ toPort }) => toPort);
    return compare(planned, seen.admitted.get(place) ?? [], `${target.address}: ${place} admits ${protocol}`);
  });
  const planned = openings.map(({ port }) => port);
  const accepted =
    protocol === "udp" ? [] : compare(planned, seen.accepted, `${target.address}: TCP connections are made to`);
  return [...judgeUnreached(target, protocol, seen.unreached), ...admitted, ...accepted];
}

function compare(planned: readonly number[], found: readonly number[], what: string): Failure[] {
  const list = (ports: readonly number[]) =>
    ports.length === 0 ? "no port" : [...new Set(ports)].sort(byValue).join(", ");
  if (list(planned) === list(found)) return [];
  return [
    {
      expected: `${what} ${list(planned)}`,
      seen: list(found),
      look: `meshflake lab exec ${/host:(\S+)/.exec(what)?.[1] ?? "HOST"} -- nft list ruleset`,
    },
  ];
}

function byValue(a: number, b: number): number {
  return a - b;
}

function judgeUnreached({ address }: PublicAddress, protocol: string, unreached: readonly number[]): Failure[] {
  if (unreached.length === 0) return [];
  return [
    {
      expected: `${address}: every ${protocol} port is knocked at`,
      seen: `${unreached.length} never got there: ${unreached.slice(0, 5).join(", ")}`,
      look: "meshflake lab status",
    },
  ];
}
