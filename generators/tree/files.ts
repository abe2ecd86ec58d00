/** Reading and atomic writing below a root, without ever following a symbolic link. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { UserError } from "../model/problem.js";
import { errorCode, type FolderGuard, folderOf, refuseLink } from "./paths.js";

/** What every temporary file's name starts with; a run that finds one left over by a killed run removes it. */
export const TEMP_PREFIX = ".meshflake-tmp-";

/**
 * Files open at once while they are synced: well below the usual limit of 1,024. For more files than that, one sync of the
 * whole file system is ten times as fast as one a file (0.1 s instead of 1.2 s for 8,000).
 */
const OPEN_AT_ONCE = 256;
/** Not through a link, and not waiting for a writer where somebody put a pipe. */
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file to write. */
export interface FileWrite {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly data: string | Uint8Array;
  /** The mode of the new file. @default 0o644 */
  readonly mode?: number;
  /** The temporary file, relative to the file's folder; its name starts with `TEMP_PREFIX`. @default a random one */
  readonly temp?: string;
}

/** A file that is written and synced under its temporary name. */
export interface TempFile {
  readonly path: string;
  /** Relative to the root. */
  readonly temp: string;
}

/** Temporary files, and the folders that were made for them. */
export interface Temps {
  readonly files: readonly TempFile[];
  readonly folders: readonly string[];
}

/**
 * Reads a plain file.
 * @returns undefined where it does not exist
 * @throws UserError on a symbolic link in any component, or on a folder
 */
export function readPlainFile(guard: FolderGuard, path: string): Buffer | undefined {
  return openPlainFile(guard, path, (fd) => readFileSync(fd));
}

/** Reads the first bytes of a plain file as Latin-1; empty where it does not exist. @throws UserError as `readPlainFile` */
export function readStart(guard: FolderGuard, path: string, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  const length = openPlainFile(guard, path, (fd) => readSync(fd, buffer, 0, bytes, 0)) ?? 0;
  return buffer.toString("latin1", 0, length);
}

function openPlainFile<Result>(guard: FolderGuard, path: string, read: (fd: number) => Result): Result | undefined {
  if (!guard.exists(folderOf(path))) return undefined;
  try {
    return readAndClose(openSync(join(guard.root, path), READ_PLAIN), read);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP" || code === "EMLINK") throw refuseLink(path);
    if (code === "EISDIR") throw new UserError(`${path} is a folder, where a file belongs`, undefined, 1);
    throw error;
  }
}

function readAndClose<Result>(fd: number, read: (fd: number) => Result): Result {
  try {
    return read(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes files under temporary names and syncs them to the disk; nothing is visible before `renameTemps`. Syncing goes on
 * in the background while the next files are written, since one at a time it takes most of a run.
 */
export async function writeTemps(guard: FolderGuard, writes: readonly FileWrite[]): Promise<Temps> {
  const files: TempFile[] = [];
  const folders: string[] = [];
  const bulk = writes.length > OPEN_AT_ONCE && process.platform === "linux";
  try {
    for (let at = 0; at < writes.length; at += OPEN_AT_ONCE) {
      await writeBatch(guard, writes.slice(at, at + OPEN_AT_ONCE), { files, folders, sync: !bulk });
    }
    if (bulk && !(await syncFileSystem(guard.root))) await syncWritten(guard, files);
  } catch (error) {
    discardTemps(guard, { files, folders });
    throw error;
  }
  return { files, folders };
}

interface Batch {
  readonly files: TempFile[];
  readonly folders: string[];
  readonly sync: boolean;
}

async function writeBatch(guard: FolderGuard, writes: readonly FileWrite[], batch: Batch): Promise<void> {
  const opened: number[] = [];
  const syncs: Promise<Error | null>[] = [];
  try {
    for (const write of writes) {
      const folder = folderOf(write.path);
      makeFolder(guard, folder, batch.folders);
      const temp = join(folder, write.temp ?? `${TEMP_PREFIX}${randomBytes(6).toString("hex")}`);
      const fd = openSync(join(guard.root, temp), "wx", write.mode ?? 0o644);
      opened.push(fd);
      batch.files.push({ path: write.path, temp });
      writeAll(fd, typeof write.data === "string" ? Buffer.from(write.data) : write.data);
      if (batch.sync) syncs.push(syncFile(fd));
    }
  } finally {
    await Promise.all(syncs);
    for (const fd of opened) closeSync(fd);
  }
  for (const error of await Promise.all(syncs)) if (error !== null) throw error;
}

/** Syncs the file system that the repository is on (`sync -f` of coreutils). @returns whether that worked */
async function syncFileSystem(root: string): Promise<boolean> {
  const { spawn } = await import("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("sync", ["-f", resolvePath(root)], { stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}

async function syncWritten(guard: FolderGuard, files: readonly TempFile[]): Promise<void> {
  for (const file of files) {
    const fd = openSync(join(guard.root, file.temp), "r");
    const error = await syncFile(fd);
    closeSync(fd);
    if (error !== null) throw error;
  }
}

/** Resolves with the error, so that no file is closed while another one is still being synced. */
function syncFile(fd: number): Promise<Error | null> {
  return new Promise((resolve) => fsync(fd, resolve));
}

function writeAll(fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

function makeFolder(guard: FolderGuard, folder: string, made: string[]): void {
  if (guard.exists(folder)) return;
  makeFolder(guard, folderOf(folder), made);
  mkdirSync(join(guard.root, folder));
  guard.note(folder, true);
  made.push(folder);
}

/** Puts the temporary files in their places, in the given order. */
export function renameTemps(guard: FolderGuard, files: readonly TempFile[]): void {
  for (const file of files) renameSync(join(guard.root, file.temp), join(guard.root, file.path));
}

/** Takes everything back that `writeTemps` made. */
export function discardTemps(guard: FolderGuard, temps: Temps): void {
  for (const file of temps.files) removeFile(guard, file.temp);
  for (const folder of [...temps.folders].reverse()) removeEmptyFolder(guard, folder);
}

/** Removes a file; it may be gone already. */
export function removeFile(guard: FolderGuard, path: string): void {
  if (guard.exists(folderOf(path))) rmSync(join(guard.root, path), { force: true });
}

/** Removes a folder if it is empty. @returns whether it is gone now */
export function removeEmptyFolder(guard: FolderGuard, folder: string): boolean {
  if (!guard.exists(folder)) return true;
  try {
    rmdirSync(join(guard.root, folder));
  } catch (error) {
    if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return false;
    throw error;
  }
  guard.note(folder, false);
  return true;
}

/** The names in a folder; none where it does not exist. */
export function listFolder(guard: FolderGuard, folder: string): readonly string[] {
  return guard.exists(folder) ? readdirSync(join(guard.root, folder)) : [];
}

/** Writes one file atomically: temporary file, sync, rename. */
export async function writeFileAtomic(guard: FolderGuard, write: FileWrite): Promise<void> {
  const temps = await writeTemps(guard, [write]);
  renameTemps(guard, temps.files);
}
