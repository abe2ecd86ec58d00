/** One thing that is wrong with a fleet, and what to do about it. */

export type Severity = "error" | "warning";

/** A place in a value: object keys and array indices, from the file's default export downwards. */
export type ValuePath = readonly (string | number)[];

/** Where the value came from that a problem is about. */
export interface Origin {
  /** The file, relative to the repository, with forward slashes. */
  readonly file: string;
  /** The place inside the file's default export. */
  readonly path: ValuePath;
}

export interface Problem {
  /** Stable and short, e.g. `port-range`; a rule's name, or one of the loader's. */
  readonly code: string;
  readonly severity: Severity;
  /** Where it is; the first origin whose file holds the path wins (an environment before the host that it changes). */
  readonly origins: readonly Origin[];
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** What to do, without a full stop. */
  readonly hint?: string;
  /** 1-based; from the loader, or filled in by `locateProblems`. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
}

/** Stops a command with problems that are the user's to mend; `main` prints them without a stack. */
export class FleetError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.name = "FleetError";
  }
}

/** Stops a command with a message for the user, e.g. wrong usage; no stack is shown. */
export class UserError extends Error {
  /**
   * @param hint what to do about it
   * @param exitCode 2 for wrong usage (the default), 1 for something that failed
   */
  constructor(
    message: string,
    readonly hint?: string,
    readonly exitCode: 1 | 2 = 2,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UserError";
  }
}

/** Whether any problem stops the work; in strict mode warnings do. */
export function isFatal(problems: readonly Problem[], strict = false): boolean {
  return problems.some((problem) => strict || problem.severity === "error");
}
