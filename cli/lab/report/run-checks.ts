import { UserError } from "../../../generators/model/problem.js";
import type { CheckEvent, Report } from "../../../lab/checks/report.js";
import type { Lab } from "../../../lab/client/records.js";
import type { Progress } from "../../terminal/progress.js";
import { runInside } from "../inside.js";
import { formatSeconds } from "./text.js";

/** Runs a lab's checks inside of it, and shows how far they are. */

export interface ChecksRequest {
  /** All where it is missing. */
  readonly only?: readonly string[] | undefined;
  /** Cold starts. */
  readonly rounds?: number | undefined;
  /** Of the random orders. */
  readonly seed?: number | undefined;
  /** What time limits are multiplied by. */
  readonly patience?: number | undefined;
}

function toArguments({ only, rounds, seed, patience }: ChecksRequest): string[] {
  return [
    ...(only === undefined ? [] : ["--checks", only.join(",")]),
    ...(rounds === undefined ? [] : ["--rounds", String(rounds)]),
    ...(seed === undefined ? [] : ["--seed", String(seed)]),
    ...(patience === undefined ? [] : ["--patience", String(patience)]),
  ];
}

const SIGNS = { passed: "✓", failed: "✗", "not-applicable": "-" };

/** @returns the report, where the event is that */
function showEvent(event: CheckEvent, progress: Progress): Report | null {
  switch (event.event) {
    case "start":
      progress.step(event.title);
      return null;
    case "step":
      progress.step(`${event.check}: ${event.text}`);
      return null;
    case "result":
      progress.note(`${SIGNS[event.outcome]} ${event.check}: ${event.title} (${formatSeconds(event.seconds)})`);
      return null;
    case "report":
      return event;
    default: {
      const never: never = event;
      return never;
    }
  }
}

/**
 * @returns null where the signal ended it
 * @throws UserError where the checks did not come to their end
 */
export async function runChecks(
  lab: Lab,
  request: ChecksRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report | null> {
  const { lines, end, kill } = runInside(lab, "checks", toArguments(request));
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  let report: Report | null = null;
  for await (const line of lines) report = showEvent(JSON.parse(line) as CheckEvent, progress) ?? report;
  const { code, stderr } = await end;
  signal.removeEventListener("abort", kill);
  if (report !== null) return report;
  if (signal.aborted) return null;
  const why = stderr === "" ? `exit code ${code}` : stderr;
  throw new UserError(`the checks did not come to their end: ${why}`, undefined, 1);
}
