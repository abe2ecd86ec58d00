import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toOutcome } from "../../../cli/report.js";
import { colorsFor, wantsColor } from "../../../cli/terminal/colors.js";
import { formatColumns } from "../../../cli/terminal/columns.js";
import { formatPath, formatProblems, sortProblems } from "../../../cli/terminal/problems.js";
import { createProgress } from "../../../cli/terminal/progress.js";
import { FleetError, type Problem, UserError } from "../../../generators/model/problem.js";

const output = suite("cli: output");
const plain = colorsFor({ env: {}, isTty: false, off: false });

const range: Problem = {
  code: "port-range",
  severity: "error",
  origins: [{ file: "hosts/lax1.ts", path: ["mesh", "port"] }],
  message: "70000 is above 65535",
  hint: "choose 1 to 65535",
  line: 7,
  column: 9,
};
const odd: Problem = { ...range, code: "odd", severity: "warning", line: 1, message: "100% of\nit: a, b" };

output("a path reads as JavaScript writes it", () => {
  assert.is(formatPath(["consul", "services", 0, "port"]), "consul.services[0].port");
  assert.is(formatPath(["sites", "my-site", "lan"]), 'sites["my-site"].lan');
  assert.is(formatPath([]), "");
});

output("a problem is one line with its place, its path, its hint and its code", () => {
  assert.is(
    formatProblems(sortProblems([range]), { format: "text", colors: plain, prefix: "" }),
    "hosts/lax1.ts:7:9  mesh.port: 70000 is above 65535. Hint: choose 1 to 65535. error[port-range]\n1 error",
  );
});

output("a problem without a path, a hint or a place still reads well", () => {
  const bare: Problem = { code: "no-fleet", severity: "error", origins: [], message: "is there no fleet?" };
  assert.is(
    formatProblems(sortProblems([bare]), { format: "text", colors: plain, prefix: "" }),
    "is there no fleet? error[no-fleet]\n1 error",
  );
});

output("errors come before warnings, places in order, and what two environments share is said once", () => {
  const later = { ...range, line: 9 };
  assert.equal(
    sortProblems([odd, later, range, { ...range }]).map(({ code, line }) => `${code} ${line}`),
    ["port-range 7", "port-range 9", "odd 1"],
  );
});

output("a workflow annotation escapes what would end it", () => {
  const file = { ...odd, origins: [{ file: "a,b:c.ts", path: [] }] };
  assert.is(
    formatProblems(sortProblems([file]), { format: "github", colors: plain, prefix: "fleet/" }),
    "::warning file=fleet/a%2Cb%3Ac.ts,line=1,col=9,title=odd::100%25 of%0Ait: a, b. Hint: choose 1 to 65535.",
  );
});

output("colours: NO_COLOR wins, FORCE_COLOR counts on pipes, CI does not", () => {
  const ask = (env: Record<string, string>, isTty: boolean, off = false) => wantsColor({ env, isTty, off });
  assert.is(ask({}, true), true);
  assert.is(ask({}, false), false);
  assert.is(ask({ CI: "true" }, false), false);
  assert.is(ask({ FORCE_COLOR: "1" }, false), true);
  assert.is(ask({ FORCE_COLOR: "0" }, true), false);
  assert.is(ask({ NO_COLOR: "1", FORCE_COLOR: "1" }, true), false);
  assert.is(ask({ NO_COLOR: "" }, true), true);
  assert.is(ask({ TERM: "dumb" }, true), false);
  assert.is(ask({}, true, true), false);
});

output("columns are aligned whatever their colours, without blanks at the end", () => {
  const rows = [
    ["A", "N", "Z"],
    ["\u001b[1mlong\u001b[22m", "10", ""],
  ];
  assert.equal(formatColumns(rows, [1]), ["A      N  Z", "\u001b[1mlong\u001b[22m  10"]);
});

function record(isTTY: boolean, quiet = false) {
  let text = "";
  const stream = {
    isTTY,
    write: (more: string) => {
      text += more;
    },
  };
  return { progress: createProgress(stream, quiet), text: () => text };
}

output("progress is a line that goes away on a terminal, and plain lines elsewhere", () => {
  for (const [isTTY, expected] of [
    [true, "planning …\r\u001b[2Kwriting …\r\u001b[2K"],
    [false, "planning …\nwriting …\n"],
  ] as const) {
    const { progress, text } = record(isTTY);
    progress.step("planning");
    progress.step("writing");
    progress.clear();
    progress.clear();
    assert.is(text(), expected);
  }
  const quiet = record(true, true);
  quiet.progress.step("planning");
  quiet.progress.note("note");
  assert.is(quiet.text(), "");
});

output("the user's mistakes have no stack, ours have one, with its cause", () => {
  const user = toOutcome(new UserError("no such host", "try another", 1));
  assert.equal(user, { failure: { exitCode: 1, message: "no such host", hint: "try another" }, problems: [] });
  const fleet = toOutcome(new FleetError([range]));
  assert.ok("exitCode" in fleet && fleet.exitCode === 2 && fleet.problems.length === 1);
  const bug = toOutcome(new Error("broken", { cause: new Error("deeper") }));
  assert.ok("failure" in bug && bug.failure.exitCode === 1);
  assert.match("failure" in bug ? (bug.failure.stack ?? "") : "", /broken[\s\S]*Caused by: Error: deeper/);
});

output.run();
