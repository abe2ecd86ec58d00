import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fault, HostState } from "../../../lab/protocol.js";
import { Breakage } from "../../../lab/run/breakage.js";
import { LabError } from "../../../lab/run/control/error.js";
import type { Lab } from "../../../lab/run/lab.js";
import type { Resolver } from "../../../lab/run/resolver.js";
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

  requireUnit(): object {
    return { status: () => ({ pid: 7, state: "running" }), die: async () => {}, start: () => {} };
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
  assert.match(await failureOf(lab.breakage.break(FREEZE)), /^ann is frozen: meshflake lab heal freeze ann /);
  await lab.breakage.break(KILL);
  assert.equal(lab.breakage.faults, [KILL]);
  assert.match(await failureOf(lab.breakage.break(FREEZE)), /^ann is off: meshflake lab heal kill ann /);
});

breakage.run();
