import { pingAll } from "../../observe/ping.js";
import type { ClusterSpec, HostSpec, LabSpec, LinkSpec } from "../../spec.js";
import type { Check } from "../check.js";
import { type Harness, listenEverywhere, targetOf } from "../harness/harness.js";
import { judgePair, judgeSeparate, type PairSeen, type StrangerSeen } from "../judge/reach.js";
import { type Failure, verdictOf } from "../report.js";

/** Bytes of the large packet: what the issue of a mesh's MTU shows, and every uplink of 1,500 bytes leaves room for. */
const LARGE_BYTES = 1_400;
/** Bytes of an IPv4 and an ICMP header, which `ping -s` does not count. */
const HEADERS = 28;
/** Linux tells a host that its packets ran out of hops once a second, after a burst of six (`icmp_ratelimit`). */
const HOP_ROUNDS = 6;
const ANSWER_SECONDS = 2;

export const reach: Check = {
  name: "reach",
  title: "Every pair of a mesh reaches the other over the path that the plan promises, and no other pair does",
  async run(harness) {
    const spec = await harness.spec();
    await listenEverywhere(harness, spec.hosts);
    const failures: Failure[] = [];
    let pairs = 0;
    const slowest: number[] = [];
    for (const cluster of spec.clusters) {
      harness.step(`${cluster.name}: every pair by ping, TCP and a large packet, and its path`);
      const hosts = spec.hosts.filter((host) => host.cluster === cluster.name);
      const seen = (await Promise.all(hosts.map((host) => seeFrom(harness, host, hosts, cluster)))).flat();
      pairs += seen.length;
      slowest.push(...seen.flatMap(({ ping }) => ping ?? []));
      failures.push(...judgeCluster(cluster, hosts, seen));
    }
    harness.step("pairs of different clusters");
    const strangers = (await Promise.all(spec.hosts.map((host) => seeStrangers(harness, spec, host)))).flat();
    failures.push(...strangers.flatMap((one) => judgeSeparate(one, "nothing, as they are in different clusters")));
    return verdictOf(
      [
        { name: "ordered pairs of a mesh", value: pairs, unit: "pairs" },
        { name: "of them without a path", value: countPairs(spec, "none"), unit: "pairs" },
        { name: "of them with a path to come", value: countPairs(spec, "pending"), unit: "pairs" },
        { name: "ordered pairs of different meshes", value: strangers.length, unit: "pairs" },
        { name: "slowest round trip", value: Math.max(0, ...slowest), unit: "ms" },
      ],
      failures,
    );
  },
};

function largeBytes(cluster: ClusterSpec): number {
  return Math.min(LARGE_BYTES, cluster.mtu);
}

/** Exported for the tests. */
export function judgeCluster(cluster: ClusterSpec, hosts: readonly HostSpec[], seen: readonly PairSeen[]): Failure[] {
  const addresses = new Map(hosts.map(({ name, meshIp }) => [name, meshIp]));
  return seen.flatMap((pair) => {
    const link = linkOf(cluster, pair.from, pair.to);
    if (link === undefined) return [unplanned(pair)];
    return judgePair(pair, { link, bytes: largeBytes(cluster), addresses });
  });
}

/** A pair that nobody promises anything about would pass whatever it does. */
function unplanned({ from, to }: PairSeen): Failure {
  return {
    expected: `${from} to ${to}: the plan says what path there is`,
    seen: "nothing",
    look: "meshflake plan",
  };
}

/** How many ordered pairs the plan gives no path yet, or never. */
function countPairs(spec: LabSpec, kind: LinkSpec["kind"]): number {
  return 2 * spec.clusters.flatMap(({ links }) => links).filter((link) => link.kind === kind).length;
}

function linkOf(cluster: ClusterSpec, a: string, b: string): LinkSpec | undefined {
  return cluster.links.find((link) => (link.a === a && link.b === b) || (link.a === b && link.b === a));
}

/** What one host sees of all others of its cluster. */
async function seeFrom(
  harness: Harness,
  from: HostSpec,
  hosts: readonly HostSpec[],
  cluster: ClusterSpec,
): Promise<PairSeen[]> {
  const others = hosts.filter(({ name }) => name !== from.name);
  const addresses = others.map(({ meshIp }) => meshIp);
  const pid = await harness.pidOf(from.name);
  const agent = await harness.agentOn(from.name);
  const seconds = ANSWER_SECONDS * harness.options.patience;
  const flags = ["-M", "do", "-s", String(largeBytes(cluster) - HEADERS)];
  const pings = await pingAll(pid, addresses, { seconds });
  const large = await pingAll(pid, addresses, { seconds, flags });
  const hops = await firstHops(pid, addresses, seconds);
  const timeoutMs = harness.limit(ANSWER_SECONDS);
  const tcp = await agent.order("probe", { protocol: "tcp", targets: others.map(targetOf), timeoutMs });
  return others.map(({ name, meshIp }, index) => ({
    from: from.name,
    to: name,
    ping: pings.get(meshIp)?.ms ?? null,
    large: large.get(meshIp)?.ms ?? null,
    tcp: tcp[index] ?? null,
    firstHop: hops.get(meshIp) ?? null,
  }));
}

/**
 * Who takes a packet that may go one hop: the address itself answers where the path is direct, and a relay says that the packet's time to
 * live is over. That proves the path in a way that no table of routes does, since it is the packet that took it.
 */
async function firstHops(pid: number, addresses: readonly string[], seconds: number): Promise<Map<string, string>> {
  const hops = new Map<string, string>();
  for (let round = 0; round < HOP_ROUNDS; round++) {
    const rest = addresses.filter((address) => !hops.has(address));
    for (const [address, { ms, stoppedBy }] of await pingAll(pid, rest, { seconds, flags: ["-t", "1"] })) {
      const hop = ms === null ? stoppedBy : address;
      if (hop !== null) hops.set(address, hop);
    }
  }
  return hops;
}

/** What one host sees of hosts of other clusters. Their echoes and resolvers answer their own clusters, as was seen before. */
async function seeStrangers(harness: Harness, spec: LabSpec, from: HostSpec): Promise<StrangerSeen[]> {
  const strangers = spec.hosts.filter(({ cluster }) => cluster !== from.cluster);
  if (strangers.length === 0) return [];
  const pings = await pingAll(
    await harness.pidOf(from.name),
    strangers.map(({ meshIp }) => meshIp),
  );
  const agent = await harness.agentOn(from.name);
  const asked = { targets: strangers.map(targetOf), timeoutMs: harness.limit(1) };
  const tcp = await agent.order("probe", { protocol: "tcp", ...asked });
  const udp = await agent.order("probe", { protocol: "udp", ...asked });
  return strangers.map(({ name, meshIp }, index) => ({
    from: from.name,
    to: name,
    ping: pings.get(meshIp)?.ms ?? null,
    tcp: tcp[index] ?? null,
    udp: udp[index] ?? null,
  }));
}
