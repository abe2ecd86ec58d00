import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Scene, setScene } from "../test/real/pulumi/support/setup.js";

/**
 * `npm run bench:pulumi`: what the program costs, its own start on the reference fleet against that of a program that does nothing.
 * Needs `npm run pulumi:tools`.
 */

const ROUNDS = 4;
const SCRIPT = fileURLToPath(new URL("pulumi-start.mjs", import.meta.url));

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
const [mine, none] = [Math.min(...own), Math.min(...empty)];
console.log(`a preview of the reference fleet: ${mine.toFixed(0)} ms; of an empty program: ${none.toFixed(0)} ms`);
console.log(`${(mine / none).toFixed(2)} times (goal: 1.5)`);
process.exit(0);
