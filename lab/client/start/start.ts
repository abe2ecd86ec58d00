import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../generators/load/package.js";
import { UserError } from "../../../generators/model/problem.js";
import { firstChildOf } from "../../machine/processes.js";
import { waitUntil } from "../../machine/wait.js";
import type { LabRecord, SupervisorOrder } from "../../protocol.js";
import { LAB_FILES } from "../folders.js";
import { claimFolder, identifyProcess, isAlive, type Lab, removeFolder, writeRecord } from "../records.js";
import { cleanEnvironment } from "./environment.js";
import type { Isolation } from "./namespaces.js";

/** Starts a lab's first process, which ends when it wants to, and not with the command that started it. */

/** `unshare` needs a few milliseconds until it forks. */
const FORK_MS = 5_000;

/** The program of a lab's first process; the order's file is its one argument. */
const SUPERVISOR = [process.execPath, join(packageRoot, "dist/lab/supervisor.js")];

/** What a lab is started with. */
export interface StartRequest extends Omit<SupervisorOrder, "folder"> {
  readonly isolation: Isolation;
  /** @default the built supervisor */
  readonly supervisor?: readonly string[];
}

/** Starts `argv` in a session of its own; what it prints goes to the lab's log. */
function spawnDetached(folder: string, [program = "", ...args]: readonly string[]): ChildProcess {
  const log = openSync(join(folder, LAB_FILES.log), "a", 0o600);
  try {
    return spawn(program, args, { detached: true, cwd: "/", env: cleanEnvironment(), stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}

/** More of a log is not of use in an error. */
const TAIL_LINES = 5;

/** The last lines that the supervisor printed. */
export function readLogTail(folder: string): string {
  try {
    return readFileSync(join(folder, LAB_FILES.log), "utf8").trim().split("\n").slice(-TAIL_LINES).join("\n");
  } catch {
    return "";
  }
}

/** The process that `unshare` forked; null where it ended instead. */
async function findFirstProcess(unshare: ChildProcess): Promise<number | null> {
  const { pid = 0 } = unshare;
  let first: number | null = null;
  await waitUntil(() => {
    first = firstChildOf(pid);
    return first !== null || unshare.exitCode !== null || unshare.signalCode !== null;
  }, FORK_MS);
  return first;
}

async function launch(folder: string, request: StartRequest): Promise<LabRecord> {
  const { spec, root, programs, kernel, isolation, supervisor = SUPERVISOR } = request;
  const order: SupervisorOrder = { spec, root, folder, programs, kernel };
  const file = join(folder, LAB_FILES.order);
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const unshare = spawnDetached(folder, [...isolation.argv, ...supervisor, file]);
  await once(unshare, "spawn");
  const pid = await findFirstProcess(unshare);
  unshare.unref();
  if (pid === null) throw new UserError(`the lab did not start: ${readLogTail(folder)}`, undefined, 1);
  return { version: 1, name: spec.name, root, ...identifyProcess(pid), rootless: isolation.rootless };
}

/**
 * Starts a lab, and does not wait until it is ready.
 * @throws UserError where it runs already, or its first process does not start
 */
export async function startLab(request: StartRequest): Promise<Lab> {
  const folder = claimFolder(request.spec.name);
  try {
    const record = await launch(folder, request);
    if (!isAlive(record)) throw new UserError(`the lab ended at once: ${readLogTail(folder)}`, undefined, 1);
    return writeRecord(folder, record);
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}
