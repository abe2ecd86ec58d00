import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterSpec, HostSpec, LabSpec } from "../../spec.js";
import type { HeldConnection } from "../agent/protocol.js";
import { livesSince, type PairPulse } from "../judge/outage.js";
import { echoes, type Harness, linkedPairs, listenEverywhere, targetOf } from "./harness.js";

/** Milliseconds between two looks at the same pair: fine enough for limits of seconds, and no load for the daemons. */
const EVERY_MS = 200;
/** What is needed to see that all is well before anything is broken. */
const BEFORE_MS = 1_000;
/** How old a query must be to count as lost: above any round trip of a lab, and waited for before judging. */
export const ANSWER_MS = 1_000;

/** All pairs of a cluster, looked at all the time; and TCP connections held open. */
export class Watching {
  private constructor(
    private readonly harness: Harness,
    private readonly hosts: readonly HostSpec[],
    private readonly holders: ReadonlySet<string>,
  ) {}

  /**
   * @param cluster whose pairs to watch
   * @param without a host that is going to die: nobody looks from it or at it
   */
  static async begin(harness: Harness, spec: LabSpec, cluster: ClusterSpec, without?: string): Promise<Watching> {
    const hosts = spec.hosts.filter((host) => host.cluster === cluster.name && host.name !== without);
    await listenEverywhere(harness, hosts);
    const byName = new Map(hosts.map((host) => [host.name, host]));
    const pairs = linkedPairs(cluster).flatMap(([from, to, link]) => {
      const target = byName.get(to);
      return target === undefined || !byName.has(from) ? [] : [{ from, link, target }];
    });
    await Promise.all(
      hosts.map(async ({ name }) => {
        const targets = pairs.filter(({ from }) => from === name).map(({ target }) => targetOf(target));
        await (await harness.agentOn(name)).order("watch", { targets, everyMs: EVERY_MS });
      }),
    );
    const holders = new Set<string>();
    for (const { from, link, target } of pairs) {
      // One connection a pair, and only where an echo answers.
      if (from !== link.a || !echoes(target)) continue;
      await (await harness.agentOn(from)).order("hold", targetOf(target));
      holders.add(from);
    }
    await sleep(BEFORE_MS);
    return new Watching(harness, hosts, holders);
  }

  /** Every ordered pair, from the beginning. */
  async pulses(): Promise<PairPulse[]> {
    const all = await Promise.all(
      this.hosts.map(async ({ name: from }) => {
        const pulses = await (await this.harness.agentOn(from)).order("watched", {});
        return pulses.map((pulse) => ({ ...pulse, from }));
      }),
    );
    return all.flat();
  }

  /** By the host that opened them. */
  async held(): Promise<ReadonlyMap<string, readonly HeldConnection[]>> {
    const all = await Promise.all(
      [...this.holders].map(
        async (name) => [name, await (await this.harness.agentOn(name)).order("held", {})] as const,
      ),
    );
    return new Map(all);
  }

  /**
   * What is held once something has come through every connection again, or has not in time: TCP sends again ever more rarely, so that
   * a connection may be silent for as long as the outage was.
   * @param since milliseconds since 1970
   * @param seconds how long to wait for that
   */
  async heldSince(since: number, seconds: number): Promise<ReadonlyMap<string, readonly HeldConnection[]>> {
    const silent = async () =>
      [...(await this.held()).values()].flat().filter((one) => one.ended === null && !livesSince(one, since));
    await this.harness.within(seconds, async () => (await silent()).map(({ name }) => name));
    return this.held();
  }

  /** Connections are closed with the agents that hold them. */
  end(): void {
    this.harness.dropAgents();
  }
}
