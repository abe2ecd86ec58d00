import createCompletion from "@bomb.sh/tab/commander";
import type { Definition } from "../definitions/types.js";
import { COMMANDS } from "../definitions.js";
import { PLATFORM_IMAGES } from "../image/names.js";
import { FAULTS } from "../lab/faults/faults.js";
import { createProgram } from "../program.js";
import { type FleetNames, NO_NAMES } from "./names.js";

/** The library adds a command for the script; ours has its own. */
const OWN_COMMAND = "completion-script";

/**
 * Shell completion out of commander's own definitions, by @bomb.sh/tab, which prints the scripts of bash, zsh and fish and
 * answers their requests. It prints with `console.log`; here the lines are caught, since only `main` prints.
 */
function catchLines(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => {
    lines.push(line);
  };
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

/** What shells show beside a word is one line. */
function shorten<One extends Definition>(definition: One): One {
  const short = { ...definition, description: definition.summary };
  return "commands" in short ? { ...short, commands: short.commands.map(shorten) } : short;
}

function describeProgram(names: FleetNames) {
  const visible = COMMANDS.filter(({ hidden }) => hidden !== true).map(shorten);
  const program = createProgram("", () => {}, visible);
  const completion = createCompletion(program, { completionCommandName: OWN_COMMAND });
  const values: Readonly<Record<string, readonly string[]>> = {
    env: names.environments,
    site: names.sites,
    cluster: names.clusters,
    host: names.hosts,
    "host|platform": [...names.hosts, ...Object.keys(PLATFORM_IMAGES)],
    "host|device": [...names.hosts, ...names.devices],
    of: [...names.hosts, ...names.clusters],
    secret: names.secrets,
    name: names.labs,
    only: names.checks,
    unit: names.units,
    fault: FAULTS.map(({ kind }) => kind),
    words: names.faultWords,
  };
  const offer = (name: string) => (complete: (value: string, description: string) => void) => {
    for (const value of values[name] ?? []) complete(value, "");
  };
  for (const command of [completion, ...completion.commands.values()]) {
    for (const [name, option] of command.options) if (name in values) option.handler = offer(name);
    for (const [name, argument] of command.arguments) if (name in values) argument.handler = offer(name);
  }
  completion.commands.delete(OWN_COMMAND);
  return completion;
}

const BASH_HEADER = `# bash completion for meshflake
# It needs the package bash-completion (https://github.com/scop/bash-completion), and does nothing where that is missing.`;
const BASH_GUARD = "    declare -F _get_comp_words_by_ref >/dev/null || return 0";

/** The library's script makes constants, which cannot be made twice, and takes bash-completion for granted. */
function mendBash(script: string): string {
  return script
    .replace(/^# bash completion for .*$/m, BASH_HEADER)
    .replace(/^readonly (?=ShellComp)/gm, "")
    .replace(/^ +_get_comp_words_by_ref /m, (call) => `${BASH_GUARD}\n${call}`);
}

/** The script that a shell sources, as often as it likes. */
export function printScript(shell: string): string {
  const completion = describeProgram(NO_NAMES);
  const script = catchLines(() => completion.setup("meshflake", "meshflake", shell));
  return shell === "bash" ? mendBash(script) : script;
}

/** Answers a shell's request. @param words the command line so far; the last one is being typed */
export function completeWords(words: readonly string[], names: FleetNames): string {
  const completion = describeProgram(names);
  return catchLines(() => completion.parse([...words]));
}
