import { Argument } from "commander";
import type { CommandDefinition } from "./types.js";

/** What shells ask for. */
export const SHELL_COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "completion",
    summary: "print a completion script for bash, zsh or fish",
    description:
      "Prints a script that completes commands, options, and the names of hosts, sites and environments. In bash it needs the package bash-completion, without which it does nothing.",
    example: 'eval "$(meshflake completion bash)"',
    options: (command) => command.addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"])),
    load: () => import("../commands/completion.js"),
  },
  {
    usage: "complete [words...]",
    summary: "answer a completion script",
    description: "What completion scripts call.",
    example: 'meshflake complete -- plan ""',
    hidden: true,
    load: () => import("../commands/complete.js"),
  },
];
