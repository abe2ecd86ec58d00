import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readNetworkd } from "../../host/networkd.js";
import type { HostState, HostStatus } from "../../protocol.js";
import type { Attachment, HostSpec, UnitSpec } from "../../spec.js";
import { type Holder, hold } from "../holder.js";
import type { Kernel } from "../kernel.js";
import { isRunning } from "../processes.js";
import { applySteps } from "../steps.js";
import { freezeProcesses, thawProcesses } from "./freeze.js";
import { sortUnits } from "./order.js";
import { ENTER_ROOT, layOutRoot } from "./root.js";
import { Unit } from "./unit.js";
import { makeDevice, type WireguardPlace } from "./wireguard.js";

/** What all hosts of a lab share. */
export interface HostSurroundings {
  /** Hosts have their roots below it; private. */
  readonly roots: string;
  /** Hosts have their logs below it, `HOST/UNIT.log`. */
  readonly logs: string;
  /** Absolute paths of programs by name. */
  readonly programs: Readonly<Record<string, string>>;
  readonly wireguard: Kernel["wireguard"];
  /** In PEM. */
  readonly certificates: string;
  readonly onState: (host: string, state: HostState) => void;
  readonly note: (text: string) => void;
}

/** A host's namespaces; the user namespace is the lab's. */
const NAMESPACES = ["--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"];

const PATH = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
  "/run/current-system/sw/bin",
];

/** A machine of the fleet: it is switched on and off, hangs, and keeps its disk meanwhile. */
export class Host {
  #state: HostState = "off";
  #holder: Holder | null = null;
  #units: readonly Unit[] = [];

  constructor(
    private specification: HostSpec,
    private readonly around: HostSurroundings,
  ) {}

  get spec(): HostSpec {
    return this.specification;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Its first process, or null while it is off. */
  get pid(): number | null {
    return this.#holder?.pid ?? null;
  }

  get units(): readonly Unit[] {
    return this.#units;
  }

  status(): HostStatus {
    return {
      name: this.spec.name,
      state: this.#state,
      pid: this.pid,
      units: this.#units.map((unit) => unit.status()),
    };
  }

  /** Power on: its namespaces and its root, without any cable yet. */
  async switchOn(): Promise<number> {
    this.#enter("booting");
    const { name, files } = this.spec;
    layOutRoot(this.root, { name, files, certificates: this.around.certificates });
    const folders = this.#programFolders();
    const holder = await hold(`the host ${name}`, NAMESPACES, ENTER_ROOT, [this.root, name, ...folders]);
    this.#holder = holder;
    void holder.ended.then(() => this.#holder === holder && this.#forget());
    return holder.pid;
  }

  /** What comes before any daemon: the firewall, the uplink, WireGuard. */
  async configure(attachment: Attachment): Promise<void> {
    const pid = this.requirePid();
    const { name, ruleset, sysctl, networkd } = this.spec;
    const network = readNetworkd(networkd, attachment);
    const settings = { ...sysctl, ...network.uplink.sysctl };
    const missing = await applySteps(`setting up ${name}`, pid, { sysctl: settings, nft: ruleset });
    await applySteps(`the uplink of ${name}`, pid, { ip: network.uplink.ip });
    const place = this.place();
    for (const device of network.wireguard) await makeDevice(place, device);
    // Settings of an interface come with the interface.
    const late = Object.fromEntries(Object.entries(settings).filter(([key]) => missing.includes(key)));
    const never = await applySteps(`setting up ${name}`, pid, { sysctl: late });
    if (never.length > 0) this.around.note(`${name}: this kernel has no ${never.join(", ")}`);
  }

  /** Starts the daemons, each after those that it names. */
  startUnits(): void {
    const logs = join(this.around.logs, this.spec.name);
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    this.#units = sortUnits(this.spec).map((unit) => this.makeUnit(unit));
    for (const unit of this.#units) unit.start();
    this.#enter("up");
  }

  /** Power off: every process at once. */
  async kill(): Promise<void> {
    const holder = this.#holder;
    this.#forget();
    await holder?.kill();
  }

  /**
   * It hangs.
   * @throws Error where a process cannot be stopped; then the host goes on
   */
  async freeze(): Promise<void> {
    const pid = this.requirePid();
    // From here on nobody enters: a program that came in while the others stop would stay behind.
    this.#enter("frozen");
    for (const unit of this.#units) unit.suspend();
    try {
      await freezeProcesses(pid, () => this.#wrappers());
    } catch (error) {
      // One that died meanwhile is off.
      if (this.#state === "frozen") this.#goOn(pid);
      throw error;
    }
  }

  /** It goes on as if nothing had been. */
  thaw(): void {
    this.#goOn(this.requirePid());
  }

  #goOn(pid: number): void {
    thawProcesses(pid, this.#wrappers());
    for (const unit of this.#units) unit.resume();
    this.#enter("up");
  }

  /** Replaces what the host is to be; what runs is for the caller to bring there. */
  become(spec: HostSpec, units: readonly Unit[]): void {
    this.specification = spec;
    this.#units = units;
  }

  /** A unit of this host that does not run yet. */
  makeUnit(spec: UnitSpec): Unit {
    return new Unit(spec, {
      pid: this.requirePid(),
      log: join(this.around.logs, this.spec.name, `${spec.name}.log`),
      environment: this.environment,
      findProgram: (name) => this.around.programs[name] ?? name,
    });
  }

  /** What every program of the host gets. */
  get environment(): Record<string, string> {
    const path = [...new Set([...this.#programFolders(), ...PATH])].join(":");
    return { PATH: path, HOME: "/root", LANG: "C.UTF-8" };
  }

  /** Its root, as seen from outside. */
  get root(): string {
    return join(this.around.roots, this.spec.name);
  }

  /** @throws Error where the host is off */
  requirePid(): number {
    const { pid } = this;
    if (pid === null || !isRunning(pid)) throw new Error(`${this.spec.name} is off`);
    return pid;
  }

  /** What its WireGuard devices need to know of it. */
  place(): WireguardPlace {
    return {
      name: this.spec.name,
      pid: this.requirePid(),
      root: this.root,
      kind: this.around.wireguard,
      environment: this.environment,
      readSecret: (path) => readFileSync(join(this.root, path), "utf8"),
    };
  }

  #programFolders(): string[] {
    const folders = Object.values(this.around.programs).map((program) => program.slice(0, program.lastIndexOf("/")));
    return [...new Set(folders)].sort();
  }

  #wrappers(): number[] {
    return this.#units.map((unit) => unit.wrapper()).filter((pid) => pid !== null);
  }

  #forget(): void {
    for (const unit of this.#units) unit.abandon();
    this.#holder = null;
    this.#enter("off");
  }

  #enter(state: HostState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.around.onState(this.spec.name, state);
  }
}
