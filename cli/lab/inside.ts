import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { packageRoot } from "../../generators/load/package.js";
import { enterLab } from "../../lab/client/enter.js";
import type { Lab } from "../../lab/client/records.js";
import { cleanEnvironment } from "../../lab/client/start/environment.js";

/** Programs of ours that run inside of a lab, and say what they find as JSON. */

/** Built beside the command line. */
export type InsideProgram = "observe" | "checks" | "take-back";

export interface InsideRun {
  readonly lines: AsyncIterable<string>;
  /** Once all lines are read: the exit code, null where a signal ended it, and what it wrote to stderr. */
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
  readonly kill: () => void;
}

/** What ended meanwhile needs no signal. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export function runInside(lab: Lab, program: InsideProgram, args: readonly string[] = []): InsideRun {
  const file = join(packageRoot, `dist/lab/${program}.js`);
  const child = enterLab(lab.record, [process.execPath, file, "--socket", lab.socket, ...args], {
    // Nothing is written to the first one: a program that has to end with this process sees that it is closed.
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own: `nsenter` does not pass signals on to what it started.
    detached: true,
    env: cleanEnvironment(),
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the program has no pipes");
  const said = text(stderr);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code));
  });
  const end = Promise.all([ended, said]).then(([code, all]) => ({ code, stderr: all.trim() }));
  // Whoever reads lines first still gets the error afterwards.
  end.catch(() => {});
  return { lines: createInterface({ input: stdout }), end, kill: () => killGroup(child.pid) };
}
