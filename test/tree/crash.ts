/**
 * Runs a script as a process of its own that is killed (SIGKILL) right before its n-th file operation, so that every point at
 * which a run can die is tried, on real files.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/** Counts the operations that change a folder (a half-written temporary file is like an empty one), and dies before the one that MESHFLAKE_TEST_KILL_AT names. */
const KILLER = `
import fs from "node:fs";
import { syncBuiltinESMExports, createRequire as requireOf } from "node:module";
const require = requireOf(import.meta.url);
const killAt = Number(process.env.MESHFLAKE_TEST_KILL_AT);
let count = 0;
for (const name of ["openSync", "renameSync", "rmSync", "rmdirSync", "mkdirSync"]) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (name === "openSync" && typeof args[1] === "number") return real(...args);
    if (++count === killAt) process.kill(process.pid, "SIGKILL");
    return real(...args);
  };
}
syncBuiltinESMExports();
process.on("exit", () => process.stdout.write("\\noperations " + count));
`;

/** A bundled script. */
export interface CrashScript {
  /** Runs it to its end, or until it dies. @param killAt the operation before which it dies; 0 for none */
  run(args: readonly string[], killAt: number): Promise<CrashResult>;
  /** Runs it for a time, wherever it may be then, or to its end. @param milliseconds from its start */
  runFor(args: readonly string[], milliseconds: number): Promise<CrashResult>;
  /** Removes the bundle. */
  remove(): void;
}

export interface CrashResult {
  readonly killed: boolean;
  readonly code: number | null;
  /** How many file operations it made, if it lived. */
  readonly operations: number;
  readonly output: string;
}

/** Bundles a script, so that it starts in milliseconds. @param entry the script's absolute path */
export async function bundleScript(entry: string): Promise<CrashScript> {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-crash-"));
  const outfile = join(folder, "script.mjs");
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    banner: { js: KILLER },
    logLevel: "error",
  });
  return {
    run: (args, killAt) => runScript(outfile, args, killAt),
    runFor: (args, milliseconds) => runScript(outfile, args, 0, milliseconds),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function runScript(file: string, args: readonly string[], killAt: number, milliseconds?: number): Promise<CrashResult> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MESHFLAKE_TEST_KILL_AT: String(killAt) };
    const child = spawn(process.execPath, [file, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = milliseconds === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), milliseconds);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const operations = Number(/operations (\d+)$/.exec(output)?.[1] ?? "0");
      resolve({ killed: signal === "SIGKILL", code, operations, output });
    });
  });
}

/** Runs `work` for every item, two at a time. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
