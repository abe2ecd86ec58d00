import type { Fault, HealRequest } from "../protocol.js";
import { LabError } from "./control/error.js";
import { checkFault, hintFor, isBroken, isMeant, isOfWorld, remainderOf, withDead, withFault } from "./faults.js";
import type { Lab } from "./lab.js";
import type { Resolver } from "./world/resolver.js";

/** What is broken in a running lab, and who breaks and heals it. */
export class Breakage {
  #faults: readonly Fault[] = [];

  constructor(
    private readonly lab: Lab,
    private readonly resolver: Resolver,
  ) {}

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /**
   * Breaks something; what is broken already stays as it is.
   * @returns what is broken now
   * @throws LabError where it makes no sense, or cannot be broken in the state that it is in
   */
  async break(fault: Fault): Promise<readonly Fault[]> {
    checkFault(fault, this.lab.spec);
    const next = withFault(this.#faults, fault);
    await this.#bringAbout(fault, next);
    this.#faults = next;
    return next;
  }

  /**
   * Mends all faults that are meant, and boots hosts that are off without one. What cannot be mended is broken still.
   * @returns what is broken still
   * @throws Error with why something could not be mended
   */
  async heal(request: HealRequest): Promise<readonly Fault[]> {
    const hosts = this.lab.hosts.map((host) => ({ name: host.spec.name, state: host.state }));
    const meant = withDead(this.#faults, hosts).filter((fault) => isMeant(fault, request));
    await this.#healWorld(meant.filter(isOfWorld), request);
    for (const fault of meant) this.#revive(fault);
    await this.#bootAgain(meant.flatMap((fault) => (fault.kind === "kill" ? [fault.host] : [])));
    return this.#faults;
  }

  async #healWorld(meant: readonly Fault[], request: HealRequest): Promise<void> {
    if (meant.length === 0) return;
    const left = this.#faults.flatMap((fault) => (meant.includes(fault) ? remainderOf(fault, request) : [fault]));
    await this.#suffer(left);
    this.#faults = left;
  }

  async #bootAgain(names: readonly string[]): Promise<void> {
    // One that a deployment took out of the fleet is gone for good.
    await this.lab.boot(this.lab.hosts.filter(({ spec, state }) => names.includes(spec.name) && state === "off"));
    for (const name of names) this.forget(name);
  }

  /** Forgets what a host that is switched on or off by hand had. */
  forget(host: string): void {
    this.#faults = this.#faults.filter((fault) => !("host" in fault && fault.host === host));
  }

  async #bringAbout(fault: Fault, next: readonly Fault[]): Promise<void> {
    switch (fault.kind) {
      case "kill":
        if (this.lab.host(fault.host).state === "off") return;
        return this.lab.cutPower(this.lab.host(fault.host));
      case "freeze":
        if (this.lab.host(fault.host).state === "frozen") return;
        this.#requireUp(fault.host);
        return this.lab.host(fault.host).freeze();
      case "kill-unit":
        this.#requireUp(fault.host);
        return this.#killUnit(fault);
      case "renumber":
        await this.lab.world.renumber(fault.site, next, fault.address);
        return this.resolver.update(this.lab.world.spec);
      default:
        return this.#suffer(next);
    }
  }

  /** @throws Error with what went wrong; the network is then as it was, as far as that goes */
  async #suffer(next: readonly Fault[]): Promise<void> {
    try {
      await this.lab.world.suffer(next);
    } catch (error) {
      await this.lab.world.suffer(this.#faults).catch(() => {});
      throw error;
    }
  }

  /** A host that was started meanwhile runs all its units, and none of its processes is stopped. */
  #revive(fault: Fault): void {
    if (fault.kind !== "freeze" && fault.kind !== "kill-unit") return;
    const host = this.lab.host(fault.host);
    if (fault.kind === "freeze" && host.state === "frozen") host.thaw();
    if (fault.kind === "kill-unit" && host.state === "up") this.lab.requireUnit(fault.host, fault.unit).start();
    this.#faults = this.#faults.filter((one) => one !== fault);
  }

  async #killUnit(fault: Extract<Fault, { kind: "kill-unit" }>): Promise<void> {
    const { host, unit, restart } = fault;
    const { pid, state } = this.lab.requireUnit(host, unit).status();
    if (pid !== null) return this.lab.requireUnit(host, unit).die(restart);
    if (isBroken(this.#faults, fault)) return;
    const dead = isBroken(this.#faults, { ...fault, restart: false });
    const hint = dead
      ? `meshflake lab heal kill-unit ${host} ${unit} starts it`
      : "it is killed once it runs: meshflake lab status shows when";
    throw new LabError(409, `${unit} on ${host} has no process: it is ${state}`, hint);
  }

  #requireUp(name: string): void {
    const { state } = this.lab.host(name);
    if (state !== "up") throw new LabError(409, `${name} is ${state}`, hintFor(name, state));
  }
}
