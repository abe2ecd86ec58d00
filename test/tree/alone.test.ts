import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../generators/model/problem.js";
import { RUN_FILE, whileAlone } from "../../generators/tree/alone.js";
import { failure, withFolder } from "./temp.js";

const test = suite("tree/alone");

test("one at a time, and the next one when it is done", () =>
  withFolder(async (root) => {
    const result = await whileAlone(root, async () => {
      const error = await failure(
        whileAlone(root, async () => assert.unreachable()),
        UserError,
      );
      assert.match(error.message, new RegExp(`process ${process.pid}\\)`));
      assert.equal(readdirSync(root), [RUN_FILE]);
      return 7;
    });
    assert.is(result, 7);
    assert.equal(readdirSync(root), []);
    assert.is(await whileAlone(root, async () => 8), 8);
  }));

test("a failure ends the turn", () =>
  withFolder(async (root) => {
    await failure(
      whileAlone(root, () => Promise.reject(new Error("disk full"))),
      Error,
    );
    assert.not.ok(existsSync(join(root, RUN_FILE)));
  }));

test("what a killed run left is taken over, even when its process id is used again", () =>
  withFolder(async (root) => {
    const left = ["", "nonsense\n", "999999999 1 boot\n"];
    if (existsSync("/proc/self/stat")) left.push(`${process.pid} 1 another-boot\n`);
    for (const text of left) {
      writeFileSync(join(root, RUN_FILE), text);
      assert.is(await whileAlone(root, async () => 9), 9);
    }
  }));

test.run();
