import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../generators/model/problem.js";
import { LabClient } from "../../../lab/client/client.js";
import { isAlive, type Lab } from "../../../lab/client/records.js";
import type { Observation } from "../../../lab/observe/observe.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { runInside } from "../../lab/inside.js";
import { formatStatus } from "../../lab/status/format.js";
import { formatJsonLine } from "../../report.js";

/** Milliseconds between two looks. */
const WATCH_MS = 2_000;
const CLEAR_SCREEN = "\u001b[H\u001b[2J\u001b[3J";

/** @throws UserError where the lab cannot be looked at */
async function observe(lab: Lab): Promise<Observation> {
  const { lines, end } = runInside(lab, "observe");
  let last = "";
  for await (const line of lines) last = line;
  const { code, stderr } = await end;
  if (code === 0 && last !== "") return JSON.parse(last) as Observation;
  throw new UserError(`the lab ${lab.record.name} cannot be looked at: ${stderr}`, undefined, 1);
}

/** The names of each cluster's hosts, which an observation does not have. */
async function readClusters({ socket }: Lab): Promise<(cluster: string) => readonly string[]> {
  const { clusters } = await new LabClient(socket).spec();
  return (cluster) => clusters.find(({ name }) => name === cluster)?.hosts ?? [];
}

async function* watch(lab: Lab, print: (seen: Observation) => Promise<string>): AsyncGenerator<string> {
  while (isAlive(lab.record)) {
    yield await print(await observe(lab));
    await sleep(WATCH_MS);
  }
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { colors, columns, interactive } = context;
  const lab = await chooseLab(context, options);
  const style = { colors, width: columns };
  if (options.watch === true) {
    const print = async (seen: Observation) => {
      if (context.options.json === true) return formatJsonLine("lab status", { lab: lab.record.name, ...seen });
      const text = `${formatStatus(seen, await readClusters(lab), style)}\n`;
      return interactive ? CLEAR_SCREEN + text : `${text}\n`;
    };
    return { exitCode: 0, text: () => "", data: () => ({}), problems: [], stream: watch(lab, print) };
  }
  context.progress.step("looking at the lab");
  const seen = await observe(lab);
  const hostsOf = await readClusters(lab);
  return {
    exitCode: 0,
    text: () => formatStatus(seen, hostsOf, style),
    data: () => ({ lab: lab.record.name, ...seen }),
    problems: [],
  };
}
