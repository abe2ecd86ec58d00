import type { ClusterSpec, LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { type Fact, type Failure, notApplicable, verdictOf } from "../report.js";
import { cutSite } from "../scenes/cut.js";
import { killHost, type VictimResult } from "../scenes/victim.js";

/** Fewer voters than this have no majority without one of them. */
const VOTERS_TO_SPARE = 3;

export const failover: Check = {
  name: "failover",
  title: "No single point of failure: relays, voters and sites go one by one, and nothing else does",
  async run(harness) {
    const spec = await harness.spec();
    const victims = spec.clusters.flatMap((cluster) => victimsOf(cluster).map((victim) => ({ cluster, ...victim })));
    const results: VictimResult[] = [];
    for (const { cluster, name, voter } of victims) {
      results.push(await killHost(harness, spec, cluster, name, voter));
    }
    const cuts = await cutEverySite(harness, spec);
    if (victims.length === 0 && cuts.times.length === 0) {
      return notApplicable("no two relays, no three voters, and no site with a link to another");
    }
    const failures = [...results.flatMap((result) => result.failures), ...cuts.failures];
    return verdictOf([...factsOf(results), ...factsOfCuts(cuts.times)], failures, leftOut(spec));
  },
};

/** Hosts that the cluster must go on without, each once: one of two relays or more, one of three voters or more. */
export function victimsOf(cluster: ClusterSpec): { readonly name: string; readonly voter: boolean }[] {
  const voters = new Set(
    [cluster.consulServers, cluster.nomadServers].flatMap((servers) =>
      servers.length >= VOTERS_TO_SPARE ? servers : [],
    ),
  );
  const relays = cluster.relays.length >= 2 ? cluster.relays : [];
  return [...new Set([...relays, ...voters])].sort().map((name) => ({ name, voter: voters.has(name) }));
}

/** What of the promise does not apply, in words; nothing where all of it does. */
function leftOut(spec: LabSpec): string | undefined {
  const few = spec.clusters.flatMap(({ name, relays, consulServers }) => [
    ...(relays.length >= 2 ? [] : [`${name} has ${relays.length} relays`]),
    ...(consulServers.length >= VOTERS_TO_SPARE ? [] : [`${name} has ${consulServers.length} voters`]),
  ]);
  return few.length === 0 ? undefined : few.join("; ");
}

async function cutEverySite(
  harness: Harness,
  spec: LabSpec,
): Promise<{ readonly times: readonly number[]; readonly failures: Failure[] }> {
  const times: number[] = [];
  const failures: Failure[] = [];
  for (const site of new Set(spec.hosts.map((host) => host.site))) {
    const cut = await cutSite(harness, spec, site);
    if (cut.seconds !== null) times.push(cut.seconds);
    failures.push(...cut.failures);
  }
  return { times, failures };
}

function factsOf(results: readonly VictimResult[]): Fact[] {
  if (results.length === 0) return [];
  const most = (pick: (result: VictimResult) => number) => Math.max(...results.map(pick));
  const sum = (pick: (result: VictimResult) => number) => results.reduce((all, result) => all + pick(result), 0);
  return [
    { name: "hosts killed", value: results.length, unit: "hosts" },
    { name: "slowest pair back", value: most(({ slowestPair }) => slowestPair), unit: "s" },
    { name: "slowest leader", value: most(({ leader }) => leader), unit: "s" },
    { name: "acknowledged writes read back", value: sum(({ writes }) => writes), unit: "writes" },
    { name: "TCP connections that lived on", value: sum(({ connections }) => connections), unit: "connections" },
  ];
}

function factsOfCuts(times: readonly number[]): Fact[] {
  if (times.length === 0) return [];
  return [
    { name: "sites cut off", value: times.length, unit: "sites" },
    { name: "slowest site back", value: Math.max(...times), unit: "s" },
  ];
}
