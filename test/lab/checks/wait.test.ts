import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { untilNothingLacks } from "../../../lab/checks/harness/wait.js";

/** What comes in time, and what does not. */

const waits = suite("lab: waiting");

waits("what is there in time lacks nothing", async () => {
  const answers = [["x"], []];
  const look = async () => answers.shift() ?? [];
  assert.equal((await untilNothingLacks(look, { limitMs: 60_000, everyMs: 1 })).lacks, []);
});

waits("what never comes lacks when the time is over", async () => {
  const { afterMs, lacks } = await untilNothingLacks(async () => ["y"], { limitMs: 20, everyMs: 5 });
  assert.equal(lacks, ["y"]);
  assert.ok(afterMs > 20);
});

waits("what is only there once the time is over is late", async () => {
  const slow = async () => {
    await sleep(30);
    return [];
  };
  const { lacks } = await untilNothingLacks(slow, { limitMs: 1 });
  assert.is(lacks.length, 1);
  assert.match(lacks[0] ?? "", /only after 0\.\d s/);
});

waits("time runs from when something broke, not from the first look", async () => {
  const since = Date.now() - 5_000;
  const { afterMs, lacks } = await untilNothingLacks(async () => [], { limitMs: 4_000, since });
  assert.ok(afterMs >= 5_000);
  assert.is(lacks.length, 1);
  assert.equal((await untilNothingLacks(async () => [], { limitMs: 60_000, since })).lacks, []);
});

waits("time that is excused does not count, and no more than that", async () => {
  const since = Date.now() - 5_000;
  const lateBy = async (excusedMs: number) => {
    const excused = async (from: number) => (from === since ? excusedMs : 0);
    return (await untilNothingLacks(async () => [], { limitMs: 4_000, since, excused })).lacks.length;
  };
  assert.is(await lateBy(500), 1);
  assert.is(await lateBy(4_000), 0);
});

waits.run();
