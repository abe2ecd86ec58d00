import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Processes, as /proc of the lab's PID namespace shows them: a host's own processes from outside of the host. */

/** What can vanish at any time is no error. */
function read<Value>(value: () => Value): Value | null {
  try {
    return value();
  } catch {
    return null;
  }
}

/** A child of a process, or null where it has none. */
export function firstChildOf(pid: number): number | null {
  const children = read(() => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")) ?? "";
  const first = Number.parseInt(children, 10);
  return Number.isNaN(first) ? null : first;
}

/** The state of a process, one letter as in proc(5): `T` stopped, `Z` dead and not yet reaped. Null where it is gone. */
export function stateOf(pid: number): string | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat === null ? null : (stat[stat.lastIndexOf(")") + 2] ?? null);
}

/** Whether a process still runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== null && state !== "Z" && state !== "X";
}

/** Kinds of namespaces, as below /proc/PID/ns. */
type NamespaceKind = "net" | "pid";

function namespaceOf(pid: number | string, kind: NamespaceKind): string | null {
  return read(() => readlinkSync(`/proc/${pid}/ns/${kind}`));
}

/** All processes in the namespace of a process, itself included, and zombies until they are reaped. */
export function processesBeside(pid: number, kind: NamespaceKind): number[] {
  const namespace = namespaceOf(pid, kind);
  if (namespace === null) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name, kind) === namespace)
    .map(Number);
}

/** Sends a signal; whoever is gone by now needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  read(() => process.kill(pid, name));
}
