#!/usr/bin/env node
import { type Command, CommanderError } from "commander";
import { listNames } from "../generators/load/nearest.js";
import { UserError } from "../generators/model/problem.js";
import type { Colors, Context } from "./context.js";
import { createProgram, type Invocation } from "./program.js";
import {
  countWarnings,
  exitCodeOf,
  formatFailure,
  formatJson,
  formatReport,
  isWarned,
  type Outcome,
  prefixWithin,
  toOutcome,
} from "./report.js";
import { findRoot, readPackage } from "./root.js";
import { colorsFor } from "./terminal/colors.js";
import type { ProblemFormat } from "./terminal/problems.js";
import { createProgress } from "./terminal/progress.js";

/** The only code that reads `process`, prints, and sets exit codes. */

const argv = process.argv.slice(2);

/** Of what is no terminal. */
const DEFAULT_COLUMNS = 100;

function colorsOf(stream: NodeJS.WriteStream): Colors {
  return colorsFor({ env: process.env, isTty: stream.isTTY === true, off: argv.includes("--no-color") });
}

function print(stream: NodeJS.WriteStream, text: string): void {
  if (text !== "") stream.write(text.endsWith("\n") ? text : `${text}\n`);
}

function createContext({ shared }: Invocation): Context {
  let root: string | undefined;
  return {
    options: shared,
    cwd: process.cwd(),
    root: () => {
      root ??= findRoot(process.cwd(), shared.root);
      return root;
    },
    colors: colorsOf(process.stdout),
    interactive: process.stdout.isTTY === true,
    columns: process.stdout.isTTY ? process.stdout.columns : DEFAULT_COLUMNS,
    progress: createProgress(process.stderr, shared.quiet === true),
  };
}

async function runCommand({ definition, args, options }: Invocation, context: Context): Promise<Outcome> {
  try {
    const module = await definition.load();
    return await module.run(context, args, options);
  } catch (error) {
    return toOutcome(error, context.options.strict === true);
  } finally {
    context.progress.clear();
  }
}

function findPrefix(context: Context): string {
  const { GITHUB_WORKSPACE: workspace } = process.env;
  return workspace === undefined ? "" : prefixWithin(workspace, context.root());
}

function printOutcome({ definition, name, shared }: Invocation, context: Context, outcome: Outcome): void {
  if (shared.json) {
    print(process.stdout, formatJson(name, outcome));
    return;
  }
  const stream = definition.reportsProblems ? process.stdout : process.stderr;
  const format = (shared.format ?? "text") as ProblemFormat;
  const prefix = format === "github" && outcome.problems.length > 0 ? findPrefix(context) : "";
  const counted = definition.showsWarnings !== true && format === "text" && isWarned(outcome);
  const report = () => formatReport(outcome, format, colorsOf(stream), prefix);
  print(stream, counted ? countWarnings(outcome.problems, shared.env) : report());
  if ("failure" in outcome)
    print(process.stderr, formatFailure(outcome.failure, colorsOf(process.stderr), readPackage().bugs));
  else if (outcome.bytes !== undefined) process.stdout.write(outcome.bytes);
  else if (definition.verbatim) process.stdout.write(outcome.text());
  else print(process.stdout, outcome.text());
}

function listCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

/** The command that the line names, with its group's name: `null` and the program itself where there is none. */
function findNamed(program: Command): { readonly name: string | null; readonly command: Command } {
  const names: string[] = [];
  let at = program;
  for (const word of argv) {
    const next: Command | undefined = at.commands.find((command) => command.name() === word);
    if (next === undefined) continue;
    names.push(word);
    at = next;
  }
  return { name: names.length === 0 ? null : names.join(" "), command: at };
}

/** What is wrong with the line, in the words of the parser, which has none where it prints help instead. */
function explainUsage({ code, message }: CommanderError, command: Command): UserError {
  if (code !== "commander.help") return new UserError(message.replace(/^error: /, ""));
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .map((one) => one.name());
  const names = visible.filter((name) => name !== "help");
  return new UserError(`${command.name()} is no command by itself`, `choose ${listNames(names, "or")}`);
}

/** Parses the command line. @returns the exit code where nothing is left to run */
function parse(): Invocation | number {
  let invocation: Invocation | undefined;
  const json = argv.includes("--json");
  const program = createProgram(readPackage().version, (parsed) => {
    invocation = parsed;
  });
  for (const command of listCommands(program)) {
    command.exitOverride();
    if (json) command.configureOutput({ writeErr: () => {} });
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const { name, command } = findNamed(program);
    if (json) print(process.stdout, formatJson(name, toOutcome(explainUsage(error, command))));
    return 2;
  }
  return invocation ?? 2;
}

/** Ends without a command's context, e.g. where the folder that it was started in is gone. */
function fail(error: unknown): void {
  const outcome = toOutcome(error);
  process.exitCode = exitCodeOf(outcome);
  if ("failure" in outcome) {
    print(process.stderr, formatFailure(outcome.failure, colorsOf(process.stderr), readPackage().bugs));
  }
}

/** What a stream says once its reader went away: at the first write, and at every later one. */
const CLOSED_PIPE = new Set(["EPIPE", "ERR_STREAM_DESTROYED"]);

/**
 * A reader that went away, as in `meshflake plan | head`, is no failure, and no reason to leave work half done; a full disk behind the
 * redirection is one.
 */
function onStreamError(error: NodeJS.ErrnoException): void {
  if (!CLOSED_PIPE.has(error.code ?? "")) fail(error);
}

/** Until it ends, or nobody reads it any more. */
async function printStream(parts: AsyncIterable<string>): Promise<void> {
  for await (const part of parts) {
    if (!process.stdout.writable) return;
    process.stdout.write(part);
  }
}

async function main(invocation: Invocation): Promise<void> {
  const context = createContext(invocation);
  const outcome = await runCommand(invocation, context);
  process.exitCode = exitCodeOf(outcome);
  if ("stream" in outcome && outcome.stream !== undefined) await printStream(outcome.stream);
  else printOutcome(invocation, context, outcome);
}

process.stdout.on("error", onStreamError);
process.stderr.on("error", onStreamError);
const invocation = parse();
if (typeof invocation === "number") process.exitCode = invocation;
else await main(invocation).catch(fail);
