import { relative, sep } from "node:path";
import type { Problem } from "../generators/model/problem.js";
import { FleetError, UserError } from "../generators/model/problem.js";
import type { Colors, CommandResult, ExitCode } from "./context.js";
import { describeSystemError } from "./system-error.js";
import { formatProblems, type ProblemFormat, sortProblems } from "./terminal/problems.js";
import { count } from "./terminal/words.js";

/** How a command ended, as text for both streams or as one JSON object. */

/** The version of `--json` objects; raised when a field changes its meaning or goes away. */
export const JSON_VERSION = 1;

export interface Failure {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint?: string;
  /** Only of an exception that should not happen. */
  readonly stack?: string;
}

export type Outcome = (CommandResult | { readonly failure: Failure; readonly problems: readonly Problem[] }) & {
  /** How many of the problems are errors only because of `--strict`. */
  readonly raised?: number;
};

function formatCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${formatCauses(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/** Warnings that stopped the command are errors. */
function toFatalOutcome(found: readonly Problem[], strict: boolean): Outcome {
  const problems = strict ? found.map((problem) => ({ ...problem, severity: "error" as const })) : found;
  const warnings = found.filter(({ severity }) => severity === "warning");
  const raised = strict ? sortProblems(warnings).length : 0;
  return { exitCode: 2, text: () => "", data: () => ({}), problems, ...(raised > 0 && { raised }) };
}

/**
 * Turns what a command threw into how it ended.
 * @param strict warnings stop as errors do
 */
export function toOutcome(error: unknown, strict = false): Outcome {
  if (error instanceof FleetError) return toFatalOutcome(error.problems, strict);
  if (error instanceof UserError) {
    const { exitCode, message, hint } = error;
    return { failure: { exitCode, message, ...(hint !== undefined && { hint }) }, problems: [] };
  }
  const system = describeSystemError(error);
  if (system !== undefined) return { failure: { exitCode: 1, ...system }, problems: [] };
  const thrown = error instanceof Error ? error : new Error(String(error));
  return { failure: { exitCode: 1, message: thrown.message, stack: formatCauses(thrown) }, problems: [] };
}

export function exitCodeOf(outcome: Outcome): number {
  return "failure" in outcome ? outcome.failure.exitCode : outcome.exitCode;
}

/**
 * The `--json` object; what every command has comes first, and its problems last.
 * @param command null where the command line named none
 */
export function formatJson(command: string | null, outcome: Outcome): string {
  const exitCode = exitCodeOf(outcome);
  const rest = "failure" in outcome ? { error: { ...outcome.failure, exitCode: undefined } } : outcome.data();
  const problems = sortProblems(outcome.problems);
  return JSON.stringify({ version: JSON_VERSION, command, ok: exitCode === 0, exitCode, ...rest, problems }, null, 2);
}

/**
 * A line of a command that goes on, with `--json`.
 * @param command with its group: `lab logs`
 */
export function formatJsonLine(command: string, data: object): string {
  return `${JSON.stringify({ version: JSON_VERSION, command, ...data })}\n`;
}

/** Why it failed; a stack only where the fault is ours. */
export function formatFailure({ message, hint, stack }: Failure, colors: Colors, bugs: string | undefined): string {
  if (stack !== undefined) {
    const where = bugs === undefined ? "" : ` at ${bugs}`;
    return `${stack}\n\n${colors.red("This is a bug in meshflake.")} Please report it${where} with the lines above.`;
  }
  return `${colors.red("error:")} ${message}${hint === undefined ? "" : `\nHint: ${hint}`}`;
}

/** Problems in the wanted format, empty where there are none. */
export function formatReport(
  { problems, raised = 0 }: Pick<Outcome, "problems" | "raised">,
  format: ProblemFormat,
  colors: Colors,
  prefix: string,
): string {
  if (problems.length === 0) return "";
  const text = formatProblems(sortProblems(problems), { format, colors, prefix });
  if (raised === 0 || format !== "text") return text;
  return `${text}\n--strict made ${count(raised, "warning")} ${raised === 1 ? "an error" : "errors"}`;
}

/** Whether there are warnings and nothing worse. */
export function isWarned({ problems }: Pick<Outcome, "problems">): boolean {
  return problems.length > 0 && problems.every(({ severity }) => severity === "warning");
}

/** Where they would hide the result: how many there are. */
export function countWarnings(problems: readonly Problem[], environment: string | undefined): string {
  const warnings = sortProblems(problems).length;
  const check = `meshflake check${environment === undefined ? "" : ` --env ${environment}`}`;
  return `${count(warnings, "warning")}: ${check} shows ${warnings === 1 ? "it" : "them"}`;
}

/** From the folder that GitHub checked out to the fleet's repository, empty or with a slash at its end. */
export function prefixWithin(workspace: string | undefined, root: string): string {
  if (workspace === undefined) return "";
  const path = relative(workspace, root);
  return path === "" || path.startsWith("..") ? "" : `${path.split(sep).join("/")}/`;
}
