import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Remain } from "../../../lab/protocol.js";
import type { LabError } from "../../../lab/run/control/error.js";
import { TestLog } from "../../../lab/run/control/test-log.js";

/** Which test is under way in a lab, and what it has made. */

const log = suite("lab: its log of tests");

const HOLDER = { pid: 7, startTime: "100" };
const JOB: Remain = { kind: "job", cluster: "cats", name: "hello" };
const KILL: Remain = { kind: "fault", fault: { kind: "kill", host: "ann" } };

log("one test at a time, which is over with the last of its programs", async () => {
  const own = new TestLog();
  const command = own.begin(HOLDER);
  const checks = own.join();
  assert.throws(
    () => own.begin({ pid: 8, startTime: "200" }),
    (error: LabError) => error.status === 409 && /under way in this lab: process 7/.test(error.message),
  );
  await command.undo();
  assert.equal(own.status.holder, HOLDER);
  await checks.undo();
  assert.is(own.status.holder, null);
  own.begin({ pid: 8, startTime: "200" });
  assert.is(own.status.holder?.pid, 8);
});

log("a program of a test that is over joins nothing", () => {
  assert.throws(() => new TestLog().join(), /no test is under way/);
});

log("what a test has made stays until it is gone, and is there once", async () => {
  const own = new TestLog();
  const command = own.begin(HOLDER);
  own.made([JOB, KILL]);
  own.made([{ ...JOB }]);
  assert.equal(own.status.remains, [KILL, JOB]);
  await command.undo();
  assert.equal(own.status.remains, [KILL, JOB]);
  own.begin(HOLDER);
  own.gone([{ kind: "fault", fault: { kind: "kill", host: "ann" } }]);
  assert.equal(own.status.remains, [JOB]);
});

log.run();
