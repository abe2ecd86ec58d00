/** What `lab test` says: events while it runs, and a report in the end. Both travel as JSON. */

export const CHECK_NAMES = [
  "reach",
  "cluster",
  "services",
  "ports",
  "failover",
  "renumber",
  "cold-start",
  "add-host",
] as const;
/** A check, as `--only` names it. */
export type CheckName = (typeof CHECK_NAMES)[number];

/** The fact that a check has where the machine stood still meanwhile. */
export const STALLED = "this machine stood still, which counts against nobody";

/** Something counted or measured. */
export interface Fact {
  /** In words: `slowest pair back after a relay died`. */
  readonly name: string;
  readonly value: number;
  /** `s`, `ms`, or what was counted: `pairs`, `ports`. */
  readonly unit: string;
}

/** Something that is not as promised. */
export interface Failure {
  readonly expected: string;
  readonly seen: string;
  /** What to look at, mostly a command: `meshflake lab logs cosmo nomad`. */
  readonly look: string;
  /** True where once is too often, however slow the machine was: something was lost, or told to somebody who must not know. */
  readonly final?: true;
}

/** What became of a check. */
export interface Verdict {
  readonly outcome: "passed" | "failed" | "not-applicable";
  /** Why it is not applicable, or what was left out. */
  readonly reason?: string;
  readonly facts: readonly Fact[];
  readonly failures: readonly Failure[];
}

/** A check with its verdict. */
export interface CheckResult extends Verdict {
  readonly check: CheckName;
  readonly title: string;
  readonly seconds: number;
}

/** A line of what `checks.js` writes to stdout; the last line is the report. */
export type CheckEvent =
  | { readonly check: CheckName; readonly event: "start"; readonly title: string }
  | { readonly check: CheckName; readonly event: "step"; readonly text: string }
  | ({ readonly check: CheckName; readonly event: "result" } & CheckResult)
  | ({ readonly event: "report" } & Report);

/** All of a run of checks. */
export interface Report {
  readonly lab: string;
  readonly fleet: string;
  readonly environment: string | null;
  /** What every time limit was multiplied by. */
  readonly patience: number;
  /** Cold starts. */
  readonly rounds: number;
  /** Of the random orders: the same seed gives the same ones. */
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly seconds: number;
  /** No check failed. */
  readonly passed: boolean;
  readonly results: readonly CheckResult[];
}

/** The verdict that facts and failures make. */
export function verdictOf(facts: readonly Fact[], failures: readonly Failure[], reason?: string): Verdict {
  return { outcome: failures.length === 0 ? "passed" : "failed", facts, failures, ...(reason && { reason }) };
}

/** @param reason what the fleet does not have */
export function notApplicable(reason: string): Verdict {
  return { outcome: "not-applicable", reason, facts: [], failures: [] };
}
