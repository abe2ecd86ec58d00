import type { Problem, ValuePath } from "../model/problem.js";

/** A place in a file, 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Codes of the loader's problems; rules have codes of their own. */
export const LOAD_CODES = [
  "syntax",
  "import",
  "host-throws",
  "duplicate-key",
  "no-default-export",
  "default-export",
  "duplicate-host",
  "host-ignored",
  "no-fleet",
  "no-hosts",
  "unknown-environment",
  "lock-syntax",
  "lock-conflict",
  "lock-merged",
] as const;
export type LoadCode = (typeof LOAD_CODES)[number];

/** The first place of a file, for what is wrong with the file as a whole. */
export const FILE_START: Position = { line: 1, column: 1 };

/** Makes a problem of a place that is already known. */
export function problemAt(code: LoadCode, file: string, at: Position, message: string, hint: string): Problem {
  return { code, severity: "error", origins: [{ file, path: [] }], message, hint, line: at.line, column: at.column };
}

/** Makes a problem of a value, to be located in its source. */
export function problemIn(code: LoadCode, file: string, path: ValuePath, message: string, hint: string): Problem {
  return { code, severity: "error", origins: [{ file, path }], message, hint };
}
