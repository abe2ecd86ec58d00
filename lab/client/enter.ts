import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { LabRecord } from "../protocol.js";

/** Ways into a running lab, from outside. */

/** Options of `nsenter` for all that a host has of its own. */
const HOST_NAMESPACES = ["--mount", "--uts", "--net", "--pid", "--root", "--wd"];

/** A command line that runs `argv` inside of the lab: its user, mount, PID and network namespace. */
export function labCommand({ pid, rootless }: LabRecord, argv: readonly string[]): string[] {
  // Only user 0 of the lab's user namespace may enter the others.
  const user = rootless ? ["--user", "--preserve-credentials"] : [];
  return ["nsenter", `--target=${pid}`, ...user, "--mount", "--pid", "--net", "--root", "--wd", "--", ...argv];
}

/**
 * A command line that runs `argv` on a host.
 * @param hostPid the host's first process, in the lab's PID namespace
 */
export function hostCommand(record: LabRecord, hostPid: number, argv: readonly string[]): string[] {
  return labCommand(record, ["nsenter", `--target=${hostPid}`, ...HOST_NAMESPACES, "--", ...argv]);
}

/** Starts a program inside of the lab, which sees the lab's processes and none of the machine's. */
export function enterLab(record: LabRecord, argv: readonly string[], options: SpawnOptions): ChildProcess {
  const [program = "", ...args] = labCommand(record, argv);
  return spawn(program, args, options);
}
