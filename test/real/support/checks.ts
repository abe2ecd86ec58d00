import { join } from "node:path";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { CHECK_NAMES, type CheckName, type Report } from "../../../lab/checks/report.js";
import { PACKAGE } from "../../cli/process.js";
import { Labs, onLab } from "./lab.js";

/** `lab test`, all of it, on one fleet: what meshflake generates works, within the promised times. */

/** Not every fleet has what these are about. */
const OPTIONAL: ReadonlySet<CheckName> = new Set(["failover", "renumber"]);

/** A fleet, and how it is checked. */
export interface CheckedFleet {
  /** Below the repository. */
  readonly folder: string;
  /** Of `lab test`. */
  readonly options: readonly string[];
  /** Which of the checks that not every fleet has it has. */
  readonly has: readonly CheckName[];
}

/** Runs `lab test`, and prints what it measured. */
async function runChecks(labs: Labs, options: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await labs.run("test", "--json", ...options);
  const report: Report | undefined = JSON.parse(stdout).report;
  if (report === undefined) throw new Error(`${stdout}${stderr}`);
  for (const { check, outcome, seconds, facts, failures } of report.results) {
    const measured = facts.map((fact) => `${fact.name}: ${fact.value} ${fact.unit}`);
    console.log(`  ${check}: ${outcome} (${seconds} s) ${measured.join("; ")}`);
    for (const { expected, seen, final } of failures)
      console.log(`    ${final === true ? "never tried again: " : ""}expected ${expected}; seen ${seen}`);
  }
  return report;
}

/**
 * Adds the checks of a fleet to a suite. Time limits are the fleet's promise, as they are: in which the machine stood still is taken off
 * by the checks themselves. What chance does is not: two servers that stand for election at the same moment do so again, seconds later,
 * and a leader that is not heard for a stall loses its office. The runner tries a file once more, so that each fleet has one of its own;
 * what was lost, or told to somebody who must not know, is final.
 */
export function checkFleet(suite: Test, name: string, { folder, options, has }: CheckedFleet): void {
  onLab(suite)(name, async () => {
    const { results } = await runChecks(new Labs(join(PACKAGE, folder)), options);
    const passed = results.filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
    const wanted = CHECK_NAMES.filter((check) => !OPTIONAL.has(check) || has.includes(check));
    assert.equal(
      results.flatMap(({ failures }) => failures),
      [],
    );
    assert.equal(passed.sort(), [...wanted].sort());
  });
}
