import { spawn } from "node:child_process";
import { constants } from "node:os";
import { UserError } from "../../generators/model/problem.js";

export interface ForegroundOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What to do where the program is not installed. */
  readonly install: string;
  /** Where the program's stdout goes. @default "inherit" */
  readonly stdout?: "inherit" | "stderr";
}

/** Signals that a terminal sends to both of us: the program decides, and we end after it. */
const SHARED: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const PASSED_ON: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];

/**
 * Runs a program on the terminal, in place of ourselves.
 * @returns its exit status; that of a shell where a signal ended it
 * @throws UserError where it is not installed
 */
export function runForeground(program: string, args: readonly string[], options: ForegroundOptions): Promise<number> {
  const { cwd, env, install, stdout = "inherit" } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["inherit", stdout === "stderr" ? 2 : "inherit", "inherit"],
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    });
    const ignore = () => {};
    const passOn = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of SHARED) process.on(signal, ignore);
    for (const signal of PASSED_ON) process.on(signal, passOn);
    const settle = () => {
      for (const signal of SHARED) process.off(signal, ignore);
      for (const signal of PASSED_ON) process.off(signal, passOn);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(error.code === "ENOENT" ? new UserError(`${program} is not installed`, install, 1) : error);
    });
    child.on("close", (code, signal) => {
      settle();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
