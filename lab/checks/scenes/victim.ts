import { ask, type Daemon, readJson } from "../../observe/ask.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import type { ClusterSpec, HostSpec, LabSpec } from "../../spec.js";
import type { WriterLog } from "../agent/protocol.js";
import type { Harness } from "../harness/harness.js";
import { pause, waitUntil } from "../harness/wait.js";
import { ANSWER_MS, Watching } from "../harness/watching.js";
import { judgeBack, judgeHeld, judgeWrites } from "../judge/outage.js";
import type { Failure } from "../report.js";

/** A host dies: what becomes of the others. */

/** Seconds, as the project promises them. */
export const BACK_SECONDS = 10;
export const LEADER_SECONDS = 15;
/** How long WireGuard, Serf and Raft may take to be whole again once the host is back. */
const WHOLE_SECONDS = 120;

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
  bench: Harness,
  spec: LabSpec,
  cluster: ClusterSpec,
  victim: string,
  voter: boolean,
): Promise<VictimResult> {
  const after = `${victim} died`;
  const watching = await Watching.begin(bench, spec, cluster, victim);
  const writer = voter ? writerOf(spec, cluster, victim) : null;
  const prefix = `meshflake-lab/writer-${victim}`;
  if (writer !== null) {
    await (await bench.agentOn(writer.name)).order("write", { prefix, token: cluster.tokens.consul });
    await pause(ANSWER_MS);
  }
  const before = await watching.held();
  bench.dropAgent(victim);
  bench.step(`${cluster.name}: ${victim} dies`);
  const since = Date.now();
  await bench.client.break({ kind: "kill", host: victim });
  const leader = voter ? await waitForLeaders(bench, spec, cluster, victim) : { seconds: 0, failures: [] };
  const rest = since + bench.limit(BACK_SECONDS) + ANSWER_MS - Date.now();
  await pause(Math.max(0, rest));
  const until = Date.now();
  await pause(ANSWER_MS);
  const limit = BACK_SECONDS * bench.options.patience;
  const back = judgeBack(await watching.pulses(), { since, until, limit, after });
  const held = [...(await watching.held())].map(([from, now]) => ({
    count: now.length,
    failures: judgeHeld(from, before.get(from) ?? [], now, after),
  }));
  const log = writer === null ? null : await (await bench.agentOn(writer.name)).order("written", {});
  const lost = writer === null || log === null ? [] : await readBack(bench, cluster, writer, prefix, log, after);
  watching.end();
  const broken = await revive(bench, victim);
  return {
    slowestPair: back.slowest,
    leader: leader.seconds,
    writes: log?.acknowledged.length ?? 0,
    connections: held.reduce((sum, { count }) => sum + count, 0),
    failures: [...back.failures, ...held.flatMap(({ failures }) => failures), ...leader.failures, ...lost, ...broken],
  };
}

/** A host with Consul that lives on, rather one that is no server: it has to find a server as any client has. */
function writerOf(spec: LabSpec, cluster: ClusterSpec, victim: string): HostSpec | null {
  const hosts = spec.hosts.filter(
    ({ name, cluster: own, consul }) => own === cluster.name && name !== victim && consul !== null,
  );
  return hosts.find(({ consul }) => consul?.server === false) ?? hosts[0] ?? null;
}

/** Until all remaining servers name the same leader, and it is not the dead one. */
async function waitForLeaders(
  bench: Harness,
  spec: LabSpec,
  cluster: ClusterSpec,
  victim: string,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  const dead = spec.hosts.find(({ name }) => name === victim)?.meshIp ?? "";
  const entrances = await bench.entrances();
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
  const { afterMs, lacks: missing } = await waitUntil(lacks, { limitMs: bench.limit(LEADER_SECONDS), everyMs: 200 });
  const failures = missing.map((seen) => ({
    expected: `${cluster.name}: a leader within ${LEADER_SECONDS * bench.options.patience} s after ${victim} died`,
    seen: `the remaining servers name as leaders: ${seen}`,
    look: "meshflake lab status",
  }));
  return { seconds: afterMs / 1_000, failures };
}

/** Reads every key of the writer back, and removes them. */
async function readBack(
  bench: Harness,
  cluster: ClusterSpec,
  writer: HostSpec,
  prefix: string,
  log: WriterLog,
  after: string,
): Promise<Failure[]> {
  const options = { token: cluster.tokens.consul };
  const pid = await bench.pidOf(writer.name);
  const path = `kv/${prefix}/?recurse`;
  const [answer] = await ask(pid, "consul", [{ path: `${path}&consistent` }], options);
  const entries = readJson(answer, listOf) ?? [];
  const kept = new Map(
    entries.map(fieldsOf).map(({ Key, Value }) => {
      const number = Number(textOf(Key).split("/").at(-1));
      return [number, Buffer.from(textOf(Value), "base64").toString()] as const;
    }),
  );
  await ask(pid, "consul", [{ path, method: "DELETE" }], options);
  return judgeWrites(log, kept, after);
}

/** The next host must not die before everything is as it was. */
async function revive(bench: Harness, victim: string): Promise<Failure[]> {
  bench.step(`${victim} comes back`);
  await bench.client.heal({ kind: "kill", host: victim });
  const { lacks } = await bench.untilWhole(WHOLE_SECONDS);
  return lacks.map((seen) => ({
    expected: `all is as before within ${WHOLE_SECONDS * bench.options.patience} s after ${victim} came back`,
    seen,
    look: `meshflake lab logs ${victim}`,
  }));
}
