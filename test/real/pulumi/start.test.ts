import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onPulumi, type Scene, setScene } from "./support/setup.js";

/** What the program costs: its own start on the reference fleet against that of a program that does nothing. */

const real = suite("real: pulumi: start");
const test = onPulumi(real);

const ROUNDS = 4;
const SCRIPT = fileURLToPath(new URL("support/start.mjs", import.meta.url));

/** Milliseconds of a preview, with the start of Node and of Pulumi in it. @param more of the environment */
function measure({ engine, repository }: Scene, which: "own" | "empty", stack: string, more: Environment): number {
  const from = performance.now();
  execFileSync(process.execPath, [SCRIPT, which, stack, engine.workDir, engine.pulumiRoot, repository.root], {
    env: { ...process.env, ...engine.env, ...more },
    stdio: "pipe",
  });
  return performance.now() - from;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the stand-in for Hetzner beforehand. Hetzner's own provider is a small binary, where the stand-in is a program for Node that
 * takes as long to start as all of ours.
 */
async function serveHetzner({ engine }: Scene): Promise<{ provider: ChildProcess; env: Environment }> {
  const provider = spawn(join(engine.folder, "bin/pulumi-resource-hcloud"), [], {
    env: { ...process.env, ...engine.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(provider.stdout, "data");
  return { provider, env: { PULUMI_DEBUG_PROVIDERS: `hcloud:${String(port).trim()}` } };
}

test("a preview takes at most one and a half times that of an empty program", async () => {
  const scene = await setScene("");
  await scene.engine.stack("empty", async () => ({}));
  const { provider, env } = await serveHetzner(scene);
  const own: number[] = [];
  const empty: number[] = [];
  // In turn, and the shortest of several: others on the machine only ever make it longer.
  for (let round = 0; round < ROUNDS; round++) {
    own.push(measure(scene, "own", "prod", env));
    empty.push(measure(scene, "empty", "empty", env));
  }
  provider.kill();
  const [mine, none] = [Math.min(...own), Math.min(...empty)].map(Math.round);
  console.log(`a preview of the reference fleet ${mine} ms, of an empty program ${none} ms`);
  assert.ok(Number(mine) <= Number(none) * 1.5, `${mine} ms, where an empty program takes ${none} ms`);
});

real.run();
