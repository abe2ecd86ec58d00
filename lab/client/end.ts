import { UserError } from "../../generators/model/problem.js";
import { waitUntil } from "../machine/wait.js";
import { LabClient } from "./client.js";
import { parentOf } from "./processes.js";
import { identifyProcess, isAlive, type Lab, type LivingProcess, removeFolder } from "./records.js";

/** Ends a lab, so that nothing of it is left. */

/** Milliseconds. */
export interface EndPatience {
  /** For the lab to say that it ends. */
  readonly answerMs: number;
  /** For its first process to end by itself. */
  readonly ownEndMs: number;
  /** For the kernel, once that was killed. */
  readonly killedMs: number;
}

const PATIENCE: EndPatience = { answerMs: 2_000, ownEndMs: 8_000, killedMs: 10_000 };

/** `unshare`, which waits for the lab's first process and ends after it. */
function findLauncher({ record }: Lab): LivingProcess | null {
  const parent = parentOf(record.pid);
  // Process 1 takes over what lost its parent.
  if (parent === null || parent <= 1) return null;
  try {
    return identifyProcess(parent);
  } catch {
    return null;
  }
}

function kill({ pid }: LivingProcess): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether it said that it ends; one that hangs does not. */
async function askToEnd(lab: Lab, timeoutMs: number): Promise<boolean> {
  try {
    await new LabClient(lab.socket).down(timeoutMs);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a lab: asks it, waits, and otherwise kills its first process, with which the kernel ends all others of the PID namespace.
 * @throws UserError where it is still there afterwards
 */
export async function endLab(lab: Lab, patience: EndPatience = PATIENCE): Promise<void> {
  const { record, folder } = lab;
  const launcher = findLauncher(lab);
  const isGone = () => !isAlive(record) && (launcher === null || !isAlive(launcher));
  const asked = await askToEnd(lab, patience.answerMs);
  if (!(asked && (await waitUntil(isGone, patience.ownEndMs)))) {
    if (isAlive(record)) kill(record);
    if (!(await waitUntil(isGone, patience.killedMs))) {
      const hint = "one of its processes waits for the kernel: look at ps -eo pid,stat,wchan,args, and try again";
      throw new UserError(`the lab ${record.name} does not end: process ${record.pid} is still there`, hint, 1);
    }
  }
  removeFolder(folder);
}
