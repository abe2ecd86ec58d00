import type { Check } from "./check.js";
import type { Harness } from "./harness/harness.js";
import { type CheckEvent, type CheckResult, type Report, STALLED, type Verdict } from "./report.js";

/**
 * Runs checks one after the other, and heals the lab before the first and after each.
 * @param emit takes every event but the steps, which the harness tells
 */
export async function runChecks(
  checks: readonly Check[],
  harness: Harness,
  emit: (event: CheckEvent) => void,
): Promise<Report> {
  const startedAt = Date.now();
  const { name: lab, fleet, environment } = await harness.state();
  // A lab is ready before the last relay is known. What is missing even so, the checks tell.
  await harness.recover();
  const results: CheckResult[] = [];
  for (const check of checks) {
    emit({ check: check.name, event: "start", title: check.title });
    const result = await runCheck(check, harness);
    results.push(result);
    emit({ ...result, event: "result" });
  }
  const { patience, rounds, seed } = harness.options;
  return {
    ...{ lab, fleet, environment, patience, rounds, seed, startedAt },
    seconds: (Date.now() - startedAt) / 1_000,
    passed: results.every(({ outcome }) => outcome !== "failed"),
    results,
  };
}

async function runCheck(check: Check, harness: Harness): Promise<CheckResult> {
  const begun = Date.now();
  const ran = await check.run(harness).catch(failedBy);
  const seconds = (Date.now() - begun) / 1_000;
  const verdict = withStalls(ran, await harness.stalledSince(begun));
  harness.dropAgents();
  const lacks = await harness.recover().catch((error: unknown) => [describe(error)]);
  const all = lacks.length === 0 ? verdict : withFailure(verdict, lacks);
  return { ...all, check: check.name, title: check.title, seconds };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What did not count is told. */
function withStalls(verdict: Verdict, stalledMs: number): Verdict {
  if (stalledMs === 0) return verdict;
  return { ...verdict, facts: [...verdict.facts, { name: STALLED, value: stalledMs / 1_000, unit: "s" }] };
}

/** A check that cannot be carried out has failed: nothing was shown. */
function failedBy(error: unknown): Verdict {
  const failure = {
    expected: "the check can be carried out",
    seen: describe(error),
    look: "meshflake lab status",
  };
  return { outcome: "failed", facts: [], failures: [failure] };
}

function withFailure(verdict: Verdict, lacks: readonly string[]): Verdict {
  const failure = {
    expected: "the lab is as before once everything is healed",
    seen: lacks.join("; "),
    look: "meshflake lab status",
  };
  return { ...verdict, outcome: "failed", failures: [...verdict.failures, failure] };
}
