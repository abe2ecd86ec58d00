import { suite } from "uvu";
import * as assert from "uvu/assert";
import { escapeXml, formatJunit } from "../../../cli/lab/report/junit.js";
import { formatReportText, formatSeconds } from "../../../cli/lab/report/text.js";
import { colorsFor } from "../../../cli/terminal/colors.js";
import type { CheckResult, Report } from "../../../lab/checks/report.js";

const report = suite("cli: lab report");

const PASSED: CheckResult = {
  check: "reach",
  title: "every pair reaches the other",
  outcome: "passed",
  seconds: 1.25,
  facts: [{ name: "pairs", value: 30, unit: "pairs" }],
  failures: [],
};
const FAILED: CheckResult = {
  check: "ports",
  title: "only planned ports are open",
  outcome: "failed",
  seconds: 90,
  facts: [],
  failures: [
    { expected: 'closed <tcp/22> & "quiet"', seen: "open\u0000\u001b[31m", look: "meshflake lab logs a" },
    { expected: "b", seen: "c", look: "" },
  ],
};
const WITHOUT: CheckResult = {
  check: "renumber",
  title: "a dynamic site moves",
  outcome: "not-applicable",
  reason: "no site is dynamic",
  seconds: 0,
  facts: [],
  failures: [],
};

const REPORT: Report = {
  lab: "cats-test",
  fleet: "cats",
  environment: null,
  patience: 1,
  rounds: 3,
  seed: 7,
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  seconds: 91.25,
  passed: false,
  results: [PASSED, FAILED, WITHOUT],
};

report("as JUnit XML: a case a check, with what failed and what was left out", () => {
  assert.is(
    formatJunit(REPORT),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="meshflake lab cats-test" tests="3" failures="1" errors="0" time="91.250">
  <testsuite name="meshflake lab cats-test" tests="3" failures="1" errors="0" time="91.250" skipped="1" timestamp="2026-01-02T03:04:05">
    <testcase classname="meshflake lab cats-test" name="reach: every pair reaches the other" time="1.250">
      <properties>
        <property name="pairs (pairs)" value="30"/>
      </properties>
    </testcase>
    <testcase classname="meshflake lab cats-test" name="ports: only planned ports are open" time="90.000">
      <failure type="ports" message="expected closed &lt;tcp/22&gt; &amp; &quot;quiet&quot;; seen: open\uFFFD\uFFFD[31m (look at meshflake lab logs a)&#10;expected b; seen: c"/>
    </testcase>
    <testcase classname="meshflake lab cats-test" name="renumber: a dynamic site moves" time="0.000">
      <skipped message="no site is dynamic"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

report("nothing that XML cannot hold gets into it", () => {
  assert.is(escapeXml("a\u0007b\uFFFEc\uD800d"), "a\uFFFDb\uFFFDc\uFFFDd");
  assert.is(escapeXml("😀 ü\t\r\n"), "😀 ü&#9;&#13;&#10;");
});

report("as text: every check, its facts, and what to look at", () => {
  const text = formatReportText(REPORT, colorsFor({ env: {}, isTty: false, off: true }));
  assert.match(text, /^✓ reach: every pair reaches the other \(1\.3 s\)\n {4}pairs: 30 pairs$/m);
  assert.match(
    text,
    /^✗ ports: .*\n {4}expected closed <tcp\/22>.*\n {4}seen {5}open.*\n {4}look at {2}meshflake lab logs a$/m,
  );
  assert.match(text, /^- renumber: .*\n {4}not applicable: no site is dynamic$/m);
  assert.match(text, /cats-test: 3 checks: 1 passed, 1 failed, 1 not applicable in 1 min 31 s \(seed 7\)$/);
});

report("lengths of time never say 60 seconds", () => {
  assert.equal([0, 59.94, 59.96, 60, 119.6, 200].map(formatSeconds), [
    "0.0 s",
    "59.9 s",
    "1 min 0 s",
    "1 min 0 s",
    "2 min 0 s",
    "3 min 20 s",
  ]);
});

report.run();
