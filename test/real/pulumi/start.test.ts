import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onPulumi, type Scene, setScene } from "./setup.js";

/** What the program costs: its own start on the reference fleet against that of a program that does nothing. */

const real = suite("real: pulumi: start");
const test = onPulumi(real);

const ROUNDS = 4;
const SCRIPT = fileURLToPath(new URL("start.mjs", import.meta.url));

/** Milliseconds of a preview, with the start of Node and of Pulumi in it. */
function measure({ engine, repository }: Scene, which: "own" | "empty", stack: string): number {
  const from = performance.now();
  execFileSync(process.execPath, [SCRIPT, which, stack, engine.workDir, engine.pulumiRoot, repository.root], {
    env: { ...process.env, ...engine.env },
    stdio: "pipe",
  });
  return performance.now() - from;
}

test("a preview takes at most one and a half times that of an empty program", async () => {
  const scene = await setScene("");
  await scene.engine.stack("empty", async () => ({}));
  const own: number[] = [];
  const empty: number[] = [];
  // In turn, and the shortest of several: others on the machine only ever make it longer.
  for (let round = 0; round < ROUNDS; round++) {
    own.push(measure(scene, "own", "prod"));
    empty.push(measure(scene, "empty", "empty"));
  }
  const [mine, none] = [Math.min(...own), Math.min(...empty)].map(Math.round);
  console.log(`a preview of the reference fleet ${mine} ms, of an empty program ${none} ms`);
  assert.ok(Number(mine) <= Number(none) * 1.5, `${mine} ms, where an empty program takes ${none} ms`);
});

real.run();
