import type { Cable, CableEnd, Conditions, NamespaceName } from "../../spec.js";
import { mustSucceed, run } from "../command.js";
import { groupBy } from "../group.js";
import type { Kernel } from "../kernel.js";
import { applySteps } from "../steps.js";
import { LineProgram } from "./line.js";

/** Cables between namespaces: pairs of veth devices, delayed by netem where they are lines of the internet. */

/** A process in a namespace. */
export type PidOf = (namespace: NamespaceName) => number;

/** Packets that netem holds at most; its default of 1,000 would drop what a fast line carries while they are delayed. */
const QUEUE = 100_000;

function netemOf({ delayMs, lossPercent, rateMbit }: Conditions): string {
  const rate = rateMbit === null ? "" : ` rate ${rateMbit}mbit`;
  return `netem limit ${QUEUE} delay ${delayMs}ms loss ${lossPercent}%${rate}`;
}

function describeEnd({ device, mac }: CableEnd, mtu: number, pid: number): string {
  return `name ${device} mtu ${mtu}${mac === undefined ? "" : ` address ${mac}`} netns ${pid}`;
}

/** All cables of a lab. A cable goes when one of its namespaces does, since the kernel takes both ends with either. */
export class Cables {
  readonly #byName = new Map<string, Cable>();
  #program: LineProgram | null = null;

  constructor(
    private readonly lines: Kernel["lines"],
    private readonly pidOf: PidOf,
  ) {}

  /** Lays cables and takes their ends up. Those that lie already, from before one of their namespaces ended, are laid anew. */
  async plug(cables: readonly Cable[]): Promise<void> {
    for (const cable of cables) this.#byName.set(cable.name, cable);
    const carried = this.lines === "netem" ? [] : cables.filter(({ conditions }) => conditions !== undefined);
    const paired = cables.filter((cable) => !carried.includes(cable));
    await Promise.all([this.#pair(paired), ...carried.map((cable) => this.#carry(cable))]);
  }

  /** Makes a line as slow as said from now on. */
  async change(name: string, conditions: Conditions): Promise<void> {
    const cable = this.#byName.get(name);
    if (cable === undefined) throw new Error(`there is no line ${name}`);
    if (this.lines === "meshflake-line") return this.#program?.set(name, conditions);
    await Promise.all(cable.ends.map((end) => this.#delay(end, conditions)));
  }

  /** The cables of a namespace. */
  of(namespace: NamespaceName): Cable[] {
    return [...this.#byName.values()].filter(({ ends }) => ends.some((end) => end.namespace === namespace));
  }

  /** Ends the program that carries packets, if there is one. */
  end(): void {
    this.#program?.end();
  }

  async #pair(cables: readonly Cable[]): Promise<void> {
    if (cables.length === 0) return;
    const lines = cables.map(({ ends: [a, b], mtu }) => {
      const [first, second] = [
        describeEnd(a, mtu, this.pidOf(a.namespace)),
        describeEnd(b, mtu, this.pidOf(b.namespace)),
      ];
      return `link add ${first} type veth peer ${second}`;
    });
    mustSucceed("laying cables", await run(["ip", "-batch", "-"], { input: lines.join("\n") }));
    await this.#takeUp(cables.flatMap(({ ends }) => ends));
    const delayed = cables.flatMap(({ ends, conditions }) =>
      conditions ? ends.map((end) => ({ end, conditions })) : [],
    );
    await Promise.all(delayed.map(({ end, conditions }) => this.#delay(end, conditions)));
  }

  /** Plugs ends into their bridges, one process a namespace. */
  async #takeUp(ends: readonly CableEnd[]): Promise<void> {
    const byNamespace = groupBy(ends, ({ namespace }) => namespace);
    await Promise.all(
      [...byNamespace].map(([namespace, own]) => {
        const ip = own.map(({ device, bridge }) => `link set dev ${device}${bridge ? ` master ${bridge}` : ""} up`);
        return applySteps(`plugging cables into ${namespace}`, this.pidOf(namespace), { ip });
      }),
    );
  }

  async #carry({ name, mtu, ends, conditions }: Cable): Promise<void> {
    if (conditions === undefined) return;
    this.#program ??= new LineProgram();
    const carried = ends.map(({ namespace, device }) => ({ pid: this.pidOf(namespace), device }));
    await this.#program.add({ name, mtu, ends: carried, ...conditions });
  }

  async #delay({ namespace, device }: CableEnd, conditions: Conditions): Promise<void> {
    const tc = [`qdisc replace dev ${device} root ${netemOf(conditions)}`];
    await applySteps(`slowing ${device} of ${namespace}`, this.pidOf(namespace), { tc });
  }
}
