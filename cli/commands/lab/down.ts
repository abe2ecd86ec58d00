import { endLab } from "../../../lab/client/end.js";
import { type Lab, listLabs } from "../../../lab/client/records.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { count } from "../../terminal/words.js";

async function chooseAll(context: Context, options: CommandOptions): Promise<readonly Lab[]> {
  return options.all === true ? listLabs() : [await chooseLab(context, options)];
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const labs = await chooseAll(context, options);
  const names = labs.map(({ record }) => record.name);
  const start = Date.now();
  if (names.length > 0) context.progress.step(`ending ${names.join(", ")}`);
  await Promise.all(labs.map((lab) => endLab(lab)));
  const ms = Date.now() - start;
  const what = names.length === 1 ? `the lab ${names[0]}` : count(names.length, "lab");
  return {
    exitCode: 0,
    text: () =>
      names.length === 0
        ? "no lab runs"
        : `${context.colors.green("✓")} ended ${what} in ${(ms / 1000).toFixed(1)} s; nothing of it is left`,
    data: () => ({ ended: names, ms }),
    problems: [],
  };
}
