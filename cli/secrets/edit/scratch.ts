import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A private file for an editor: in memory where the machine has such a file system, gone on every way out. A run that was
 * killed leaves a folder whose name says which process it was; the next run removes it.
 */

const PREFIX = "meshflake-edit-";
/** statfs(2): tmpfs and ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface Scratch {
  readonly file: string;
  /** Whether it never reaches a disk (swap aside). */
  readonly inMemory: boolean;
  remove(): void;
}

function candidates(): string[] {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  return [...(runtime ? [runtime] : []), "/dev/shm"];
}

function isInMemory(folder: string): boolean {
  try {
    return IN_MEMORY.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/**
 * Makes the file, 0600 in a folder that is 0700.
 * @param name the file's, which the editor shows
 */
export function makeScratch(name: string, value: Uint8Array): Scratch {
  const memory = candidates().filter(isInMemory);
  const mark = `${PREFIX}${process.pid}-${startOf(process.pid)}-${randomBytes(6).toString("hex")}`;
  for (const base of [...memory, tmpdir()]) {
    const folder = join(base, mark);
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (base === tmpdir()) throw error;
      continue;
    }
    const remove = removeAtEnd(folder);
    const file = join(folder, name);
    writeFileSync(file, value, { mode: 0o600, flag: "wx" });
    return { file, inMemory: memory.includes(base), remove };
  }
  throw new Error("there is always a temporary folder");
}

/** While an editor runs, `runForeground` has handlers of its own, and a signal ends the editor first. */
function removeAtEnd(folder: string): () => void {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = () => {
      if (process.listenerCount(signal) > 1) return;
      remove();
      process.exit(128 + number);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  process.on("exit", remove);
  return () => {
    remove();
    process.off("exit", remove);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** Removes what killed runs of the same person left. */
export function removeLeftScratch(): void {
  for (const base of [...candidates(), tmpdir()]) {
    for (const name of listNames(base)) {
      const [pid = "", start = ""] = name.slice(PREFIX.length).split("-");
      if (startOf(Number(pid)) === start) continue;
      const folder = join(base, name);
      const stats = lstatSync(folder, { throwIfNoEntry: false });
      if (stats?.isDirectory() && stats.uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    }
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^meshflake-edit-\d+-\d*-[0-9a-f]+$/.test(name));
  } catch {
    return [];
  }
}

/** When a process was started, in ticks since the boot: field 22 of proc(5)'s `stat`. Empty where it does not run. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return aliveWithoutProc(pid) ? "0" : "";
  }
}

/** Where there is no /proc, as on macOS. */
function aliveWithoutProc(pid: number): boolean {
  if (process.platform === "linux") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
