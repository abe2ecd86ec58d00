import { searchPath } from "./programs.js";

/** Nothing else of the person's environment gets into a lab: no token of theirs, and Nomad alone stops at some variables of clouds. */

/** For the lab's own programs. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { HOME, TZ } = process.env;
  return { PATH: searchPath(), HOME, LC_ALL: "C.UTF-8", ...(TZ !== undefined && { TZ }) };
}

/** What a terminal and its person's language are known by. */
const OF_TERMINALS = ["TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "TZ"];

/** For what a person runs on a host. */
export function terminalEnvironment(): NodeJS.ProcessEnv {
  const kept = OF_TERMINALS.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: searchPath(), HOME: "/root", ...Object.fromEntries(kept) };
}
