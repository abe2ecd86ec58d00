import { setTimeout as sleep } from "node:timers/promises";
import type { LabClient } from "../../client/client.js";
import { spawnIn } from "../../machine/enter.js";
import { observeCluster } from "../../observe/clusters/clusters.js";
import { lacksOf } from "../../observe/clusters/lacks.js";
import type { Entrance } from "../../observe/entrance.js";
import { observeReach } from "../../observe/links.js";
import { entrancesOf } from "../../observe/observe.js";
import { lacksOfUnits } from "../../observe/units.js";
import type { Fault, LabState, Remain } from "../../protocol.js";
import type { ClusterSpec, HostSpec, LabSpec, LinkSpec } from "../../spec.js";
import type { NamedTarget, Stall } from "../agent/protocol.js";
import { stalledBetween } from "../judge/stalls.js";
import type { Left } from "../remains/remains.js";
import { takeBack } from "../remains/take-back.js";
import { describeLeft } from "../remains/words.js";
import { Agent } from "./agent.js";
import { untilNothingLacks, type Waited, type WaitOptions } from "./wait.js";

/** Where agents echo: in the range that Nomad hands to jobs, and the mesh's firewall admits on every client. */
export const ECHO_PORT = 31_999;
/** Where the resolver answers on every host. */
const DNS_PORT = 53;
/** Seconds that a lab may take to be as before once everything is healed: WireGuard's handshakes and Serf's probes take their time. */
const RECOVERY_SECONDS = 120;

/** How checks are run. */
export interface HarnessOptions {
  /** Multiplies every time limit. */
  readonly patience: number;
  readonly rounds: number;
  readonly seed: number;
  /** The lab's own, where files of a check may lie: they go with it at the latest. */
  readonly folder: string;
  /** The program of the agents, and what Node needs to run it. */
  readonly agent: readonly string[];
  /** When this machine stood still so far: such times count against nobody. */
  readonly stalls: () => Promise<readonly Stall[]>;
  /** Tells what happens now. */
  readonly step: (text: string) => void;
}

/** What the checks have in common: the lab, agents in its namespaces, waiting, and healing in the end. */
export class Harness {
  private readonly agents = new Map<string, { pid: number; agent: Agent }>();

  constructor(
    readonly client: LabClient,
    readonly options: HarnessOptions,
  ) {}

  spec(): Promise<LabSpec> {
    return this.client.spec();
  }

  state(): Promise<LabState> {
    return this.client.state();
  }

  step(text: string): void {
    this.options.step(text);
  }

  /** A time limit in milliseconds, on a machine as slow as this one. */
  limit(seconds: number): number {
    return seconds * 1_000 * this.options.patience;
  }

  async entrances(): Promise<Entrance[]> {
    return entrancesOf(await this.state());
  }

  /** The first process of a host that is up. @throws Error where it is not */
  async pidOf(host: string): Promise<number> {
    const found = (await this.entrances()).find(({ name }) => name === host);
    if (found === undefined) throw new Error(`${host} is not up`);
    return found.pid;
  }

  /** An agent in a host's network namespace; the same one as long as the host runs. */
  async agentOn(host: string): Promise<Agent> {
    return this.agentAt(host, await this.pidOf(host));
  }

  /** An agent in the internet. */
  async agentOutside(): Promise<Agent> {
    return this.agentAt("internet", await this.pidOfNamespace("internet"));
  }

  /** @throws Error where the lab has no such namespace */
  async pidOfNamespace(name: string): Promise<number> {
    const pid = (await this.state()).namespaces[name];
    if (pid === undefined) throw new Error(`the lab has no namespace ${name}`);
    return pid;
  }

  /** A dead host's agent must not outlive it: it would keep the namespace. */
  dropAgent(host: string): void {
    this.agents.get(host)?.agent.kill();
    this.agents.delete(host);
  }

  dropAgents(): void {
    for (const host of [...this.agents.keys()]) this.dropAgent(host);
  }

  /** What all clusters lack, hosts that are off included, and units that do not run. */
  async lacks(): Promise<string[]> {
    const [spec, state] = await Promise.all([this.spec(), this.state()]);
    const entrances = entrancesOf(state);
    const all = await Promise.all(
      spec.clusters.map(async (cluster) => {
        const seen = await observeCluster(cluster, spec.hosts, within(cluster, entrances));
        return lacksOf(cluster, spec.hosts, seen);
      }),
    );
    return [...all.flat(), ...lacksOfUnits(state)];
  }

  /** Ordered pairs that are to reach each other and do not: `ari does not reach bianco`. */
  async lacksOfReach(): Promise<string[]> {
    const [spec, entrances] = await Promise.all([this.spec(), this.entrances()]);
    const all = await Promise.all(
      spec.clusters.map(async (cluster) => {
        const hosts = spec.hosts.filter((host) => host.cluster === cluster.name);
        const matrix = await observeReach(within(cluster, entrances), hosts, this.options.patience);
        return linkedPairs(cluster)
          .filter(([from, to]) => (matrix[from]?.[to] ?? null) === null)
          .map(([from, to]) => `${from} does not reach ${to}`);
      }),
    );
    return all.flat();
  }

  /** Milliseconds since a moment in which this machine stood still. @param since milliseconds since 1970 */
  async stalledSince(since: number): Promise<number> {
    return stalledBetween(await this.options.stalls(), since, Date.now());
  }

  /**
   * Looks until nothing lacks any more, or the time is over. Times in which the machine stood still do not count.
   * @param seconds the limit, on a machine that is not slow
   */
  within(
    seconds: number,
    lacks: () => Promise<readonly string[]>,
    options: Pick<WaitOptions, "everyMs" | "since"> = {},
  ): Promise<Waited> {
    const excused = (since: number) => this.stalledSince(since);
    return untilNothingLacks(lacks, { limitMs: this.limit(seconds), excused, ...options });
  }

  /** Sleeps until a time is over, beside times in which the machine stood still. @param since milliseconds since 1970 */
  async pass(seconds: number, since: number): Promise<void> {
    for (;;) {
      const left = since + this.limit(seconds) + (await this.stalledSince(since)) - Date.now();
      if (left <= 0) return;
      await sleep(left);
    }
  }

  /** Waits until every cluster is whole and all its pairs reach each other. */
  untilWhole(seconds: number): Promise<Waited> {
    return this.within(seconds, async () => [...(await this.lacks()), ...(await this.lacksOfReach())]);
  }

  /** Notes what a check is about to make: whatever becomes of the check, it is taken back. */
  making(...remains: readonly Remain[]): Promise<void> {
    return this.client.noteMade(remains);
  }

  /** Breaks something for as long as the check runs at most. */
  async break(fault: Fault): Promise<void> {
    await this.making({ kind: "fault", fault });
    await this.client.break(fault);
  }

  /** Heals what `break` broke. */
  async heal(fault: Extract<Fault, { kind: "cut" | "kill" }>): Promise<void> {
    await this.client.heal(fault);
    await this.client.noteGone([{ kind: "fault", fault }]);
  }

  /**
   * Takes back what a check has made.
   * @param remains @default everything that checks have made and not taken back
   * @returns what could not be; it stays noted
   */
  async takeBack(remains?: readonly Remain[]): Promise<readonly Left[]> {
    const { folder, patience, step } = this.options;
    const noted = remains ?? (await this.state()).test.remains;
    return takeBack(noted, { client: this.client, folder, patience, step, quietMs: 0 });
  }

  /** Takes everything back, heals everything and waits until the lab is as it was. @returns what it still lacks */
  async recover(): Promise<readonly string[]> {
    await this.client.heal({});
    const state = await this.state();
    for (const { name } of state.hosts.filter(({ state: is }) => is === "off")) await this.client.startHost(name);
    await this.takeBack();
    const { lacks } = await this.untilWhole(RECOVERY_SECONDS);
    // What needed a whole cluster has one now, if ever.
    const left = await this.takeBack();
    return [...lacks, ...left.map(describeLeft)];
  }

  private agentAt(name: string, pid: number): Agent {
    const known = this.agents.get(name);
    if (known?.pid === pid && known.agent.alive) return known.agent;
    this.dropAgent(name);
    const child = spawnIn(pid, this.options.agent, { stdio: ["pipe", "pipe", "inherit"] });
    const agent = new Agent(name, child);
    this.agents.set(name, { pid, agent });
    return agent;
  }
}

function within(cluster: ClusterSpec, entrances: readonly Entrance[]): Entrance[] {
  return entrances.filter(({ name }) => cluster.hosts.includes(name));
}

/** Both directions of every link that the plan promises. */
export function linkedPairs(cluster: ClusterSpec): (readonly [from: string, to: string, link: LinkSpec])[] {
  return cluster.links
    .filter(({ kind }) => kind === "direct" || kind === "relay")
    .flatMap((link) => [[link.a, link.b, link] as const, [link.b, link.a, link] as const]);
}

/** Nomad's clients admit its dynamic ports, so that an agent can echo there. */
export function echoes(host: HostSpec): boolean {
  return host.nomad?.client === true;
}

/** What is asked to see whether a host is there: an echo where the firewall admits one, the resolver elsewhere. */
export function targetOf(host: HostSpec): NamedTarget {
  return { name: host.name, address: host.meshIp, port: echoes(host) ? ECHO_PORT : DNS_PORT };
}

/** Starts echoes on all hosts that admit them and are up. */
export async function listenEverywhere(harness: Harness, hosts: readonly HostSpec[]): Promise<void> {
  const up = new Set((await harness.entrances()).map(({ name }) => name));
  await Promise.all(
    hosts
      .filter((host) => echoes(host) && up.has(host.name))
      .map(async (host) => {
        const agent = await harness.agentOn(host.name);
        await agent.order("listen", { address: host.meshIp, port: ECHO_PORT, protocols: ["tcp", "udp"] });
      }),
  );
}
