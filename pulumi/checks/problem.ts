import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem, ValuePath } from "../../generators/model/problem.js";

/** What stops a stack before anything is made, as every other problem of a fleet is said. */

/** A problem of what a host file says. */
export function hostProblem(fleet: Fleet, host: string, path: ValuePath, message: string, hint: string): Problem {
  return {
    code: "cloud",
    severity: "error",
    origins: fleet.originsOf(host, path),
    message: `${host}: ${message}`,
    hint,
  };
}

/** A problem of the stack, or of the machine that the program runs on. */
export function stackProblem(message: string, hint: string): Problem {
  return { code: "cloud", severity: "error", origins: [], message, hint };
}
