/**
 * Keeps two runs from writing to one repository at once: each would make keys of its own, and the lock of one would end up
 * with the secrets of the other.
 */
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/problem.js";
import { TEMP_PREFIX } from "./files.js";
import { errorCode } from "./paths.js";

/** In the root of the repository, while a run writes. One that a killed run left is taken over. */
export const RUN_FILE = ".meshflake-running";

/**
 * Does work while no other process of this machine does the same for this repository.
 * @throws UserError where one does
 */
export async function whileAlone<T>(root: string, work: () => Promise<T>): Promise<T> {
  takeTurn(root);
  try {
    return await work();
  } finally {
    rmSync(join(root, RUN_FILE), { force: true });
  }
}

function takeTurn(root: string): void {
  const file = join(root, RUN_FILE);
  // Linking a complete file makes it appear with its content, or not at all.
  const temp = join(root, `${TEMP_PREFIX}${process.pid}-running`);
  try {
    // A full disk leaves an empty file.
    writeFileSync(temp, `${nameProcess(process.pid)}\n`);
    if (existsSync(file)) removeStale(file);
    linkSync(temp, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw isBusy(file);
    throw error;
  } finally {
    rmSync(temp, { force: true });
  }
}

function removeStale(file: string): void {
  const owner = readOwner(file);
  const pid = Number.parseInt(owner, 10);
  if (pid > 0 && nameProcess(pid) === owner) throw isBusy(file);
  rmSync(file, { force: true });
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

function isBusy(file: string): UserError {
  const pid = Number.parseInt(readOwner(file), 10);
  const hint = `wait until it is done; if it is no meshflake, remove ${RUN_FILE}`;
  return new UserError(`another meshflake (process ${pid || "unknown"}) is writing to this repository`, hint, 1);
}

/** A process id with its start, since ids are used again after a while; empty where it does not run. */
function nameProcess(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process runs, too.
    if (errorCode(error) !== "EPERM") return "";
  }
  return `${pid} ${readStart(pid)}`.trim();
}

/** When it was started, where Linux says so: in ticks since the boot, field 22 of proc(5)'s `stat`, and which boot. */
function readStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    return `${ticks} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return "";
  }
}
