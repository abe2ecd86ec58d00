import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Daemon, readJson } from "../../observe/clusters/ask.js";
import { textOf } from "../../observe/json.js";
import type { ClusterSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { ANSWER_MS, Watching } from "../harness/watching.js";
import { judgeBack, judgeHeld } from "../judge/outage.js";
import type { Failure } from "../report.js";
import { Writing } from "./writing.js";

/** A host dies: what becomes of the others. */

/** Seconds, as the project promises them. */
export const BACK_SECONDS = 10;
export const LEADER_SECONDS = 15;
/** How long WireGuard, Serf and Raft may take to be whole again once the host is back. */
const WHOLE_SECONDS = 120;

/** What became of the others. */
export interface VictimResult {
  /** Seconds until the slowest remaining pair was back. */
  readonly slowestPair: number;
  /** Seconds until all remaining servers agreed on a leader that lives. */
  readonly leader: number;
  readonly writes: number;
  readonly connections: number;
  readonly failures: readonly Failure[];
}

/**
 * Kills a host, and starts it again in the end.
 * @param voter whether the cluster must go on without it: it is one of three voters or more
 */
export async function killHost(
  harness: Harness,
  spec: LabSpec,
  cluster: ClusterSpec,
  victim: string,
  voter: boolean,
): Promise<VictimResult> {
  const after = `${victim} died`;
  const watching = await Watching.begin(harness, spec, cluster, victim);
  const writer = voter ? await Writing.begin(harness, spec, cluster, victim) : null;
  harness.dropAgent(victim);
  harness.step(`${cluster.name}: ${victim} dies`);
  const since = Date.now();
  await harness.break({ kind: "kill", host: victim });
  const leader = voter ? await waitForLeaders(harness, spec, cluster, victim, since) : { seconds: 0, failures: [] };
  const ledAt = Date.now();
  await harness.pass(BACK_SECONDS, since);
  await sleep(ANSWER_MS);
  const until = Date.now();
  await sleep(ANSWER_MS);
  const limit = BACK_SECONDS * harness.options.patience;
  const stalls = await harness.options.stalls();
  const back = judgeBack(await watching.pulses(), { since, until, limit, after, stalls });
  const held = [...(await watching.heldSince(until, BACK_SECONDS))];
  const broken = held.flatMap(([from, now]) => judgeHeld(from, now, until, after));
  const expectation = { since: ledAt, after };
  const written = (await writer?.end(expectation, LEADER_SECONDS)) ?? { writes: 0, failures: [] };
  watching.end();
  const missing = await revive(harness, victim);
  return {
    slowestPair: back.slowest,
    leader: leader.seconds,
    writes: written.writes,
    connections: held.flatMap(([, now]) => now).length,
    failures: [...back.failures, ...broken, ...leader.failures, ...written.failures, ...missing],
  };
}

/** Until all remaining servers name the same leader, and it is not the dead one. @param since when it died, in milliseconds since 1970 */
async function waitForLeaders(
  harness: Harness,
  spec: LabSpec,
  cluster: ClusterSpec,
  victim: string,
  since: number,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  const dead = spec.hosts.find(({ name }) => name === victim)?.meshIp ?? "";
  const entrances = await harness.entrances();
  const lacksOf = async (daemon: Daemon, servers: readonly string[]) => {
    const asked = entrances.filter(({ name }) => servers.includes(name) && name !== victim);
    const leaders = await Promise.all(
      asked.map(async ({ pid }) => {
        const [answer] = await ask(pid, daemon, [{ path: "status/leader" }], { timeoutMs: 1_000 });
        return (readJson(answer, textOf) ?? "").replace(/:\d+$/, "");
      }),
    );
    const [first = ""] = leaders;
    const agreed = leaders.every((leader) => leader === first) && first !== "" && first !== dead;
    return agreed || servers.length < 3 || !servers.includes(victim) ? [] : [`${daemon}: ${leaders.join(", ")}`];
  };
  const lacks = async () => [
    ...(await lacksOf("consul", cluster.consulServers)),
    ...(await lacksOf("nomad", cluster.nomadServers)),
  ];
  const { afterMs, lacks: missing } = await harness.within(LEADER_SECONDS, lacks, { everyMs: 200, since });
  const failures = missing.map((seen) => ({
    expected: `${cluster.name}: a leader within ${LEADER_SECONDS * harness.options.patience} s after ${victim} died`,
    seen: `the remaining servers name as leaders: ${seen}`,
    look: "meshflake lab status",
  }));
  return { seconds: afterMs / 1_000, failures };
}

/** The next host must not die before everything is as it was. */
async function revive(harness: Harness, victim: string): Promise<Failure[]> {
  harness.step(`${victim} comes back`);
  await harness.heal({ kind: "kill", host: victim });
  const { lacks } = await harness.untilWhole(WHOLE_SECONDS);
  return lacks.map((seen) => ({
    expected: `all is as before within ${WHOLE_SECONDS * harness.options.patience} s after ${victim} came back`,
    seen,
    look: `meshflake lab logs ${victim}`,
  }));
}
