import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { ANSWER_MS, Watching } from "../harness/watching.js";
import { countAnswers, type PairPulse } from "../judge/outage.js";
import { judgeRestarts } from "../judge/restarts.js";
import type { Failure } from "../report.js";

/** A site is cut off from the world, and comes back. */

export const REJOIN_SECONDS = 60;
/** Longer than Serf needs to take a member for failed (some 10 s in a cluster of this size), and Raft to lose a leader. */
const CUT_SECONDS = 20;

/** What a cut did. */
export interface CutResult {
  /** Seconds after the site was back until all was as before; null where it has nobody outside to lose. */
  readonly seconds: number | null;
  readonly failures: readonly Failure[];
}

/** Links between the site's hosts and others. */
function crossing(spec: LabSpec, site: string): ReadonlySet<string> {
  const at = new Map(spec.hosts.map((host) => [host.name, host.site]));
  return new Set(
    spec.clusters
      .flatMap(({ links }) => links)
      .filter(({ kind }) => kind === "direct" || kind === "relay")
      .filter(({ a, b }) => (at.get(a) === site) !== (at.get(b) === site))
      .flatMap(({ a, b }) => [`${a} ${b}`, `${b} ${a}`]),
  );
}

/** Cuts a site off, and lets it come back. */
export async function cutSite(harness: Harness, spec: LabSpec, site: string): Promise<CutResult> {
  const across = crossing(spec, site);
  if (across.size === 0) return { seconds: null, failures: [] };
  const clusters = spec.clusters.filter((cluster) => isTouched(cluster, across));
  // One agent has one watch, and a host has one cluster.
  const watches = await Promise.all(clusters.map((cluster) => Watching.begin(harness, spec, cluster)));
  const before = await harness.state();
  harness.step(`the site ${site} is cut off for ${CUT_SECONDS} s`);
  await harness.break({ kind: "cut", site });
  const since = Date.now();
  await sleep(CUT_SECONDS * 1_000);
  const until = Date.now() - ANSWER_MS;
  const pulses = (await Promise.all(watches.map((watching) => watching.pulses()))).flat();
  for (const watching of watches) watching.end();
  harness.step(`the site ${site} is back`);
  await harness.heal({ kind: "cut", site });
  const { afterMs, lacks } = await harness.untilWhole(REJOIN_SECONDS);
  const slow = lacks.map((seen) => ({
    expected: `all is as before within ${REJOIN_SECONDS * harness.options.patience} s after ${site} was back`,
    seen,
    look: "meshflake lab status",
  }));
  const restarted = judgeRestarts(spec, before, await harness.state(), `the site ${site} was cut off`);
  const uncut = judgeCut(pulses, across, since + ANSWER_MS, until, site);
  return { seconds: afterMs / 1_000, failures: [...uncut, ...slow, ...restarted] };
}

function isTouched({ hosts }: ClusterSpec, across: ReadonlySet<string>): boolean {
  return [...across].some((pair) => hosts.includes(pair.split(" ")[0] ?? ""));
}

/** A cut that lets anything through shows nothing. Exported for the tests. */
export function judgeCut(
  pulses: readonly PairPulse[],
  across: ReadonlySet<string>,
  since: number,
  until: number,
  site: string,
): Failure[] {
  return pulses
    .filter(({ from, name }) => across.has(`${from} ${name}`))
    .map((pulse) => ({ ...pulse, ...countAnswers(pulse.samples, since, until) }))
    .filter(({ asked, answered }) => asked === 0 || answered > 0)
    .map(({ from, name, asked, answered }) => ({
      expected: `${from} to ${name}: away all the time while ${site} is cut off`,
      seen: asked === 0 ? "nothing was asked" : `${answered} of ${asked} queries were answered`,
      look: "meshflake lab status",
    }));
}
