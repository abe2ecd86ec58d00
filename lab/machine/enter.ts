import type { ChildProcess, SpawnOptions } from "node:child_process";
import { type CommandOptions, type CommandResult, finish, start } from "./command.js";
import { firstChildOf, signal } from "./processes.js";

/**
 * Programs inside of namespaces, from inside of the lab. Nobody may enter a frozen host: `nsenter` would not hang, but what it
 * starts looks alive where nothing should be.
 */

/** How a program is run inside of namespaces. */
export interface EnterOptions extends CommandOptions {
  /**
   * All of a host's namespaces and its root, so that the program sees what the host sees. Without it the program keeps the lab's
   * own files and enters the network namespace alone.
   * @default false
   */
  readonly whole?: boolean;
}

/** @returns the words that run a program in the namespaces of a process */
function enterWords(pid: number, argv: readonly string[], whole: boolean): string[] {
  const namespaces = whole ? ["--mount", "--uts", "--ipc", "--net", "--pid"] : ["--net"];
  return ["nsenter", `--target=${pid}`, ...namespaces, "--", ...argv];
}

/**
 * Starts a program in the namespaces of a process. With `whole`, the child is `nsenter`, which ends as its program does, signals
 * included; the program itself is its only child.
 * @param pid of a process that holds them, in the lab's PID namespace
 */
export function spawnIn(
  pid: number,
  argv: readonly string[],
  { whole = false, ...options }: SpawnOptions & Pick<EnterOptions, "whole"> = {},
): ChildProcess {
  return start(enterWords(pid, argv, whole), options);
}

/** Ends a program that `spawnIn` started, and not only the `nsenter` before it. */
export function killEntered(child: ChildProcess, name: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  signal(firstChildOf(child.pid) ?? child.pid, name);
}

/**
 * Runs a program in the namespaces of a process to its end. Never throws: how it ended is in the result.
 * @param pid of a process that holds them, in the lab's PID namespace
 */
export function runIn(pid: number, argv: readonly string[], options: EnterOptions = {}): Promise<CommandResult> {
  const { whole = false, env } = options;
  const child = spawnIn(pid, argv, { whole, ...(env === undefined ? {} : { env }) });
  return finish(child, options, () => killEntered(child));
}
