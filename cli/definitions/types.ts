import type { Command } from "commander";
import type { CommandModule } from "../context.js";

interface Described {
  /** The name, and its arguments as commander writes them. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly example: string;
  /** Not in help. */
  readonly hidden?: true;
}

/** A command that runs. */
export interface CommandDefinition extends Described {
  /** What exit codes mean here, beside or instead of what 0, 1 and 2 mean everywhere. */
  readonly exitCodes?: Readonly<Record<string, string>>;
  /** Problems are the result, and go to stdout. */
  readonly reportsProblems?: true;
  /** Warnings are what somebody runs it for: all are shown. Others tell how many there are. */
  readonly showsWarnings?: true;
  /** The text goes to stdout as it is, without a line break at its end that it does not have. */
  readonly verbatim?: true;
  /** Adds the command's own options. */
  readonly options?: (command: Command) => Command;
  readonly load: () => Promise<CommandModule>;
}

/** A command that only has others: `meshflake secrets list`. */
export interface CommandGroup extends Described {
  readonly commands: readonly CommandDefinition[];
}

export type Definition = CommandDefinition | CommandGroup;

/** For options that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
