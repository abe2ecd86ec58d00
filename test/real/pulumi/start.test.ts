import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onPulumi, setScene } from "./setup.js";

/** What the program costs: its own start on the reference fleet against that of a program that does nothing. */

const real = suite("real: pulumi: start");
const test = onPulumi(real);

const ROUNDS = 3;

/** The shortest of several, since others on the machine only ever make it longer. */
async function fastest(run: () => Promise<{ error: string | null }>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    assert.is((await run()).error, null);
    best = Math.min(best, performance.now() - from);
  }
  return best;
}

test("a preview takes at most one and a half times that of an empty program", async () => {
  const { engine, stack } = await setScene("");
  const empty = await engine.stack("empty", async () => ({}));
  // Both once for the caches: what is measured is a second preview.
  await stack.preview();
  await empty.preview();
  const [own, none] = [await fastest(() => stack.preview()), await fastest(() => empty.preview())];
  console.log(`a preview of the reference fleet ${Math.round(own)} ms, of an empty program ${Math.round(none)} ms`);
  assert.ok(own < none * 1.5, `${Math.round(own)} ms, where an empty program takes ${Math.round(none)} ms`);
});

real.run();
