import type { Steps } from "../spec.js";
import { mustSucceed } from "./command.js";
import { runIn } from "./enter.js";

/** What is done inside of one network namespace, all of it by one shell: a process for each command would cost more than the command. */

/** Ends what a program reads from the script; no line of settings looks like it. */
const END = "_END_OF_INPUT_";

function feed(command: string, input: string): string {
  return `${command} <<'${END}'\n${input}\n${END}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The path of a setting below /proc/sys. Dots separate, and slashes are dots in the names of interfaces, as for sysctl(8). */
function settingPath(name: string): string {
  const swapped = name.replace(/[./]/g, (sign) => (sign === "." ? "/" : "."));
  return `/proc/sys/${swapped}`;
}

/** Lines of a shell that write settings below /proc/sys. Those that this kernel or namespace does not have are named on stdout. */
export function writeSettings(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      const path = quote(settingPath(name));
      return `if [ -e ${path} ]; then echo ${quote(String(value))} >${path}; else echo ${quote(name)}; fi`;
    })
    .join("\n");
}

/** What is done in a namespace, wherever it is. */
export type Work = Omit<Steps, "namespace">;

function scriptOf({ sysctl, ip, nft, tc }: Work): string {
  return [
    "set -eu",
    ...(sysctl === undefined ? [] : [writeSettings(sysctl)]),
    ...(ip === undefined || ip.length === 0 ? [] : [feed("ip -batch -", ip.join("\n"))]),
    ...(nft === undefined ? [] : [feed("nft -f -", nft)]),
    ...(tc === undefined || tc.length === 0 ? [] : [feed("tc -batch -", tc.join("\n"))]),
  ].join("\n");
}

/**
 * Does what is to be done in the network namespace of a process.
 * @param what they are for, for messages
 * @returns settings that are not there
 * @throws Error with what the program said that failed
 */
export async function applySteps(what: string, pid: number, work: Work): Promise<string[]> {
  const { stdout } = mustSucceed(what, await runIn(pid, ["sh", "-s"], { input: scriptOf(work) }));
  return stdout.split("\n").filter((line) => line !== "");
}
