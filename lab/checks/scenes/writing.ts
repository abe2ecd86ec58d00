import { setTimeout as sleep } from "node:timers/promises";
import { ask, readJson } from "../../observe/clusters/ask.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import type { ClusterSpec, HostSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { judgeWrites, type WriteExpectation } from "../judge/outage.js";
import type { Failure } from "../report.js";

/** Milliseconds of writing before anything breaks. */
const BEFORE_MS = 1_000;

/** Somebody who counts in Consul's KV while others die, and reads back what was acknowledged. */
export class Writing {
  private constructor(
    private readonly harness: Harness,
    private readonly cluster: ClusterSpec,
    private readonly host: HostSpec,
    private readonly prefix: string,
  ) {}

  /** @returns null where the cluster has no Consul beside the victim */
  static async begin(harness: Harness, spec: LabSpec, cluster: ClusterSpec, victim: string): Promise<Writing | null> {
    const host = writerOf(spec, cluster, victim);
    if (host === null) return null;
    const prefix = `meshflake-lab/writer-${victim}`;
    await harness.making({ kind: "keys", cluster: cluster.name, prefix });
    await (await harness.agentOn(host.name)).order("write", { prefix, token: cluster.tokens.consul });
    await sleep(BEFORE_MS);
    return new Writing(harness, cluster, host, prefix);
  }

  /**
   * Stops once something was written since there is a leader, or was not in time; reads every key back and removes them.
   * @param seconds how long to wait for that
   */
  async end(
    expectation: WriteExpectation,
    seconds: number,
  ): Promise<{ readonly writes: number; readonly failures: readonly Failure[] }> {
    const agent = await this.harness.agentOn(this.host.name);
    const lacks = async () => {
      const { acknowledged } = await agent.order("writing", {});
      return acknowledged.some(({ at }) => at >= expectation.since) ? [] : ["no write since"];
    };
    await this.harness.within(seconds, lacks);
    const log = await agent.order("written", {});
    const options = { token: this.cluster.tokens.consul };
    const pid = await this.harness.pidOf(this.host.name);
    const [answer] = await ask(pid, "consul", [{ path: `kv/${this.prefix}/?recurse&consistent` }], options);
    const kept = readJson(answer, readKeys) ?? new Map<number, string>();
    await this.harness.takeBack([{ kind: "keys", cluster: this.cluster.name, prefix: this.prefix }]);
    return { writes: log.acknowledged.length, failures: judgeWrites(log, kept, expectation) };
  }
}

/** A host with Consul that lives on, rather one that is no server: it has to find a server as any client has. */
function writerOf(spec: LabSpec, cluster: ClusterSpec, victim: string): HostSpec | null {
  const hosts = spec.hosts.filter(
    ({ name, cluster: own, consul }) => own === cluster.name && name !== victim && consul !== null,
  );
  return hosts.find(({ consul }) => consul?.server === false) ?? hosts[0] ?? null;
}

/** Values by the number that their key ends with, from what Consul's KV answers. */
function readKeys(value: unknown): ReadonlyMap<number, string> {
  return new Map(
    listOf(value)
      .map(fieldsOf)
      .map(({ Key, Value }) => {
        const number = Number(textOf(Key).split("/").at(-1));
        return [number, Buffer.from(textOf(Value), "base64").toString()] as const;
      }),
  );
}
