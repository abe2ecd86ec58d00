import { setTimeout as sleep } from "node:timers/promises";
import { Host, type HostSurroundings } from "../machine/host/host.js";
import { stopInOrder } from "../machine/host/order.js";
import type { Unit } from "../machine/host/unit.js";
import type { Kernel } from "../machine/kernel.js";
import { forEachLimited } from "../machine/parallel.js";
import type { Entrance } from "../observe/entrance.js";
import type { Fault, LabState, TestStatus } from "../protocol.js";
import type { Attachment, LabSpec } from "../spec.js";
import { LabError } from "./control/error.js";
import { Locks } from "./control/locks.js";
import { ProgressLog } from "./control/progress.js";
import { waitForClusters } from "./ready.js";
import type { LanResolvers } from "./world/lan-resolvers.js";
import type { Resolver } from "./world/resolver.js";
import { statusOfSite } from "./world/sites.js";
import { World } from "./world/world.js";

/** What a lab is started with. */
export interface LabParts {
  readonly spec: LabSpec;
  /** The repository. */
  readonly root: string;
  readonly kernel: Kernel;
  readonly resolver: Resolver;
  readonly lanResolvers: LanResolvers;
  readonly surroundings: Omit<HostSurroundings, "onState">;
}

/** Programs at the same time; two cores are not faster with more. */
const AT_ONCE = 4;

/** Milliseconds that the daemons of a host have to end, one after the other: a Nomad server without a leader takes five seconds. */
const SHUTDOWN_MS = 10_000;

/** Hosts with servers first: an election takes longest. */
function isServer({ spec }: Host): boolean {
  return spec.consul?.server === true || spec.nomad?.server === true;
}

/** A running lab: its world, its hosts, and how far it has come. */
export class Lab {
  readonly progress = new ProgressLog();
  readonly world: World;
  readonly #hosts = new Map<string, Host>();
  readonly #locks = new Locks();
  readonly #startedAt = Date.now();
  readonly #ending = new AbortController();
  #phase: LabState["phase"] = "starting";
  #failure: string | null = null;
  #readyAt: number | null = null;
  #spec: LabSpec;

  constructor(private readonly parts: LabParts) {
    this.#spec = parts.spec;
    this.world = new World(parts.spec.world, parts.kernel.lines, (host) => this.host(host).requirePid());
    for (const host of parts.spec.hosts) this.addHost(host);
  }

  /** As it runs now. */
  get spec(): LabSpec {
    return { ...this.#spec, world: this.world.spec };
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** @throws LabError where there is none */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host !== undefined) return host;
    throw new LabError(404, `the lab has no host ${name}`, `it has ${[...this.#hosts.keys()].join(", ")}`);
  }

  /** @throws LabError where the host has no such unit, or is off */
  requireUnit(name: string, unit: string): Unit {
    const found = this.host(name).units.find(({ spec }) => spec.name === unit);
    if (found !== undefined) return found;
    throw new LabError(404, `${name} runs no unit ${unit}`, `it is ${this.host(name).state}`);
  }

  /** Adds a host that is off. */
  addHost(spec: LabSpec["hosts"][number]): Host {
    const onState: HostSurroundings["onState"] = (host, state) => {
      this.parts.surroundings.note(`${host} is ${state}`);
      this.progress.add({ kind: "host", host, state });
    };
    const host = new Host(spec, { ...this.parts.surroundings, onState });
    this.#hosts.set(spec.name, host);
    return host;
  }

  /** Takes a host that is off out of the lab. */
  dropHost(name: string): void {
    this.#hosts.delete(name);
  }

  /** The fleet has become another one. */
  become(spec: LabSpec): void {
    this.#spec = spec;
    this.parts.resolver.update(this.world.spec);
    this.#answerOnLans();
  }

  /** Where a host is plugged in, as its site is now. */
  attachmentOf(host: string): Attachment {
    const all = this.world.spec.sites.flatMap(({ attachments }) => attachments);
    const found = all.find((one) => one.host === host);
    if (found === undefined) throw new Error(`${host} is plugged in nowhere`);
    return found;
  }

  /** Does something while nobody else changes the lab: one fault after the other, and no deployment meanwhile. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#locks.with(["", ...this.#hosts.keys()], work);
  }

  /** Does something with one host; others are switched on and off meanwhile. */
  withHost<Result>(host: string, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.with([host], work);
  }

  /** Boots everything and waits until the clusters are whole. Never throws: a lab that fails says so. */
  async start(): Promise<void> {
    try {
      await this.alone(() => this.#bootEverything());
      await this.#waitUntilReady();
    } catch (error) {
      if (this.#phase !== "ending") this.#fail(error);
    }
  }

  /** Switches hosts on: their places, then their networks, and last the daemons, so that those find each other. */
  async boot(hosts: readonly Host[]): Promise<void> {
    try {
      await this.#bootAll([...hosts.filter(isServer), ...hosts.filter((host) => !isServer(host))]);
    } catch (error) {
      // Half a host would be in the way of the next attempt.
      await Promise.all(hosts.filter(({ state }) => state === "booting").map((host) => this.cutPower(host)));
      throw error;
    }
  }

  /**
   * Power off. The cable goes first: the kernel says goodbye for connections whose processes are gone, and a machine without power
   * does not.
   */
  async cutPower(host: Host): Promise<void> {
    await this.world.unplug([host.spec.name]);
    await host.kill();
  }

  async #bootAll(ordered: readonly Host[]): Promise<void> {
    await forEachLimited(ordered, AT_ONCE, (host) => host.switchOn());
    await this.world.plugIn(ordered.map(({ spec }) => spec.name));
    await forEachLimited(ordered, AT_ONCE, (host) => host.configure(this.attachmentOf(host.spec.name)));
    for (const host of ordered) host.startUnits();
  }

  /** Shuts a host down in order. */
  async shutDown(host: Host): Promise<void> {
    const stopped = stopInOrder(host.units);
    await Promise.race([stopped, sleep(SHUTDOWN_MS, undefined, { ref: false })]);
    await this.cutPower(host);
  }

  /** Hosts that can be entered. */
  entrances(): Entrance[] {
    return this.hosts.flatMap(({ state, pid, spec }) =>
      state === "up" && pid !== null ? [{ name: spec.name, pid }] : [],
    );
  }

  state(faults: readonly Fault[], test: TestStatus): LabState {
    const { name, fleet, environment } = this.#spec;
    const { kernel, root } = this.parts;
    return {
      name,
      fleet,
      environment,
      root,
      phase: this.#phase,
      failure: this.#failure,
      startedAt: this.#startedAt,
      readyAt: this.#readyAt,
      hosts: this.hosts.map((host) => host.status()),
      faults,
      test,
      sites: this.world.spec.sites.map(statusOfSite),
      ...kernel,
      namespaces: this.world.namespaces,
    };
  }

  /** Everything ends at once; the kernel takes the rest with the lab's first process. */
  async end(): Promise<void> {
    this.#phase = "ending";
    this.#ending.abort();
    await Promise.all(this.hosts.map((host) => host.kill()));
    await this.world.end();
  }

  async #bootEverything(): Promise<void> {
    await this.world.raise();
    this.parts.resolver.start(this.world.pidOf("internet"), this.world.spec);
    this.#answerOnLans();
    this.progress.add({ kind: "world", sites: this.world.spec.sites.length });
    await this.boot(this.hosts);
  }

  #answerOnLans(): void {
    this.parts.lanResolvers.update(this.world.spec, (namespace) => this.world.pidOf(namespace));
  }

  async #waitUntilReady(): Promise<void> {
    await waitForClusters({
      spec: this.#spec,
      entrances: () => this.entrances(),
      onWaiting: (text) => this.progress.add({ kind: "waiting", text }),
      signal: this.#ending.signal,
    });
    if (this.#ending.signal.aborted) return;
    this.#phase = "ready";
    this.#readyAt = Date.now();
    const afterMs = this.#readyAt - this.#startedAt;
    this.parts.surroundings.note(`ready after ${afterMs} ms`);
    this.progress.add({ kind: "ready", afterMs });
  }

  #fail(error: unknown): void {
    this.#phase = "failed";
    this.#failure = error instanceof Error ? error.message : String(error);
    this.parts.surroundings.note(`failed: ${this.#failure}`);
    this.progress.add({ kind: "failed", message: this.#failure });
  }
}
