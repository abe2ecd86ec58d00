import { LabClient } from "../../../lab/client/client.js";
import type { Fault } from "../../../lab/protocol.js";
import { withDead } from "../../../lab/run/faults.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { formatBroken } from "../../lab/faults/broken.js";
import { describeFault } from "../../lab/faults/faults.js";
import { selectBroken, toHealRequest } from "../../lab/faults/heal-words.js";
import { joinNames } from "../../terminal/words.js";

/** One after the other: a host boots for each that lost its power. */
async function healEach(
  client: LabClient,
  meant: readonly Fault[],
  before: readonly Fault[],
): Promise<readonly Fault[]> {
  let left = before;
  for (const fault of meant) left = await client.heal(toHealRequest(fault));
  return left;
}

export async function run(context: Context, words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const lab = await chooseLab(context, options);
  const client = new LabClient(lab.socket);
  const { faults: before, hosts } = await client.state();
  const meant = selectBroken(withDead(before, hosts), words, options);
  const faults = await healEach(client, meant, before);
  const done = joinNames(meant.map(describeFault));
  return {
    exitCode: 0,
    text: () => `${meant.length === 0 ? "" : `${context.colors.green("✓")} healed ${done}\n`}${formatBroken(faults)}`,
    data: () => ({ lab: lab.record.name, healed: meant, faults }),
    problems: [],
  };
}
