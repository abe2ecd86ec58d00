import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FleetPlan } from "../../../generators/plan/types.js";
import { viewFleet } from "../../../generators/render/views/fleet.js";
import { readNetworkd } from "../../../lab/host/networkd.js";
import { type CommandResult, run } from "../../../lab/machine/command.js";
import { runIn, spawnIn } from "../../../lab/machine/enter.js";
import { type Holder, holdNetwork } from "../../../lab/machine/holder.js";
import { type Kernel, probeKernel } from "../../../lab/machine/kernel.js";
import { applySteps } from "../../../lab/machine/steps.js";
import { World } from "../../../lab/run/world/world.js";
import type { NamespaceName, WorldSpec } from "../../../lab/spec.js";
import { type LineConditions, planWorld } from "../../../lab/world/plan.js";

/** Worlds of routers and cables that are really there, with hosts that have an address and nothing else. */

const PROBE = fileURLToPath(new URL("probe.mjs", import.meta.url));
/** Where `npm run lab:tools` puts what it builds. */
const TOOLS = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "meshflake/tools");
process.env.PATH = `${TOOLS}:${process.env.PATH}`;

/** What the internet answers on, for whoever wants to know how the world sees them. */
export const MIRROR = 7000;

/** Why no world can be raised here; null where one can. */
export async function lacks(): Promise<string | null> {
  const { code } = await run(["unshare", "--net", "true"]);
  if (code !== 0)
    return "these worlds are network namespaces without a user namespace around them, which takes root (sudo env PATH=$PATH HOME=$HOME npm run test:real)";
  if ((await probeKernel()).lines === "netem" || existsSync(join(TOOLS, "meshflake-line"))) return null;
  return "the kernel has no netem, and npm run lab:tools has not built meshflake-line";
}

export class RaisedWorld {
  private constructor(
    readonly world: World,
    private readonly holders: Map<string, Holder>,
  ) {}

  /**
   * Raises the world of a fleet, sets up its hosts as their units of networkd say, and lets the internet answer on `MIRROR`.
   */
  static async raise(plan: FleetPlan, conditions: LineConditions = {}): Promise<RaisedWorld> {
    const { lines } = await probeKernel();
    return RaisedWorld.raiseSpec(plan, planWorld(plan, viewFleet(plan), conditions), lines);
  }

  /** Raises a world as it is. */
  static async raiseSpec(plan: FleetPlan, spec: WorldSpec, lines: Kernel["lines"]): Promise<RaisedWorld> {
    const holders = new Map<string, Holder>();
    const world = new World(spec, lines, (host) => holders.get(host)?.pid ?? 0);
    const raised = new RaisedWorld(world, holders);
    try {
      await world.raise();
      await raised.plugIn(plan);
      const mirrors = new Set(spec.resolvers.map(({ address }) => address));
      await raised.listen("internet", MIRROR, ...mirrors);
    } catch (error) {
      await raised.end();
      throw error;
    }
    return raised;
  }

  /** Adds hosts that the world has by now, and that are not there yet. */
  async plugIn(plan: FleetPlan): Promise<void> {
    const views = viewFleet(plan);
    const attachments = this.world.spec.sites.flatMap((site) => site.attachments);
    const added = attachments.filter(({ host }) => !this.holders.has(host));
    for (const { host } of added) this.holders.set(host, await holdNetwork(host));
    await this.world.plugIn(added.map(({ host }) => host));
    for (const attachment of added) {
      const { network } = views.get(attachment.host) ?? { network: { netdevs: {}, networks: {} } };
      const { uplink } = readNetworkd(network, attachment);
      await applySteps(`setting up ${attachment.host}`, this.pidOf(`host:${attachment.host}`), uplink);
    }
  }

  pidOf(namespace: NamespaceName): number {
    return this.world.pidOf(namespace);
  }

  /**
   * Starts somebody who answers on a port, of all addresses where none is given.
   * @returns what ends it; otherwise it ends with the world
   */
  async listen(namespace: NamespaceName, port: number, ...addresses: readonly string[]): Promise<() => void> {
    const argv = [process.execPath, PROBE, "listen", String(port), ...addresses];
    const child = spawnIn(this.pidOf(namespace), argv, { stdio: ["ignore", "pipe", "inherit"] });
    const stop = (): void => void child.kill("SIGKILL");
    this.listeners.push(stop);
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`nobody listens on ${port} in ${namespace}`)));
      child.stdout?.once("data", () => resolve());
    });
    child.unref();
    return stop;
  }

  private readonly listeners: (() => void)[] = [];

  /** Asks from one UDP port, and returns who the targets (`ADDRESS@PORT`) saw; nothing where none answered. */
  async ask(host: string, port: number, ...targets: readonly string[]): Promise<Record<string, string>> {
    const { stdout } = await this.probe(host, "ask", String(port), ...targets);
    return JSON.parse(stdout);
  }

  /** Connects by TCP, and returns who the other side saw; null where it did not get there. */
  async connect(host: string, address: string, port: number): Promise<string | null> {
    const { code, stdout } = await this.probe(host, "connect", address, String(port));
    return code === 0 && stdout !== "" ? stdout.trim() : null;
  }

  /** The fastest of two pings in milliseconds; null where none came back. @param options of ping(8) */
  async ping(host: string, address: string, options: readonly string[] = []): Promise<number | null> {
    const argv = ["ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", ...options, address];
    const { stdout } = await runIn(this.pidOf(`host:${host}`), argv);
    const fastest = /= ([\d.]+)\/[\d.]+\/[\d.]+\//.exec(stdout)?.[1];
    return fastest === undefined ? null : Number(fastest);
  }

  async end(): Promise<void> {
    for (const stop of this.listeners) stop();
    await Promise.all([...this.holders.values()].map((holder) => holder.kill()));
    await this.world.end();
  }

  private probe(host: string, ...args: readonly string[]): Promise<CommandResult> {
    return runIn(this.pidOf(`host:${host}`), [process.execPath, PROBE, ...args]);
  }
}

/** A world that the tests of a suite share: the first one raises it. */
export class SharedWorld {
  #raised: Promise<RaisedWorld> | null = null;

  constructor(
    private readonly plan: FleetPlan,
    private readonly raise: (plan: FleetPlan) => Promise<RaisedWorld> = (of) => RaisedWorld.raise(of),
  ) {}

  /** Runs a test in it, or says why it cannot. */
  async use(test: (world: RaisedWorld) => Promise<void>): Promise<void> {
    const reason = await lacks();
    if (reason !== null) return void console.log(`not tried: ${reason}`);
    this.#raised ??= this.raise(this.plan);
    await test(await this.#raised);
  }

  async end(): Promise<void> {
    await this.#raised?.then((world) => world.end());
  }
}

/** The address of a host at its site. */
export function addressIn({ sites }: WorldSpec, host: string, family: "ipv4" | "ipv6"): string | null {
  const attachment = sites.flatMap(({ attachments }) => attachments).find((one) => one.host === host);
  const found = attachment?.addresses.find((one) => one.includes(":") === (family === "ipv6"));
  return found?.replace(/\/\d+$/, "") ?? null;
}
