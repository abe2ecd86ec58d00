import type { Fault, HealRequest } from "../protocol.js";
import { LabError } from "./control/error.js";
import { checkFault, isMeant, isOfWorld, withFault } from "./faults.js";
import type { Lab } from "./lab.js";
import type { Resolver } from "./resolver.js";

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
   * Breaks something.
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
   * Mends all faults that are meant.
   * @returns what is broken still
   */
  async heal(request: HealRequest): Promise<readonly Fault[]> {
    const meant = this.#faults.filter((fault) => isMeant(fault, request));
    this.#faults = this.#faults.filter((fault) => !meant.includes(fault));
    if (meant.some(isOfWorld)) await this.lab.world.suffer(this.#faults);
    const dead = meant.flatMap((fault) => (fault.kind === "kill" ? [this.lab.host(fault.host)] : []));
    for (const fault of meant) this.#revive(fault);
    await this.lab.boot(dead.filter(({ state }) => state === "off"));
    return this.#faults;
  }

  /** Forgets what a host that is switched on or off by hand had. */
  forget(host: string): void {
    this.#faults = this.#faults.filter((fault) => !("host" in fault && fault.host === host));
  }

  async #bringAbout(fault: Fault, next: readonly Fault[]): Promise<void> {
    switch (fault.kind) {
      case "kill":
        this.#requireState(fault.host, ["up", "frozen", "booting"]);
        this.forget(fault.host);
        return this.lab.cutPower(this.lab.host(fault.host));
      case "freeze":
        this.#requireState(fault.host, ["up"]);
        return this.lab.host(fault.host).freeze();
      case "kill-unit":
        this.#requireState(fault.host, ["up"]);
        this.#requireRunning(fault.host, fault.unit);
        return this.lab.requireUnit(fault.host, fault.unit).die(fault.restart);
      case "renumber":
        await this.lab.world.renumber(fault.site, next);
        return this.resolver.update(this.lab.world.spec);
      default:
        return this.lab.world.suffer(next);
    }
  }

  /** A host that was started meanwhile runs all its units, and none of its processes is stopped. */
  #revive(fault: Fault): void {
    if (fault.kind === "freeze" && this.lab.host(fault.host).state === "frozen") this.lab.host(fault.host).thaw();
    if (fault.kind === "kill-unit" && this.lab.host(fault.host).state === "up")
      this.lab.requireUnit(fault.host, fault.unit).start();
  }

  #requireRunning(host: string, unit: string): void {
    const { pid, state } = this.lab.requireUnit(host, unit).status();
    if (pid === null) throw new LabError(409, `${unit} on ${host} has no process: it is ${state}`);
  }

  #requireState(name: string, allowed: readonly string[]): void {
    const { state } = this.lab.host(name);
    if (allowed.includes(state)) return;
    throw new LabError(409, `${name} is ${state}`, `meshflake lab heal ${name} brings it back`);
  }
}
