import type picocolors from "picocolors";
import type { Problem } from "../generators/model/problem.js";
import type { Progress } from "./terminal/progress.js";

/** What every command gets, and what it gives back. Commands neither print nor set exit codes: `main` does. */

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Options that every command takes. */
export interface SharedOptions {
  readonly json?: boolean;
  readonly env?: string;
  readonly strict?: boolean;
  readonly format?: string;
  readonly root?: string;
  readonly quiet?: boolean;
}

export interface Context {
  readonly options: SharedOptions;
  /** Where the command was started; relative paths of arguments start here. */
  readonly cwd: string;
  /** The fleet's repository, absolute. @throws UserError where there is none */
  readonly root: () => string;
  /** Colours of stdout. */
  readonly colors: Colors;
  /** Whether a person reads stdout on a terminal. */
  readonly interactive: boolean;
  /** Characters of a line on stdout. */
  readonly columns: number;
  readonly progress: Progress;
}

/** 0 done, 1 failed, 2 wrong usage or invalid fleet, 3 changes pending. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface CommandResult {
  /** An `ExitCode`, or what a program ended with that ran in the command's place, e.g. ssh. */
  readonly exitCode: number;
  /** The result for people, without the last line break; only one of the two is asked for. */
  readonly text: () => string;
  /** The result for people where it is no text of ours: goes to stdout as it is, instead of `text`. */
  readonly bytes?: Uint8Array;
  /** The result where it goes on for as long as somebody looks: to stdout as it comes, with `--json` too, instead of all else. */
  readonly stream?: AsyncIterable<string>;
  /** The result for programs: fields of the `--json` object. */
  readonly data: () => Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** A command's implementation: arguments in the order of its definition, then its own options. */
export interface CommandModule {
  readonly run: (context: Context, args: readonly string[], options: CommandOptions) => Promise<CommandResult>;
}

/** A command's own options, as commander parsed them. */
export type CommandOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
