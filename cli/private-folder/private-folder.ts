import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOf } from "../../generators/machine/running.js";
import type { Progress } from "../terminal/progress.js";

/**
 * A private folder for secrets in the clear: in memory where the machine has such a file system, gone on every way out. A run
 * that was killed leaves one whose name says which process it was; the next run removes it.
 */

/** What a folder is for, which its name tells. */
export type Purpose = "edit" | "install";

const NAME = /^meshflake-(?:edit|install)-(\d+)-(\d*)-[0-9a-f]+$/;
/** statfs(2): tmpfs and ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);
const SIGNALS: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGTERM"];

interface PrivateFolder {
  readonly path: string;
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
 * Runs `use` with a folder that nobody else can look into, and removes it afterwards, however that ends. Says so where it lies
 * on a disk.
 * @param bases folders to make it in, if they are in memory
 * @default bases `$XDG_RUNTIME_DIR`, /dev/shm
 */
export async function withPrivateFolder<Result>(
  progress: Pick<Progress, "note">,
  purpose: Purpose,
  use: (folder: string) => Promise<Result>,
  bases: readonly string[] = candidates(),
): Promise<Result> {
  removeLeftFolders();
  const folder = makeFolder(purpose, bases.filter(isInMemory));
  try {
    if (!folder.inMemory) {
      progress.note("warning: this machine has no file system in memory; a secret lies on the disk meanwhile");
    }
    return await use(folder.path);
  } finally {
    folder.remove();
  }
}

function makeFolder(purpose: Purpose, memory: readonly string[]): PrivateFolder {
  const mark = `meshflake-${purpose}-${process.pid}-${startOf(process.pid)}-${randomBytes(6).toString("hex")}`;
  for (const base of memory) {
    const path = join(base, mark);
    try {
      mkdirSync(path, { mode: 0o700 });
      return { path, inMemory: true, remove: removeAtEnd(path) };
    } catch {
      // Not ours to write to: the next one.
    }
  }
  const path = join(tmpdir(), mark);
  mkdirSync(path, { mode: 0o700 });
  return { path, inMemory: isInMemory(tmpdir()), remove: removeAtEnd(path) };
}

/** While another program runs, `runForeground` has handlers of its own, and a signal ends that program first. */
function removeAtEnd(folder: string): () => void {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    remove();
    process.off(signal, stop);
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.on("exit", remove);
  return () => {
    remove();
    process.off("exit", remove);
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}

/** Removes what killed runs of the same person left. */
export function removeLeftFolders(): void {
  for (const base of [...candidates(), tmpdir()]) {
    for (const name of listNames(base)) {
      const [, pid = "", start = ""] = NAME.exec(name) ?? [];
      if (startOf(Number(pid)) === start) continue;
      const folder = join(base, name);
      const stats = lstatSync(folder, { throwIfNoEntry: false });
      if (stats?.isDirectory() && stats.uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    }
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch {
    return [];
  }
}
