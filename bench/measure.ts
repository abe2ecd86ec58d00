import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Whole processes, timed from outside: what a person waits for. */

export interface Run {
  /** Milliseconds from start to end. */
  readonly wall: number;
  /** MiB, the largest the Node process ever was. */
  readonly memory: number;
}

const probe = fileURLToPath(new URL("probe.mjs", import.meta.url));

function runOnce(args: readonly string[], cwd: string, expected: number): Promise<Run> {
  const report = join(tmpdir(), `meshflake-bench-${process.pid}.json`);
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(process.execPath, ["--import", probe, ...args], {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, MESHFLAKE_PROBE: report },
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.on("error", reject).on("close", (code) => {
      const wall = Number(process.hrtime.bigint() - start) / 1e6;
      if (code !== expected) return reject(new Error(`${args.join(" ")}: exit ${code}\n${errors.slice(-2000)}`));
      const { memory } = JSON.parse(readFileSync(report, "utf8")) as { memory: number };
      rmSync(report);
      resolve({ wall, memory });
    });
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/**
 * Runs a Node command several times, after a warm-up.
 * @param runs counted runs; the medians are returned
 * @param prepare makes the state that each run begins with
 */
export async function measure(
  args: readonly string[],
  options: { cwd: string; runs: number; warm?: boolean; expected?: number; prepare?: () => void },
): Promise<Run> {
  const { cwd, runs, warm = true, expected = 0, prepare } = options;
  const results: Run[] = [];
  for (let i = warm ? -1 : 0; i < runs; i++) {
    prepare?.();
    const result = await runOnce(args, cwd, expected);
    if (i >= 0) results.push(result);
  }
  return { wall: median(results.map(({ wall }) => wall)), memory: Math.max(...results.map(({ memory }) => memory)) };
}

/** Times any other program once; null where it is not installed. */
export function timeProgram(command: string, args: readonly string[], cwd: string): number | null {
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(command, args, { cwd, stdio: "ignore" });
  if (error !== undefined) return null;
  return status === 0 ? Number(process.hrtime.bigint() - start) / 1e6 : null;
}
