import { processesBeside, signal, stateOf } from "../processes.js";
import { waitUntil } from "../wait.js";

/**
 * A host that hangs: all its processes are stopped. From outside, since a program that enters it would run. Freezer cgroups
 * could do the same, but without root there are none to be had everywhere.
 */

/** Milliseconds that processes are waited for; the kernel stops one at the next moment it runs. */
const PATIENCE_MS = 2_000;
const EVERY_MS = 5;

function isStopped(pid: number): boolean {
  const state = stateOf(pid);
  return state === null || state === "T" || state === "Z" || state === "X";
}

/**
 * Stops every process of a host, those included that are made meanwhile.
 * @param pid the host's first process
 * @param wrappers the `nsenter` processes outside of it at this moment; they stop by themselves as soon as their programs have
 * @throws Error where a process cannot be stopped
 */
export async function freezeProcesses(pid: number, wrappers: () => readonly number[]): Promise<void> {
  const told = new Set<number>();
  // One in the kernel's hands (D) stops before it does anything of its own. A shell that has called vfork is there for as long as its
  // child is stopped, and would never come out.
  const isDone = (one: number) => isStopped(one) || (told.has(one) && stateOf(one) === "D");
  const findRunning = () => processesBeside(pid, "pid").filter((one) => !isDone(one));
  const areStopped = (): boolean => {
    const running = findRunning();
    for (const one of running) {
      signal(one, "SIGSTOP");
      told.add(one);
    }
    // A wrapper that has not noticed yet would go to sleep just after it was woken up.
    return running.length === 0 && wrappers().every(isStopped);
  };
  if (await waitUntil(areStopped, PATIENCE_MS, EVERY_MS)) return;
  throw new Error(
    `processes ${findRunning()
      .map((one) => `${one} (${stateOf(one)})`)
      .join(", ")} do not stop`,
  );
}

/** Lets every process of a host run on. */
export function thawProcesses(pid: number, wrappers: readonly number[]): void {
  for (const one of [...processesBeside(pid, "pid"), ...wrappers]) signal(one, "SIGCONT");
}
