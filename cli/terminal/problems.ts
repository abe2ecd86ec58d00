import type { Problem, ValuePath } from "../../generators/model/problem.js";
import type { Colors } from "../context.js";
import { count } from "./words.js";

/** Problems as text, as workflow annotations and as data. */

export const PROBLEM_FORMATS = ["text", "github"] as const;
export type ProblemFormat = (typeof PROBLEM_FORMATS)[number];

/** A problem as `--json` says it. */
export interface ProblemData {
  readonly code: string;
  readonly severity: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  /** Where it shows in this environment alone, and not in the fleet itself. */
  readonly environment?: string;
  readonly message: string;
  readonly hint?: string;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A place in a value as JavaScript writes it: `consul.services[0].port`, `sites["my-site"].lan`. */
export function formatPath(path: ValuePath): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (!IDENTIFIER.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}

/** The fields of a problem that programs read. */
export function toProblemData(problem: Problem & { readonly environment?: string }): ProblemData {
  const origin = problem.origins[0];
  return {
    code: problem.code,
    severity: problem.severity,
    ...(origin && { file: origin.file }),
    ...(problem.line !== undefined && { line: problem.line }),
    ...(problem.column !== undefined && { column: problem.column }),
    ...(origin && origin.path.length > 0 && { path: formatPath(origin.path) }),
    ...(problem.environment !== undefined && { environment: problem.environment }),
    message: problem.message,
    ...(problem.hint !== undefined && { hint: problem.hint }),
  };
}

function compareProblems(a: ProblemData, b: ProblemData): number {
  if (a.severity !== b.severity) return a.severity === "error" ? -1 : 1;
  if (a.file !== b.file) return (a.file ?? "") < (b.file ?? "") ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function keyOf({ environment: _, ...problem }: ProblemData): string {
  return JSON.stringify(problem);
}

/** Errors before warnings, then by place; what the fleet itself has as well is kept once, without the environment. */
export function sortProblems(problems: readonly Problem[]): ProblemData[] {
  const unique = new Map<string, ProblemData>();
  const all = problems.map(toProblemData);
  const ofFleet = new Set(all.filter(({ environment }) => environment === undefined).map(keyOf));
  for (const data of all) {
    if (data.environment === undefined || !ofFleet.has(keyOf(data))) unique.set(JSON.stringify(data), data);
  }
  return [...unique.values()].sort(compareProblems);
}

/** For people: a problem of several environments is one, `dev and test`. */
function mergeEnvironments(problems: readonly ProblemData[]): ProblemData[] {
  const merged = new Map<string, { readonly problem: ProblemData; readonly environments: string[] }>();
  for (const problem of problems) {
    const key = keyOf(problem);
    const entry = merged.get(key) ?? { problem, environments: [] };
    if (problem.environment !== undefined) entry.environments.push(problem.environment);
    merged.set(key, entry);
  }
  return [...merged.values()].map(({ problem, environments }) =>
    environments.length < 2 ? problem : { ...problem, environment: environments.join(" and ") },
  );
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function describe({ path, environment, message, hint }: ProblemData): string {
  const where = environment === undefined ? "" : `, in environment ${environment}`;
  const what = endSentence(`${path === undefined ? "" : `${path}: `}${message}${where}`);
  return hint === undefined ? what : `${what} Hint: ${endSentence(hint)}`;
}

function formatText(problem: ProblemData, colors: Colors): string {
  const { file, line, column, severity, code } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const tint = severity === "error" ? colors.red : colors.yellow;
  return `${place === "" ? "" : `${colors.bold(place)}  `}${describe(problem)} ${tint(`${severity}[${code}]`)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** GitHub's workflow commands; `prefix` leads from its workspace to the fleet's repository. */
function formatGithub(problem: ProblemData, prefix: string): string {
  const properties = [
    ["file", problem.file === undefined ? undefined : prefix + problem.file],
    ["line", problem.line],
    ["col", problem.column],
    ["title", problem.code],
  ]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${problem.severity} ${properties.join(",")}::${escapeData(describe(problem))}`;
}

/** `2 errors, 1 warning`. */
export function countProblems(problems: readonly ProblemData[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  return [errors > 0 && count(errors, "error"), warnings > 0 && count(warnings, "warning")].filter(Boolean).join(", ");
}

export interface ProblemStyle {
  readonly format: ProblemFormat;
  readonly colors: Colors;
  /** From GitHub's workspace to the repository, empty or with a slash at its end. */
  readonly prefix: string;
}

/** All problems, one a line, and how many there are. */
export function formatProblems(all: readonly ProblemData[], { format, colors, prefix }: ProblemStyle): string {
  const problems = mergeEnvironments(all);
  if (format === "github") return problems.map((problem) => formatGithub(problem, prefix)).join("\n");
  return [...problems.map((problem) => formatText(problem, colors)), colors.bold(countProblems(problems))].join("\n");
}
