import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mustSucceed, nameEnd, run } from "../../../lab/machine/command.js";
import { groupBy } from "../../../lab/machine/group.js";
import { forEachLimited } from "../../../lab/machine/parallel.js";

const command = suite("lab: commands");

command("input goes in, output and code come out", async () => {
  const result = await run(["sh", "-c", "cat; echo wrong >&2; exit 3"], { input: "text" });
  assert.equal(result, { code: 3, signal: null, stdout: "text", stderr: "wrong\n" });
});

command("a program that is missing ends like one that a shell does not find", async () => {
  const { code, stderr } = await run(["/nonexistent/program"]);
  assert.is(code, 127);
  assert.match(stderr, "ENOENT");
});

command("a program that ends before it has read everything is no error", async () => {
  const { code } = await run(["true"], { input: "x".repeat(1_000_000) });
  assert.is(code, 0);
});

command("a program that takes too long is killed", async () => {
  const begun = Date.now();
  const result = await run(["sleep", "30"], { timeoutMs: 50 });
  assert.is(nameEnd(result), "SIGKILL");
  assert.ok(Date.now() - begun < 5_000);
});

command("it gets the environment that it is given, and nothing else", async () => {
  const { stdout } = await run(["/usr/bin/env"], { env: { ONLY: "this" } });
  assert.is(stdout, "ONLY=this\n");
});

command("a failure says what was done and what the program said, and never how it was called", async () => {
  const result = await run(["sh", "-c", "echo no >&2; exit 1", "s3cret"], { input: "s3cret" });
  const say = (): string => {
    try {
      mustSucceed("making a device", result);
      return "";
    } catch (error) {
      return String(error);
    }
  };
  assert.is(say(), "Error: making a device: exit code 1: no");
});

command("no more than so many at once, in their order", async () => {
  let [now, most] = [0, 0];
  const begun: number[] = [];
  await forEachLimited([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now -= 1;
  });
  assert.equal([begun, most], [[1, 2, 3, 4, 5], 2]);
});

command("after an error nothing new begins, and what had begun is waited for", async () => {
  const done: number[] = [];
  const all = forEachLimited([1, 2, 3, 4], 2, async (item) => {
    if (item === 1) throw new RangeError("one");
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push(item);
  });
  const error = await all.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.instance(error, RangeError);
  assert.equal(done, [2]);
});

command("groups keep the order of what is in them", () => {
  assert.equal(
    [...groupBy([3, 1, 4, 1, 5], (number) => number % 2)],
    [
      [1, [3, 1, 1, 5]],
      [0, [4]],
    ],
  );
});

command.run();
