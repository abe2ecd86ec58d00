import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pause, waitUntil } from "../../../lab/checks/harness/wait.js";

/** What comes in time, and what does not. */

const waits = suite("lab: waiting");

waits("what is there in time lacks nothing", async () => {
  const answers = [["x"], []];
  assert.equal((await waitUntil(async () => answers.shift() ?? [], { limitMs: 60_000, everyMs: 1 })).lacks, []);
});

waits("what is only there once the time is over is late", async () => {
  const slow = async () => {
    await pause(30);
    return [];
  };
  const { lacks } = await waitUntil(slow, { limitMs: 1 });
  assert.is(lacks.length, 1);
  assert.match(lacks[0] ?? "", /only after 0\.\d s/);
});

waits("time runs from when something broke, not from the first look", async () => {
  const since = performance.now() - 5_000;
  const { afterMs, lacks } = await waitUntil(async () => [], { limitMs: 4_000, since });
  assert.ok(afterMs >= 5_000);
  assert.is(lacks.length, 1);
  assert.equal((await waitUntil(async () => [], { limitMs: 60_000, since })).lacks, []);
});

waits.run();
