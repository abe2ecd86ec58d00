import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addWhere, withoutRoot, withRoot } from "../client/isolated.js";
import { runInside } from "./inside.js";

/** A host from power on to power off, as root and without. */

interface Seen {
  readonly look: Record<string, string | readonly string[]>;
  readonly device: Record<string, readonly string[]> | null;
  readonly units: Record<string, unknown>;
  readonly frozen: Record<string, unknown>;
  readonly off: Record<string, unknown>;
  readonly states: readonly string[];
}

const host = suite("lab: a host");

function check(rootless: boolean): () => Promise<void> {
  return async () => {
    const { look, device, units, frozen, off, states } = await runInside<Seen>("host-life.ts", rootless);
    checkLook(look);
    checkDevice(device);
    checkUnits(units);
    assert.equal(frozen, { state: "frozen", running: [], stands: true, goesOn: true });
    const gone = { state: "off", pid: null, guest: "SIGKILL", unit: "stopped" };
    assert.equal(off, { ...gone, disk: "kept", run: "1" });
    assert.equal(states, ["booting", "up", "frozen", "up", "off", "booting", "up", "off"]);
  };
}

function checkDevice(device: Seen["device"]): void {
  if (device === null) {
    console.log("not tried, for want of wireguard-go or wg: a device that changes");
    return;
  }
  assert.equal(device, {
    before: ["10.0.0.1/24", "10.0.0.0/24", "4000"],
    after: ["10.0.0.1/24", "10.0.1.1/24", "10.0.0.0/24", "10.0.1.0/24", "10.7.0.0/16", "4001"],
  });
}

function checkLook(look: Seen["look"]): void {
  assert.is(look.name, "ann");
  assert.ok(["dev", "etc", "proc", "run", "usr", "var"].every((folder) => look.root?.includes(folder)));
  // The tests' own folder and the repository are not there.
  assert.ok(!look.root?.includes(".outside") && !look.root?.includes("work"));
  assert.is(look.outside, "2");
  assert.is(look.first, "sh");
  assert.is(look.secret, "400\nsecret");
  assert.is(look.certificates, "the lab's own");
  assert.is(look.readOnly, "refused");
  assert.is(look.null, "works");
  assert.is(look.interfaces, "all\ndefault\nlo");
  assert.is(look.environment, "COLOUR=blue\nHOME=/root");
  assert.equal(look.order, ["early", "late"]);
  assert.is(look.orphans, "0");
}

function checkUnits(units: Seen["units"]): void {
  assert.equal(units.counter, ["running", "running", 1, "SIGKILL", true]);
  assert.equal(units.held, ["stopped", null, "running"]);
  assert.equal(units.unlucky, ["exit code 4", true]);
  assert.equal(units.finished, ["done", 0]);
  assert.equal(units.never, ["failed", ""]);
  assert.is(units.ticking, true);
  // Those of `early`, `late` and the first process; those of `parent` and `deaf` are gone with them.
  assert.equal(units.stopped, ["stopped", "stopped", "3"]);
}

addWhere(withRoot, host)("boots, keeps its units running, hangs and loses its power", check(false));
addWhere(withoutRoot, host)("does so without root", check(true));

host.run();
