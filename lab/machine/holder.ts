import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { start } from "./command.js";
import { processesBeside, signal } from "./processes.js";

/** Processes that do nothing but keep namespaces alive. */

/** A process in namespaces of its own. They end with it and with whatever else runs in them. */
export interface Holder {
  /** In the lab's PID namespace; 1 in its own, where it has one. */
  readonly pid: number;
  /** Once it has ended. */
  readonly ended: Promise<void>;
  /** Ends it at once, with whatever else is in its namespaces. */
  readonly kill: () => Promise<void>;
}

/**
 * First lines of a holder: its PID as the lab sees it, which it can only learn as long as it sees the lab's /proc. New addresses
 * need not be checked for duplicates, which takes a second each: nobody else gives out addresses here.
 */
const HOLDER_START = [
  "set -eu",
  "unset HOLDER",
  "read -r pid _ </proc/self/stat",
  "ip link set lo up",
  "for scope in all default; do",
  '  [ ! -e "/proc/sys/net/ipv6/conf/$scope/accept_dad" ] || echo 0 >"/proc/sys/net/ipv6/conf/$scope/accept_dad"',
  "done",
].join("\n");

/** Last lines of a holder: it says that it is ready, lets go of its output, waits for ever, and reaps whoever loses its parent. */
const HOLDER_END = [
  'echo "ready $pid"',
  "exec </dev/null >/dev/null 2>&1",
  // The shell reaps orphans only while it waits, and `wait` needs a child of its own.
  "while :; do sleep infinity & wait $!; done",
].join("\n");

/** Milliseconds; a holder is there in some ten. */
const TIMEOUT_MS = 20_000;

/**
 * Starts a shell in new namespaces that waits for ever once it has run a script.
 * @param what it is, for messages and the list of processes
 * @param namespaces options of `unshare`
 * @param inside the script, which knows nothing but the lab's files
 * @param args of the script
 * @throws Error with what it said where it ended before it was ready
 */
export async function hold(
  what: string,
  namespaces: readonly string[],
  inside: string,
  args: readonly string[] = [],
): Promise<Holder> {
  const script = [HOLDER_START, inside, HOLDER_END].join("\n");
  // By its environment, which leaves the list of processes readable.
  const argv = ["unshare", ...namespaces, "--", "sh", "-c", 'eval "$HOLDER"', what, ...args];
  const child = start(argv, { env: { ...process.env, HOLDER: script }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const pid = await readPid(what, child);
  const kill = async (): Promise<void> => {
    // A program that came in from outside would keep the network alive.
    const guests = processesBeside(pid, "net");
    for (const one of [pid, ...guests]) signal(one, "SIGKILL");
    await ended;
  };
  return { pid, ended, kill };
}

function readPid(what: string, child: ChildProcess): Promise<number> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${what} did not start: ${said.trim() || why}`));
    };
    const timer = setTimeout(() => fail(`it was not ready within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signalled) => fail(`it ended (${signalled ?? code})`));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const pid = /^ready (\d+)$/.exec(line)?.[1];
      if (pid === undefined) return;
      clearTimeout(timer);
      resolve(Number(pid));
    });
  });
}

/** Makes a network namespace and keeps it. */
export function holdNetwork(name: string): Promise<Holder> {
  return hold(`the namespace ${name}`, ["--net"], ":");
}
