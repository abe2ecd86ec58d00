import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fault, HostState } from "../../../lab/protocol.js";
import { Breakage } from "../../../lab/run/breakage.js";
import { LabError } from "../../../lab/run/control/error.js";
import type { Lab } from "../../../lab/run/lab.js";
import type { Resolver } from "../../../lab/run/world/resolver.js";
import { HOST, specOf } from "./specs.js";

const breakage = suite("lab: what is broken, where breaking and healing fail");

const CUT: Fault = { kind: "cut", site: "home" };
const KILL: Fault = { kind: "kill", host: "ann" };
const FREEZE: Fault = { kind: "freeze", host: "ann" };
const UNIT: Fault = { kind: "kill-unit", host: "ann", unit: "consul", restart: false };

type Trouble = "boot" | "suffer" | "freeze" | "thaw";

/** A lab of one host in which nothing runs. */
class FakeLab {
  readonly spec = specOf({ sites: ["home", "office"], dynamic: [] });
  /** What fails at this moment. */
  readonly trouble = new Set<Trouble>();
  /** What the network suffers from. */
  suffered: readonly Fault[] = [];
  readonly #ann = {
    spec: HOST,
    state: "up" as HostState,
    freeze: async () => {
      this.#try("freeze");
      this.#ann.state = "frozen";
    },
    thaw: () => {
      this.#try("thaw");
      this.#ann.state = "up";
    },
  };
  readonly hosts = [this.#ann];
  readonly world = {
    suffer: async (faults: readonly Fault[]) => {
      this.suffered = faults;
      this.#try("suffer");
    },
  };
  readonly breakage = new Breakage(this as unknown as Lab, {} as Resolver);

  get ann(): { state: HostState } {
    return this.#ann;
  }

  host(): { state: HostState } {
    return this.#ann;
  }

  /** Whether ann's daemon runs, and how often it was killed. */
  readonly unit = { pid: 7 as number | null, deaths: 0 };

  requireUnit(): object {
    const { unit } = this;
    return {
      status: () => ({ pid: unit.pid, state: unit.pid === null ? "stopped" : "running" }),
      die: async (restart: boolean) => {
        unit.deaths += 1;
        unit.pid = restart ? 8 : null;
      },
      start: () => {
        unit.pid = 9;
      },
    };
  }

  async cutPower(host: { state: HostState }): Promise<void> {
    host.state = "off";
  }

  async boot(hosts: readonly { state: HostState }[]): Promise<void> {
    if (hosts.length > 0) this.#try("boot");
    for (const host of hosts) host.state = "up";
  }

  #try(what: Trouble): void {
    if (this.trouble.has(what)) throw new Error(`no ${what}`);
  }
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: Error) => (error instanceof LabError ? `${error.message}: ${error.hint}` : error.message),
  );
}

breakage("a host that does not boot is broken still, and boots at the next attempt", async () => {
  const lab = new FakeLab();
  await lab.breakage.break(KILL);
  lab.trouble.add("boot");
  assert.is(await failureOf(lab.breakage.heal({})), "no boot");
  assert.equal(lab.breakage.faults, [KILL]);
  lab.trouble.clear();
  assert.equal(await lab.breakage.heal({ kind: "kill" }), []);
  assert.is(lab.ann.state, "up");
});

breakage("a host that died by itself boots again, and what it suffered from is over", async () => {
  for (const request of [{}, { kind: "kill", host: "ann" }] as const) {
    const lab = new FakeLab();
    await lab.breakage.break(UNIT);
    lab.ann.state = "off";
    assert.equal(await lab.breakage.heal(request), []);
    assert.is(lab.ann.state, "up");
  }
});

breakage("who heals something else leaves a host that is off alone", async () => {
  const lab = new FakeLab();
  await lab.breakage.break(CUT);
  lab.ann.state = "off";
  assert.equal(await lab.breakage.heal({ kind: "cut" }), []);
  assert.is(lab.ann.state, "off");
});

breakage("a network that cannot be healed is broken still, and one that cannot be broken is as it was", async () => {
  const lab = new FakeLab();
  await lab.breakage.break(CUT);
  lab.trouble.add("suffer");
  assert.is(await failureOf(lab.breakage.heal({ kind: "cut" })), "no suffer");
  assert.equal([lab.breakage.faults, lab.suffered], [[CUT], [CUT]]);
  assert.is(await failureOf(lab.breakage.break({ kind: "cut", site: "office" })), "no suffer");
  assert.equal([lab.breakage.faults, lab.suffered], [[CUT], [CUT]]);
});

breakage("what does not freeze is not broken, and what does not thaw is", async () => {
  const lab = new FakeLab();
  lab.trouble.add("freeze");
  assert.is(await failureOf(lab.breakage.break(FREEZE)), "no freeze");
  assert.equal(lab.breakage.faults, []);
  lab.trouble.clear();
  await lab.breakage.break(FREEZE);
  lab.trouble.add("thaw");
  assert.is(await failureOf(lab.breakage.heal({})), "no thaw");
  assert.equal(lab.breakage.faults, [FREEZE]);
});

breakage("a host in the wrong state is refused with the command that helps", async () => {
  const lab = new FakeLab();
  await lab.breakage.break(FREEZE);
  assert.match(await failureOf(lab.breakage.break(UNIT)), /^ann is frozen: meshflake lab heal freeze ann /);
  await lab.breakage.break(KILL);
  assert.equal(lab.breakage.faults, [KILL]);
  assert.match(await failureOf(lab.breakage.break(FREEZE)), /^ann is off: meshflake lab heal kill ann /);
});

breakage("what is broken already stays so: hosts, daemons and lines alike", async () => {
  for (const fault of [KILL, FREEZE, UNIT, CUT]) {
    const lab = new FakeLab();
    await lab.breakage.break(fault);
    assert.equal(await lab.breakage.break(fault), [fault]);
    assert.is(lab.unit.deaths, fault === UNIT ? 1 : 0);
  }
});

breakage("a host that went off by itself can be killed, and is healed", async () => {
  const lab = new FakeLab();
  lab.ann.state = "off";
  assert.equal(await lab.breakage.break(KILL), [KILL]);
  assert.equal(await lab.breakage.heal({ kind: "kill" }), []);
  assert.is(lab.ann.state, "up");
});

breakage(
  "a daemon that was started meanwhile is killed again, and one that is dead does not come back by itself",
  async () => {
    const lab = new FakeLab();
    await lab.breakage.break(UNIT);
    lab.unit.pid = 9;
    await lab.breakage.break(UNIT);
    assert.is(lab.unit.deaths, 2);
    const again = lab.breakage.break({ ...UNIT, restart: true });
    assert.match(
      await failureOf(again),
      /^consul on ann has no process: it is stopped: meshflake lab heal kill-unit ann /,
    );
    const byItself = new FakeLab();
    byItself.unit.pid = null;
    assert.match(
      await failureOf(byItself.breakage.break(UNIT)),
      /^consul on ann has no process: it is stopped: it is killed once it runs/,
    );
  },
);

breakage("of a slow line one thing can be healed", async () => {
  const lab = new FakeLab();
  await lab.breakage.break({ kind: "slow", site: "home", delayMs: 80 });
  await lab.breakage.break({ kind: "slow", site: "home", lossPercent: 5 });
  const left: Fault = { kind: "slow", site: "home", lossPercent: 5 };
  assert.equal(await lab.breakage.heal({ kind: "slow", site: "home", conditions: ["delayMs"] }), [left]);
  assert.equal(lab.suffered, [left]);
});

breakage.run();
