import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** Programs that are run to their end: their input, their output, a limit of time. */

/** How a program ended. */
export interface CommandResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface CommandOptions {
  /** Its standard input; empty where it is missing. Secrets travel here, since arguments are everybody's to read. */
  readonly input?: string;
  /** Milliseconds until it is killed. @default 30,000 */
  readonly timeoutMs?: number;
  /** Its whole environment. @default this process's own */
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds; no command of the lab takes a tenth of it on an idle machine. */
const TIMEOUT_MS = 30_000;

/** How much of a program's stderr a message shows, in characters from its end. */
const SHOWN = 600;

/** Starts a program, with pipes unless told otherwise. */
export function start(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [program = "", ...args] = argv;
  return spawn(program, args, { stdio: "pipe", ...options });
}

/**
 * Waits for a started program. Never throws: a program that cannot be started ends with code 127, as a shell says it.
 * @param kill ends it once its time is over
 */
export function finish(
  child: ChildProcess,
  { input = "", timeoutMs = TIMEOUT_MS }: CommandOptions,
  kill: () => void = () => child.kill("SIGKILL"),
): Promise<CommandResult> {
  const out = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text;
  });
  // A program that ends before it has read everything closes the pipe.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const timer = setTimeout(kill, timeoutMs);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve({ ...out, code: 127, signal: null, stderr: error.message });
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ ...out, code, signal });
    });
  });
}

/** Runs a program to its end. Never throws. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return finish(start(argv, options.env === undefined ? {} : { env: options.env }), options);
}

/** How a program ended, in words: `exit code 1`, `SIGKILL`. */
export function nameEnd({ code, signal }: Pick<CommandResult, "code" | "signal">): string {
  return signal ?? `exit code ${code}`;
}

/**
 * The result of a program that must not fail.
 * @param what it does, for the message; no argument is shown
 * @throws Error with the end of its stderr
 */
export function mustSucceed(what: string, result: CommandResult): CommandResult {
  if (result.code === 0) return result;
  const said = result.stderr.trim().slice(-SHOWN);
  throw new Error(`${what}: ${nameEnd(result)}${said === "" ? "" : `: ${said}`}`);
}
