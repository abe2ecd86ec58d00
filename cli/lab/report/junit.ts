import type { CheckResult, Fact, Report } from "../../../lab/checks/report.js";

/** A report of checks as JUnit XML, in the form that CI systems agree on: a suite, a case a check. */

/** What XML 1.0 has no way to write: control characters, halves of surrogate pairs, and two that are no characters. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Inside of an attribute a parser makes blanks of these.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Text as it may stand in an element or between an attribute's double quotes. */
export function escapeXml(text: string): string {
  return text.replace(UNWRITABLE, "\uFFFD").replace(/[&<>"\t\n\r]/g, (sign) => ENTITIES[sign] ?? sign);
}

type Attributes = Readonly<Record<string, string | number>>;

/** @param children elements that are XML already */
function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const open = `<${name}${words.join("")}`;
  if (children.length === 0) return `${open}/>`;
  const inside = children.flatMap((child) => child.split("\n")).map((line) => `  ${line}`);
  return [`${open}>`, ...inside, `</${name}>`].join("\n");
}

function toProperty({ name, value, unit }: Fact): string {
  return element("property", { name: `${name} (${unit})`, value });
}

function toCase(suite: string, { check, title, seconds, outcome, reason, facts, failures }: CheckResult): string {
  const properties = facts.length === 0 ? [] : [element("properties", {}, facts.map(toProperty))];
  const skipped = outcome === "not-applicable" ? [element("skipped", { message: reason ?? "not applicable" })] : [];
  // Some readers show only a case's first failure, so all are one.
  const told = failures.map(
    ({ expected, seen, look }) => `expected ${expected}; seen: ${seen}${look === "" ? "" : ` (look at ${look})`}`,
  );
  const failed = outcome === "failed" ? [element("failure", { type: check, message: told.join("\n") })] : [];
  const attributes = { classname: suite, name: `${check}: ${title}`, time: seconds.toFixed(3) };
  return element("testcase", attributes, [...properties, ...skipped, ...failed]);
}

export function formatJunit({ lab, results, seconds, startedAt }: Report): string {
  const suite = `meshflake lab ${lab}`;
  const of = (outcome: CheckResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const counts = { tests: results.length, failures: of("failed"), errors: 0, time: seconds.toFixed(3) };
  const timestamp = new Date(startedAt).toISOString().slice(0, 19);
  const attributes = { name: suite, ...counts, skipped: of("not-applicable"), timestamp };
  const cases = results.map((result) => toCase(suite, result));
  const suites = element("testsuites", { name: suite, ...counts }, [element("testsuite", attributes, cases)]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`;
}
