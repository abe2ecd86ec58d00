import { Cables } from "../../machine/cable/cables.js";
import { runIn } from "../../machine/enter.js";
import { type Holder, holdNetwork } from "../../machine/holder.js";
import type { Kernel } from "../../machine/kernel.js";
import { forEachLimited } from "../../machine/parallel.js";
import { applySteps } from "../../machine/steps.js";
import type { Fault } from "../../protocol.js";
import type { Cable, Conditions, NamespaceName, Steps, WorldSpec } from "../../spec.js";
import { buildWorld, type Construction } from "../../world/build.js";
import { siteDifference } from "../../world/difference.js";
import { conditionsOf, faultSteps } from "../../world/faults.js";
import { renumber } from "../../world/renumber.js";

/** The world between the hosts as it runs: routers, the internet, cables, and what is wrong with them. */

/** Programs at the same time; two cores are not faster with more. */
const AT_ONCE = 4;

function isOfHost(namespace: NamespaceName): boolean {
  return namespace.startsWith("host:");
}

function touchesHost({ ends }: Cable): boolean {
  return ends.some(({ namespace }) => isOfHost(namespace));
}

/** The world of a lab. */
export class World {
  readonly #holders = new Map<NamespaceName, Holder>();
  readonly #cables: Cables;
  /** Cables between sites, and lines of `ip`: what was done once stays, also where no host needs it any more. */
  readonly #done = new Set<string>();
  /** Names of hosts' cables that lie: they are laid each time that a host is switched on. */
  readonly #plugged = new Set<string>();
  #conditions: ReadonlyMap<string, Conditions> = new Map();

  /** @param pidOfHost the first process of a host that is on */
  constructor(
    private specification: WorldSpec,
    lines: Kernel["lines"],
    private readonly pidOfHost: (host: string) => number,
  ) {
    this.#cables = new Cables(lines, (namespace) => this.pidOf(namespace));
  }

  get spec(): WorldSpec {
    return this.specification;
  }

  /** PIDs of the processes that hold the world's own namespaces. */
  get namespaces(): Record<string, number> {
    return Object.fromEntries([...this.#holders].map(([name, { pid }]) => [name, pid]));
  }

  /**
   * A process in a namespace.
   * @throws Error where there is none
   */
  pidOf(namespace: NamespaceName): number {
    if (isOfHost(namespace)) return this.pidOfHost(namespace.slice("host:".length));
    const holder = this.#holders.get(namespace);
    if (holder === undefined) throw new Error(`the lab has no namespace ${namespace}`);
    return holder.pid;
  }

  /** Makes everything but the hosts and their cables. */
  async raise(): Promise<void> {
    this.#conditions = conditionsOf(this.spec, []);
    await this.#build(buildWorld(this.spec));
  }

  /** Lays the cables of hosts that have just been switched on. */
  async plugIn(hosts: readonly string[]): Promise<void> {
    await this.unplug(hosts);
    const cables = this.#cablesOf(hosts);
    await this.#cables.plug(cables);
    for (const { name } of cables) this.#plugged.add(name);
  }

  /** Takes the cables of hosts out. */
  async unplug(hosts: readonly string[]): Promise<void> {
    const cables = this.#cablesOf(hosts).filter(({ name }) => this.#plugged.delete(name));
    const ends = cables.flatMap(({ ends: both }) => both.filter(({ namespace }) => !isOfHost(namespace)));
    // One that went with its namespace is no error.
    await Promise.all(
      ends.map(({ namespace, device }) => runIn(this.pidOf(namespace), ["ip", "link", "delete", "dev", device])),
    );
  }

  /** Makes exactly these faults be there. */
  async suffer(faults: readonly Fault[]): Promise<void> {
    await this.#apply(faultSteps(this.spec, faults));
    const wanted = conditionsOf(this.spec, faults);
    const changed = [...wanted].filter(
      ([name, conditions]) => JSON.stringify(conditions) !== JSON.stringify(this.#conditions.get(name)),
    );
    // Where one cannot be changed, nobody knows how these lines are: the next attempt says so to each.
    const unchanged = [...wanted].filter(([name]) => !changed.some(([other]) => other === name));
    this.#conditions = new Map(unchanged);
    await Promise.all(changed.map(([name, conditions]) => this.#cables.change(name, conditions)));
    this.#conditions = wanted;
  }

  /** Gives a dynamic site its next address, or one of the next; the faults stay. */
  async renumber(site: string, faults: readonly Fault[], address?: string): Promise<void> {
    const { world, steps } = renumber(this.spec, site, address);
    this.specification = world;
    await this.#apply(steps);
    await this.#apply(faultSteps(world, faults));
  }

  /**
   * Makes what a fleet with more hosts needs beside them.
   * @param after planned from the world as it is, so that what was chosen for it stays
   */
  async grow(after: WorldSpec, faults: readonly Fault[]): Promise<void> {
    const difference = siteDifference(this.spec, after);
    this.specification = after;
    await this.#build(difference);
    this.#conditions = conditionsOf(after, []);
    await this.suffer(faults);
  }

  /** Ends everything. */
  async end(): Promise<void> {
    this.#cables.end();
    await Promise.all([...this.#holders.values()].map((holder) => holder.kill()));
  }

  #cablesOf(hosts: readonly string[]): readonly Cable[] {
    const names = new Set(hosts.map((host): NamespaceName => `host:${host}`));
    return buildWorld(this.spec).cables.filter(({ ends }) => ends.some(({ namespace }) => names.has(namespace)));
  }

  async #build(parts: Construction): Promise<void> {
    const names = parts.namespaces.filter((name) => !isOfHost(name) && !this.#holders.has(name));
    await forEachLimited(names, AT_ONCE, async (name) => {
      this.#holders.set(name, await holdNetwork(name));
    });
    await this.#cables.plug(parts.cables.filter((cable) => !touchesHost(cable) && this.#isNew(JSON.stringify(cable))));
    const isNewIn = (namespace: string) => (line: string) => this.#isNew(`${namespace} ${line}`);
    await this.#apply(parts.steps.map(({ ip = [], ...rest }) => ({ ...rest, ip: ip.filter(isNewIn(rest.namespace)) })));
  }

  /** Whether something is done for the first time. */
  #isNew(what: string): boolean {
    const isNew = !this.#done.has(what);
    this.#done.add(what);
    return isNew;
  }

  /** Namespaces at the same time, the steps of each in their order. */
  async #apply(all: readonly Steps[]): Promise<void> {
    const names = [...new Set(all.map(({ namespace }) => namespace))];
    await forEachLimited(names, AT_ONCE, async (name) => {
      for (const { namespace, ...work } of all) {
        if (namespace === name) await applySteps(`setting up ${name}`, this.pidOf(name), work);
      }
    });
  }
}
