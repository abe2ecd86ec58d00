import { formatEndpoint } from "../../generators/model/endpoint.js";
import type { HostPlan, MeshPeer } from "../../generators/plan/types.js";
import { openPortsOf, rolesOf } from "../plan/facts.js";
import { STATE_VERSION } from "./cautions.js";
import type { HostChange, ValueChange } from "./types.js";

/** Compares the plans of one host. */

/** Names of hosts and devices by mesh address, for both points in time. */
export type NamesByAddress = ReadonlyMap<string, string>;

export type Values = readonly (readonly [what: string, value: string | undefined])[];

export function compareValues(before: Values, after: Values): ValueChange[] {
  const old = new Map(before);
  const now = new Map(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((what) => {
    const [was, is] = [old.get(what) ?? null, now.get(what) ?? null];
    return was === is ? [] : [{ what, before: was, after: is }];
  });
}

function subtract(from: readonly string[], other: readonly string[]): string[] {
  const known = new Set(other);
  return from.filter((item) => !known.has(item)).sort();
}

function factsOf(plan: HostPlan | undefined): Values {
  if (plan === undefined) return [];
  const { platform, arch, site, cluster, timeZone, stateVersion } = plan.host;
  return [
    ["platform", `${platform} (${arch})`],
    ["site", site.name],
    ["cluster", cluster],
    ["roles", rolesOf(plan).join(", ") || undefined],
    ["Nomad datacenter", plan.nomad?.datacenter],
    ["time zone", timeZone],
    [STATE_VERSION, stateVersion],
  ];
}

function addressesOf(plan: HostPlan | undefined): Values {
  if (plan === undefined) return [];
  const { ipv4, ipv6, gateway4, gateway6, lan, public4, public6 } = plan.host.address;
  return [
    ["mesh address", plan.mesh.ip],
    ["mesh MTU", String(plan.mesh.mtu)],
    ["IPv4", ipv4?.toString()],
    ["IPv4 gateway", gateway4],
    ["IPv6", ipv6?.toString()],
    ["IPv6 gateway", gateway6],
    ["LAN address", lan],
    ["public IPv4", public4],
    ["public IPv6", public6],
  ];
}

function keysOf(plan: HostPlan | undefined): Values {
  if (plan === undefined) return [];
  return [
    ["WireGuard public key", plan.mesh.publicKey ?? undefined],
    ["age recipient", plan.age ?? undefined],
  ];
}

/** The tunnels of a host by interface and peer; a peer on the main interface is called by its name alone. */
function peersOf(plan: HostPlan | undefined): Map<string, MeshPeer> {
  const peers = plan?.mesh.interfaces.flatMap(({ kind, name, peers }) =>
    peers.map((peer) => [kind === "direct" ? peer.name : `${peer.name} on ${name}`, peer] as const),
  );
  return new Map(peers);
}

function endpointsOf(peers: ReadonlyMap<string, MeshPeer>, common: ReadonlySet<string>): Values {
  return [...peers].flatMap(([name, { endpoint }]) =>
    common.has(name) ? [[name, endpoint && formatEndpoint(endpoint)] as const] : [],
  );
}

/** What lies behind peers that stay: allowed IPs beside the peer's own address. */
function behindOf(peers: ReadonlyMap<string, MeshPeer>, common: ReadonlySet<string>, names: NamesByAddress): string[] {
  return [...peers].flatMap(([name, peer]) =>
    common.has(name)
      ? peer.allowedIps.slice(1).map((cidr) => `${names.get(cidr.replace(/\/(32|128)$/, "")) ?? cidr} behind ${name}`)
      : [],
  );
}

function portsOf(plan: HostPlan | undefined): string[] {
  if (plan === undefined) return [];
  return openPortsOf(plan).flatMap(({ from, tcp, udp }) => [
    ...tcp.map((port) => `${from} tcp ${port}`),
    ...udp.map((port) => `${from} udp ${port}`),
  ]);
}

/**
 * Everything but units and files.
 * @param before missing for a new host
 * @param after missing for one that goes
 */
export function compareHostPlans(
  before: HostPlan | undefined,
  after: HostPlan | undefined,
  names: NamesByAddress,
): Omit<HostChange, "name" | "kind" | "units" | "files"> {
  const [old, now] = [peersOf(before), peersOf(after)];
  const common = new Set([...old.keys()].filter((name) => now.has(name)));
  const [behindBefore, behindAfter] = [behindOf(old, common, names), behindOf(now, common, names)];
  const [portsBefore, portsAfter] = [portsOf(before), portsOf(after)];
  return {
    facts: compareValues(factsOf(before), factsOf(after)),
    addresses: compareValues(addressesOf(before), addressesOf(after)),
    peersGained: subtract([...now.keys()], [...old.keys()]),
    peersLost: subtract([...old.keys()], [...now.keys()]),
    behindGained: subtract(behindAfter, behindBefore),
    behindLost: subtract(behindBefore, behindAfter),
    endpoints: compareValues(endpointsOf(old, common), endpointsOf(now, common)),
    opened: subtract(portsAfter, portsBefore),
    closed: subtract(portsBefore, portsAfter),
    keys: compareValues(keysOf(before), keysOf(after)),
  };
}
