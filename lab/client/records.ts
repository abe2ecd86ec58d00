import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { startOf } from "../../generators/machine/running.js";
import { UserError } from "../../generators/model/problem.js";
import type { LabRecord } from "../protocol.js";
import { isLabName, LAB_FILES, labFolder, labsFolder } from "./folders.js";

/** Which labs run. A folder says so only as long as the process that its record names is alive. */

/** A lab that runs. */
export interface Lab {
  readonly record: LabRecord;
  readonly folder: string;
  readonly socket: string;
}

/** A process, told from a later one of the same number. */
export type LivingProcess = Pick<LabRecord, "pid" | "startTime">;

/** @throws Error where the process is gone already */
export function identifyProcess(pid: number): LivingProcess {
  const startTime = startOf(pid);
  if (startTime === "") throw new Error(`process ${pid} is gone`);
  return { pid, startTime };
}

/** Whether that very process still runs. */
export function isAlive({ pid, startTime }: LivingProcess): boolean {
  return startTime !== "" && startOf(pid) === startTime;
}

function isLivingProcess(value: unknown): value is LivingProcess {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTime } = value as Partial<LivingProcess>;
  return Number.isInteger(pid) && typeof startTime === "string";
}

function isRecord(value: unknown): value is LabRecord {
  if (!isLivingProcess(value)) return false;
  const { version, name, root, rootless } = value as Partial<LabRecord>;
  return version === 1 && typeof name === "string" && typeof root === "string" && typeof rootless === "boolean";
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** Whole or not at all: others read it meanwhile. */
function writePrivate(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function readLab(folder: string): Lab | null {
  const record = readJson(join(folder, LAB_FILES.record));
  return isRecord(record) && isAlive(record) ? { record, folder, socket: join(folder, LAB_FILES.socket) } : null;
}

/** Whether somebody is about to start a lab there. */
function isStarting(folder: string): boolean {
  const starter = readJson(join(folder, LAB_FILES.starter));
  return isLivingProcess(starter) && isAlive(starter);
}

/** Removes a lab's folder, whatever is in it, and after the last one the folder of them all. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(dirname(folder));
  } catch {
    // Another lab runs, or there never was one.
  }
}

/**
 * The lab of that name, if it runs; what a dead one left is removed.
 * @throws UserError where the name is none
 */
export function findLab(name: string): Lab | null {
  const folder = labFolder(name);
  const lab = readLab(folder);
  if (lab === null && !isStarting(folder)) removeFolder(folder);
  return lab;
}

/** All labs of this person that run, by name; what dead ones left is removed. */
export function listLabs(): Lab[] {
  const labs = labsFolder();
  if (!existsSync(labs)) return [];
  return readdirSync(labs)
    .filter(isLabName)
    .sort()
    .map(findLab)
    .filter((lab) => lab !== null);
}

function refuseSecond(name: string): UserError {
  const hint = `meshflake lab down --name ${name} ends it; --name NAME starts another one beside it`;
  return new UserError(`the lab ${name} runs already`, hint, 1);
}

/**
 * Makes the folder of a lab that is about to start; of two commands at once, one gets it.
 * @throws UserError where the lab runs, or somebody else starts it at this moment
 */
export function claimFolder(name: string): string {
  if (findLab(name) !== null) throw refuseSecond(name);
  const folder = labFolder(name);
  const own = `${folder}.${process.pid}`;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  try {
    writePrivate(join(own, LAB_FILES.starter), identifyProcess(process.pid));
    // Fails where somebody else's folder is there, as that one is not empty.
    renameSync(own, folder);
  } catch (error) {
    removeFolder(own);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") throw refuseSecond(name);
    throw error;
  }
  return folder;
}

/** Notes that the lab runs. */
export function writeRecord(folder: string, record: LabRecord): Lab {
  writePrivate(join(folder, LAB_FILES.record), record);
  rmSync(join(folder, LAB_FILES.starter), { force: true });
  return { record, folder, socket: join(folder, LAB_FILES.socket) };
}
