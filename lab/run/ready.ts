import { setTimeout as sleep } from "node:timers/promises";
import { observeCluster } from "../observe/clusters/clusters.js";
import { lacksOf } from "../observe/clusters/lacks.js";
import type { Entrance } from "../observe/entrance.js";
import { lacksOfNodeNames } from "../observe/names/node-names.js";
import type { ClusterSpec, LabSpec } from "../spec.js";

/** Milliseconds between two questions. */
const POLL_MS = 250;

/** What is waited for, and who is told meanwhile. */
export interface ReadyOptions {
  readonly spec: LabSpec;
  /** Hosts that are up at this moment. */
  readonly entrances: () => readonly Entrance[];
  /** What is missing, whenever that changes. */
  readonly onWaiting: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Names come last: an Unbound that asks a Consul without a leader would have to be waited for. */
async function lacksOfStart(
  cluster: ClusterSpec,
  spec: LabSpec,
  entrances: readonly Entrance[],
): Promise<readonly string[]> {
  const own = entrances.filter(({ name }) => cluster.hosts.includes(name));
  const lacks = lacksOf(cluster, spec.hosts, await observeCluster(cluster, spec.hosts, own));
  return lacks.length > 0 ? lacks : lacksOfNodeNames(cluster, spec.hosts, own);
}

/**
 * Waits until every cluster is whole: leaders, all members alive, all voters, all clients ready, and every host knows Consul's names.
 * Ends early with the signal.
 */
export async function waitForClusters({ spec, entrances, onWaiting, signal }: ReadyOptions): Promise<void> {
  let waiting = [...spec.clusters];
  let told = "";
  while (!signal.aborted) {
    const lacks = await Promise.all(waiting.map((cluster) => lacksOfStart(cluster, spec, entrances())));
    waiting = waiting.filter((_, index) => lacks[index]?.length !== 0);
    const [text] = lacks.flat();
    if (text === undefined) return;
    if (text !== told) onWaiting(text);
    told = text;
    await sleep(POLL_MS);
  }
}
