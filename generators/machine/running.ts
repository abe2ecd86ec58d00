import { readFileSync } from "node:fs";

/** When a process was started, in ticks since the boot: field 22 of proc(5)'s `stat`. Empty where it does not run. */
export function startOf(pid: number): string {
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
