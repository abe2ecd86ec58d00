import { setTimeout as sleep } from "node:timers/promises";
import { LabClient } from "../../../lab/client/client.js";
import { isAlive, type Lab } from "../../../lab/client/records.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { requireLabHost } from "../../lab/hosts.js";
import { findLogs, LogFollower, type LogLine, readLast, type UnitLog } from "../../lab/logs/files.js";
import { numberOption } from "../../lab/numbers.js";
import { formatJsonLine } from "../../report.js";

const DEFAULT_LINES = 50;
/** Milliseconds between two looks at files that grow. */
const FOLLOW_MS = 200;

/** The unit's name comes first where there are several. */
function formatLine({ unit, line }: LogLine, width: number): string {
  return width === 0 ? line : `${unit.padEnd(width)} │ ${line}`;
}

/** Lines as they come, after those that are there; ends with the lab. */
async function* follow(lab: Lab, logs: readonly UnitLog[], before: readonly LogLine[]): AsyncGenerator<LogLine> {
  const followers = logs.map((log) => new LogFollower(log));
  yield* before;
  while (isAlive(lab.record)) {
    for (const follower of followers) yield* follower.readNew();
    await sleep(FOLLOW_MS);
  }
}

async function* print(lines: AsyncIterable<LogLine>, format: (line: LogLine) => string): AsyncGenerator<string> {
  for await (const line of lines) yield format(line);
}

export async function run(
  context: Context,
  [name, unit]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const most = numberOption(options.lines, "-n", { least: 0, most: 1_000_000, unit: "lines" }) ?? DEFAULT_LINES;
  const lab = await chooseLab(context, options);
  const host = requireLabHost(await new LabClient(lab.socket).state(), name);
  const logs = findLogs(lab, host, unit);
  const lines = logs.flatMap((log) => readLast(log, most));
  const width = unit === undefined ? Math.max(0, ...logs.map((log) => log.unit.length)) : 0;
  const names = { lab: lab.record.name, host: host.name };
  const format = (line: LogLine) =>
    context.options.json === true ? formatJsonLine("lab logs", { ...names, ...line }) : `${formatLine(line, width)}\n`;
  return {
    exitCode: 0,
    text: () => lines.map((line) => formatLine(line, width)).join("\n"),
    data: () => ({ ...names, lines }),
    problems: [],
    ...(options.follow === true && { stream: print(follow(lab, logs, lines), format) }),
  };
}
