import { Command, Option } from "commander";
import type { SharedOptions } from "./context.js";
import type { CommandDefinition, CommandGroup, Definition } from "./definitions/types.js";
import { COMMANDS } from "./definitions.js";
import { PROBLEM_FORMATS } from "./terminal/problems.js";

/** What the person asked for. */
export interface Invocation {
  readonly definition: CommandDefinition;
  /** With its group's, e.g. `secrets list`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly shared: SharedOptions;
}

/** Options of every command; also accepted before its name. Help of a command lists its own ones first. */
function addSharedOptions(command: Command, format: boolean): Command {
  command
    .option("-C, --root <dir>", "the fleet's repository (default: searched upwards for hosts/fleet.ts)")
    .option("--env <name>", "an environment of hosts/environments/")
    .option("--strict", "warnings stop as errors do")
    .option("--json", "print the result as one versioned JSON object")
    .option("--quiet", "no progress on stderr")
    .option("--no-color", "no colours; so does the variable NO_COLOR");
  if (!format) return command;
  return command.addOption(new Option("--format <format>", "how problems are printed").choices(PROBLEM_FORMATS));
}

/** What they mean unless a command says otherwise. */
const EXIT_CODES = { "0": "done", "1": "failed", "2": "wrong usage, or an invalid fleet" };

function describeExits({ exitCodes }: CommandDefinition): string {
  const lines = Object.entries({ ...EXIT_CODES, ...exitCodes }).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join("\n")}`;
}

function describe(parent: Command, { usage, hidden, summary, description, example }: Definition, after = ""): Command {
  return parent
    .command(usage, { hidden: hidden === true })
    .summary(summary)
    .description(description)
    .addHelpText("after", `\nExample:\n  $ ${example}${after}`);
}

type OnRun = (invocation: Invocation) => void;

function addCommand(parents: readonly Command[], definition: CommandDefinition, onRun: OnRun): void {
  const parent = parents[parents.length - 1] as Command;
  const command = describe(parent, definition, `\n${describeExits(definition)}`);
  const line = [...parents, command].map((one) => one.name()).join(" ");
  command.showHelpAfterError(`(${line} --help explains it)`);
  definition.options?.(command);
  const ownFormat = command.options.some((option) => option.long === "--format");
  addSharedOptions(command, !ownFormat);
  command.action(() => {
    const options = command.opts();
    const before: SharedOptions = Object.assign({}, ...parents.map((one) => one.opts()));
    const { format, ...after }: SharedOptions = options;
    const shared = { ...before, ...after, ...(format !== undefined && !ownFormat && { format }) };
    const name = [...parents.slice(1), command].map((one) => one.name()).join(" ");
    onRun({ definition, name, args: command.args, options, shared });
  });
}

function addGroup(program: Command, group: CommandGroup, onRun: OnRun): void {
  const command = addSharedOptions(describe(program, group), true);
  command.showHelpAfterError(`(${program.name()} ${command.name()} --help lists its commands)`);
  for (const definition of group.commands) addCommand([program, command], definition, onRun);
}

/**
 * The command line. Nothing runs here: `onRun` is told what to run.
 * @param version the package's version
 */
export function createProgram(version: string, onRun: OnRun, definitions: readonly Definition[] = COMMANDS): Command {
  const program = new Command("meshflake")
    .description("One typed TypeScript file a host; NixOS machines that form one Nomad and Consul cluster.")
    .version(version, "-V, --version")
    .enablePositionalOptions()
    .showHelpAfterError("(meshflake --help lists commands and options)")
    .configureHelp({ styleTitle: (title) => `\u001b[1m${title}\u001b[22m`, sortSubcommands: false })
    .addHelpText("after", "\nExample:\n  $ meshflake init cats && cd cats && meshflake generate");
  addSharedOptions(program, true);
  for (const definition of definitions) {
    if ("commands" in definition) addGroup(program, definition, onRun);
    else addCommand([program], definition, onRun);
  }
  return program;
}
