import { setTimeout as sleep } from "node:timers/promises";
import { observeCluster } from "../observe/clusters.js";
import type { Entrance } from "../observe/entrance.js";
import { lacksOf } from "../observe/lacks.js";
import type { LabSpec } from "../spec.js";

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

/** Waits until every cluster is whole: leaders, all members alive, all voters, all clients ready. Ends early with the signal. */
export async function waitForClusters({ spec, entrances, onWaiting, signal }: ReadyOptions): Promise<void> {
  let waiting = [...spec.clusters];
  let told = "";
  while (!signal.aborted) {
    const lacks = await Promise.all(
      waiting.map(async (cluster) => {
        const hosts = entrances().filter(({ name }) => cluster.hosts.includes(name));
        return lacksOf(cluster, spec.hosts, await observeCluster(cluster, spec.hosts, hosts));
      }),
    );
    waiting = waiting.filter((_, index) => lacks[index]?.length !== 0);
    const [text] = lacks.flat();
    if (text === undefined) return;
    if (text !== told) onWaiting(text);
    told = text;
    await sleep(POLL_MS);
  }
}
