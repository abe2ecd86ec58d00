import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { UserError } from "../../../generators/model/problem.js";

/** What this machine lets the lab do: make namespaces, as root or without. */

/** A lab's namespaces; it ends with its first process, and that with `unshare`. */
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** How the lab's first process is started. */
export interface Isolation {
  /** `unshare` with its options; the program's own words follow. */
  readonly argv: readonly string[];
  /** Whether it needs a user namespace. */
  readonly rootless: boolean;
}

function isolate(rootless: boolean): Isolation {
  return { argv: ["unshare", ...(rootless ? ["--user", "--map-root-user"] : []), ...NAMESPACES], rootless };
}

/** @returns what it wrote to stderr where it failed, and null where it worked */
function tryOut({ argv }: Isolation, path: string, ...words: readonly string[]): Promise<string | null> {
  const [program = "", ...args] = [...argv, ...words];
  const env = { PATH: path, LC_ALL: "C" };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 10_000 }, (error, _, stderr) => {
      resolve(error === null ? null : stderr.trim() || error.message);
    });
  });
}

/** Reads a setting below /proc/sys; null where this kernel has no such. */
export type ReadSetting = (name: string) => string | null;

function readSetting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
  } catch {
    return null;
  }
}

/** Settings that keep people without root from namespaces of their own: the value that does, and one that does not. */
const GATES = [
  { name: "kernel.unprivileged_userns_clone", closed: "0", open: "1" },
  { name: "kernel.apparmor_restrict_unprivileged_userns", closed: "1", open: "0" },
  { name: "user.max_user_namespaces", closed: "0", open: "10000" },
  { name: "user.max_net_namespaces", closed: "0", open: "10000" },
] as const;

/** What else there is to do, for people and for a root that lacks capabilities, e.g. that of a container. */
function otherwise(isRoot: boolean): string {
  return isRoot ? "run it where root has CAP_SYS_ADMIN, which a container's often has not" : "run it as root";
}

/**
 * Why there are no namespaces, as far as the kernel's settings tell.
 * @param said what `unshare` wrote
 */
export function explainRefusal(said: string, isRoot: boolean, read: ReadSetting = readSetting): UserError {
  const closed = GATES.filter((gate) => read(gate.name) === gate.closed);
  const message = `this machine does not let you make namespaces: ${said.split("\n")[0] ?? ""}`;
  const settings = closed.map(({ name, closed: value }) => `${name} is ${value}`).join(", ");
  const commands = closed.map(({ name, open }) => `sudo sysctl ${name}=${open}`).join("; ");
  const hint = closed.length === 0 ? otherwise(isRoot) : `${settings}: ${commands}; or ${otherwise(isRoot)}`;
  return new UserError(message, hint, 1);
}

/**
 * Finds out how a lab can be started here: as root, or else in a user namespace.
 * @param path where `unshare` is, folders with colons between them
 * @throws UserError with the kernel's setting that forbids it
 */
export async function findIsolation(path: string): Promise<Isolation> {
  if (process.getuid?.() === 0 && (await tryOut(isolate(false), path, "true")) === null) return isolate(false);
  const said = await tryOut(isolate(true), path, "true");
  if (said !== null) throw explainRefusal(said, process.getuid?.() === 0);
  return isolate(true);
}
