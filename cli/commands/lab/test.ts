import { writeFileSync } from "node:fs";
import { suggestName } from "../../../generators/load/nearest.js";
import { type Problem, UserError } from "../../../generators/model/problem.js";
import { CHECK_NAMES, type Report } from "../../../lab/checks/report.js";
import { LabClient } from "../../../lab/client/client.js";
import { endLab } from "../../../lab/client/end.js";
import { isAlive, type Lab } from "../../../lab/client/records.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { bringUp, labNameOf, planWish, requireReady, stillRuns } from "../../lab/bring-up.js";
import { chooseLab, nameOption } from "../../lab/choose.js";
import { CONDITION_NAMES, readLineConditions } from "../../lab/faults/conditions.js";
import { numberOption, parseTimeout } from "../../lab/numbers.js";
import { asTest } from "../../lab/remains/claim.js";
import { explainLeft, takeBackRemains } from "../../lab/remains/take-back.js";
import { reportFile } from "../../lab/report/file.js";
import { formatJunit } from "../../lab/report/junit.js";
import { type ChecksRequest, runChecks } from "../../lab/report/run-checks.js";
import { formatReportText } from "../../lab/report/text.js";
import { exitCodeOfSignal, type Interruptible, withInterrupt } from "../../process/interrupt.js";
import { compileTarget } from "../../targets/targets.js";
import type { Progress } from "../../terminal/progress.js";

/** @throws UserError with the first check that does not exist */
function parseOnly(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (CHECK_NAMES.some((known) => known === name)) continue;
    throw new UserError(`--only: no check is named \`${name}\``, suggestName(name, CHECK_NAMES));
  }
  return names;
}

function readRequest({ only, rounds, seed, patience }: CommandOptions): ChecksRequest {
  return {
    only: typeof only === "string" ? parseOnly(only) : undefined,
    rounds: numberOption(rounds, "--rounds", { least: 1, most: 1000, unit: "rounds" }),
    seed: numberOption(seed, "--seed", { least: 1, most: 2 ** 31 }),
    patience: numberOption(patience, "--patience", { least: 0.1, most: 100, unit: "times", fraction: true }),
  };
}

/** @throws UserError with the first option that says how lines are to be */
function refuseConditions(options: CommandOptions): void {
  const name = CONDITION_NAMES.find((one) => options[one] !== undefined);
  if (name === undefined) return;
  throw new UserError(
    `--${name}: the lines of a lab that is up are as they are`,
    "leave out --use, or meshflake lab break slow",
  );
}

/** What ran, and how it ended. */
interface Tested {
  readonly ran: Interruptible<Report | null>;
  readonly problems: readonly Problem[];
}

/** Whatever was broken before would count against the fleet. The lab is left as it was, however the checks end. */
async function testRunning(context: Context, lab: Lab, request: ChecksRequest): Promise<Interruptible<Report | null>> {
  const { progress } = context;
  return withInterrupt((signal) =>
    asTest(lab, async () => {
      // First, since what is left is taken back by a cluster with a leader.
      await new LabClient(lab.socket).heal({});
      const { left } = await takeBackRemains(lab, progress);
      if (left.length > 0) throw explainLeft(left);
      try {
        return await runChecks(lab, request, progress, signal);
      } finally {
        await tidy(lab, progress);
      }
    }),
  );
}

/** Never throws: what cannot be taken back is told, and how the checks ended counts. */
async function tidy(lab: Lab, progress: Progress): Promise<void> {
  try {
    await new LabClient(lab.socket).heal({});
    const { left } = await takeBackRemains(lab, progress);
    if (left.length > 0) throw explainLeft(left);
  } catch (error) {
    // Ended meanwhile, it has nothing any more.
    if (!isAlive(lab.record)) return;
    progress.note(error instanceof Error ? error.message : String(error));
  }
}

/** In a lab of its own, which ends however the checks do. */
async function testFresh(
  context: Context,
  request: ChecksRequest,
  timeout: number,
  options: CommandOptions,
): Promise<Tested> {
  const conditions = readLineConditions(options);
  const { target, problems } = await compileTarget(context);
  const name = nameOption(options) ?? `${labNameOf(target)}-test`;
  const spec = planWish(target, { name, hosts: [], conditions });
  const { result, interruptedBy } = await bringUp(context, spec, timeout);
  if (result.started.kind === "interrupted") return { ran: { result: null, interruptedBy }, problems };
  const { lab } = result;
  const end = async () => {
    context.progress.step("ending the lab");
    await endLab(lab);
  };
  const ran = await withInterrupt(async (signal) => {
    try {
      requireReady(
        result,
        timeout,
        options.keep === true ? stillRuns(lab) : "--timeout SECONDS gives it more time, --keep lets it run on",
      );
      return await asTest(lab, () => runChecks(lab, request, context.progress, signal));
    } finally {
      if (options.keep !== true || signal.aborted) await end();
    }
  });
  return { ran, problems };
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const request = readRequest(options);
  const timeout = parseTimeout(options);
  const junit = reportFile(options.junit, context.cwd);
  if (options.use === true) refuseConditions(options);
  const { ran, problems } =
    options.use === true
      ? { ran: await testRunning(context, await chooseLab(context, options), request), problems: [] }
      : await testFresh(context, request, timeout, options);
  const { result: report, interruptedBy } = ran;
  if (report === null) {
    const exitCode = interruptedBy === null ? 1 : exitCodeOfSignal(interruptedBy);
    context.progress.note("interrupted: there is no report");
    return { exitCode, text: () => "", data: () => ({ report: null }), problems };
  }
  if (junit !== null) writeFileSync(junit, formatJunit(report));
  return {
    exitCode: report.passed ? 0 : 1,
    text: () => formatReportText(report, context.colors),
    data: () => ({ report }),
    problems,
  };
}
