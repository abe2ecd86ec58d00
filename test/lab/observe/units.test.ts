import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lacksOfUnits } from "../../../lab/observe/units.js";
import type { Fault, HostState, UnitState } from "../../../lab/protocol.js";

/** Units that do not run although nobody broke them. */

const units = suite("lab: units");

const lacks = (state: UnitState, faults: readonly Fault[] = [], host: HostState = "up") => {
  const unit = { name: "unbound", state, pid: null, restarts: 0, lastExit: "exit code 1" };
  return lacksOfUnits({ hosts: [{ name: "ari", state: host, pid: 1, units: [unit] }], faults });
};

units("what failed or was stopped is missing; what waits, is done or runs is not", () => {
  assert.equal(lacks("failed"), ["ari: unbound has failed (exit code 1)"]);
  assert.equal(lacks("stopped"), ["ari: unbound was stopped (exit code 1)"]);
  for (const state of ["waiting", "done", "running"] as const) assert.equal(lacks(state), [], state);
});

units("what a fault killed, and what is on a host that is off, is not the unit's own fault", () => {
  const fault = { kind: "kill-unit", host: "ari", unit: "unbound", restart: false } as const;
  assert.equal(lacks("stopped", [fault]), []);
  assert.equal(lacks("stopped", [{ ...fault, unit: "bird" }]).length, 1);
  assert.equal(lacks("stopped", [], "off"), []);
});

units.run();
