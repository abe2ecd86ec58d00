import { readFileSync } from "node:fs";

/** Processes as /proc shows them. */

/** The PID of a process's parent (field 4 of proc(5)'s `stat`), or null where it is gone. */
export function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}
