import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import type { UnitState, UnitStatus } from "../../protocol.js";
import type { UnitSpec } from "../../spec.js";
import { nameEnd } from "../command.js";
import { spawnIn } from "../enter.js";
import { firstChildOf, signal } from "../processes.js";

/** A process of a host that is kept running as systemd would: its unit says how. */

/** Where a unit runs. */
export interface UnitPlace {
  /** The host's first process, in the lab's PID namespace. */
  readonly pid: number;
  /** Its output goes there. */
  readonly log: string;
  /** What every unit of the host gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The absolute path of a program, or its name where PATH finds it. */
  readonly findProgram: (name: string) => string;
}

/** systemd's DefaultTimeoutStopSec is 90 s; nobody waits that long for a lab. */
const STOP_MS = 10_000;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A unit of a host that is up. It is of no use any more once the host is off. */
export class Unit {
  #state: UnitState = "waiting";
  #child: ChildProcess | null = null;
  #restarts = -1;
  #lastEnd: End | null = null;
  /** Whether it is to run; a fault or a stop says no. */
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;
  #ended: Promise<void> = Promise.resolve();
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  constructor(
    readonly spec: UnitSpec,
    private readonly place: UnitPlace,
  ) {}

  status(): UnitStatus {
    const { pid } = this.#child ?? {};
    return {
      name: this.spec.name,
      state: this.#state,
      pid: pid === undefined ? null : firstChildOf(pid),
      restarts: Math.max(this.#restarts, 0),
      lastExit: this.#lastEnd === null ? null : nameEnd(this.#lastEnd),
    };
  }

  /** Starts it, or its timer. A unit that is to run already is left alone. */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    if (this.spec.everyMs === undefined) this.#launch();
    else this.#later(this.spec.everyMs);
  }

  /** Stops it as systemd does: its signal, and after a while SIGKILL for all that is left of it. */
  async stop(): Promise<void> {
    this.#release("stopped");
    this.#send(this.spec.stopSignal ?? "SIGTERM");
    const late = setTimeout(() => this.#send("SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(late);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#wanted = true;
    this.#launch();
  }

  /**
   * The daemon dies.
   * @param comesBack whether it is started again as its unit says; otherwise it waits for `start`
   */
  async die(comesBack: boolean): Promise<void> {
    if (!comesBack) this.#release("stopped");
    this.#send("SIGKILL");
    await this.#ended;
  }

  /** The host hangs: what would start waits for `resume`. */
  suspend(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#open();
  }

  /** The host is off: nothing starts any more. */
  abandon(): void {
    this.#release("stopped");
    this.resume();
  }

  /** `nsenter` processes outside of the host, which have to be woken up after their programs. */
  wrapper(): number | null {
    return this.#child?.pid ?? null;
  }

  #release(state: UnitState): void {
    this.#wanted = false;
    this.#state = state;
    clearTimeout(this.#timer);
  }

  #send(name: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    // Before it has forked, `nsenter` is all that there is.
    if (pid !== undefined) signal(firstChildOf(pid) ?? pid, name);
  }

  #later(ms: number): void {
    this.#state = "waiting";
    this.#timer = setTimeout(() => this.#launch(), ms);
  }

  #launch(): void {
    this.#state = "running";
    this.#restarts += 1;
    this.#ended = this.#runAll().then((end) => this.#conclude(end));
  }

  /** What comes before, and then the program; the first that fails ends it. */
  async #runAll(): Promise<End> {
    let end: End = { code: 0, signal: null };
    for (const argv of [...(this.spec.before ?? []), this.spec.exec]) {
      await this.#gate;
      if (end.code !== 0 || !this.#wanted) return end;
      end = await this.#runOne(argv);
    }
    return end;
  }

  async #runOne([program = "", ...args]: readonly string[]): Promise<End> {
    const log = openSync(this.place.log, "a", 0o600);
    const child = spawnIn(this.place.pid, [this.place.findProgram(program), ...args], {
      whole: true,
      // A process group of its own: what a script leaves behind ends with it.
      detached: true,
      env: { ...this.place.environment, ...this.spec.environment },
      stdio: ["ignore", log, log],
    });
    this.#child = child;
    const end = await new Promise<End>((resolve) => {
      child.once("error", (error) => {
        writeSync(log, `${error.message}\n`);
        resolve({ code: 127, signal: null });
      });
      child.once("exit", (code, signalled) => resolve({ code, signal: signalled }));
    });
    closeSync(log);
    this.#child = null;
    // What `setsid` has left the group, such as Nomad's jobs, lives on.
    if (child.pid !== undefined) signal(-child.pid, "SIGKILL");
    return end;
  }

  #conclude(end: End): void {
    this.#lastEnd = end;
    if (!this.#wanted) return;
    const { everyMs, restart, restartMs } = this.spec;
    if (everyMs !== undefined) this.#later(everyMs);
    else if (restart === "always" || (restart === "on-failure" && end.code !== 0)) this.#later(restartMs);
    else {
      this.#state = end.code === 0 ? "done" : "failed";
      this.#wanted = false;
    }
  }
}
