import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import { UserError } from "../../generators/model/problem.js";

/**
 * Asks a person who sits at the terminal. The question goes to stderr, since stdout is the result.
 * @param question several lines, perhaps; `[y/N]` is added
 * @param otherwise what to do where there is no terminal, e.g. `give --yes`
 * @returns true only for a yes
 * @throws UserError where nobody can answer
 */
export async function confirm(question: string, otherwise: string): Promise<boolean> {
  if (!isatty(0) || !isatty(2)) throw new UserError("there is no terminal to ask on", otherwise);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) =>
    lines.on("close", () => resolve("")).on("SIGINT", () => lines.close()),
  );
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
