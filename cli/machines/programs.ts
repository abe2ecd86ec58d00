import { findProgram } from "../../generators/machine/programs.js";
import { UserError } from "../../generators/model/problem.js";

/** Programs of this machine that commands run. */

/**
 * Makes sure that programs are there, before anything is done.
 * @param programs how to get each, by name
 * @throws UserError with all that are missing
 */
export function requirePrograms(programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).filter(([name]) => findProgram(name) === null);
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  const hints = [...new Set(missing.map(([, hint]) => hint))];
  throw new UserError(`${names.join(" and ")} ${names.length === 1 ? "is" : "are"} not installed`, hints.join("; "), 1);
}
