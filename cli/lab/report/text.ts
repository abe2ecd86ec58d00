import type { CheckResult, Fact, Report } from "../../../lab/checks/report.js";
import type { Colors } from "../../context.js";
import { count } from "../../terminal/words.js";

/** A report of checks for people. */

/** `4.2 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function formatFact({ name, value, unit }: Fact): string {
  return `${name}: ${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`;
}

function formatResult(result: CheckResult, { green, red, yellow, bold, dim }: Colors): string[] {
  const { check, title, outcome, seconds, reason, facts, failures } = result;
  const signs = { passed: green("✓"), failed: red("✗"), "not-applicable": yellow("-") };
  return [
    `${signs[outcome]} ${bold(check)}: ${title} ${dim(`(${formatSeconds(seconds)})`)}`,
    ...(reason === undefined ? [] : [`    ${outcome === "not-applicable" ? "not applicable: " : ""}${reason}`]),
    ...facts.map((fact) => `    ${formatFact(fact)}`),
    ...failures.flatMap(({ expected, seen, look }) => [
      `    ${red("expected")} ${expected}`,
      `    ${red("seen")}     ${seen}`,
      ...(look === "" ? [] : [`    look at  ${look}`]),
    ]),
  ];
}

/** `7 passed, 1 failed, 0 not applicable` */
export function countResults(results: readonly CheckResult[]): string {
  const of = (outcome: CheckResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const [passed, failed, without] = [of("passed"), of("failed"), of("not-applicable")];
  return [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(without > 0 ? [`${without} not applicable`] : []),
  ].join(", ");
}

export function formatReportText(report: Report, colors: Colors): string {
  const { lab, results, seconds, passed, patience, seed } = report;
  const tint = passed ? colors.green : colors.red;
  const waited = patience === 1 ? "" : `, time limits times ${patience}`;
  return [
    ...results.flatMap((result) => formatResult(result, colors)),
    "",
    `${colors.bold(lab)}: ${tint(`${count(results.length, "check")}: ${countResults(results)}`)} in ${formatSeconds(seconds)}${waited} (seed ${seed})`,
  ].join("\n");
}
