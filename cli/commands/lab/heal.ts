import { LabClient } from "../../../lab/client/client.js";
import type { Lab } from "../../../lab/client/records.js";
import type { Fault } from "../../../lab/protocol.js";
import { withDead } from "../../../lab/run/faults.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { formatBroken } from "../../lab/faults/broken.js";
import { describeFault } from "../../lab/faults/faults.js";
import { selectBroken, toHealRequest } from "../../lab/faults/heal-words.js";
import { asTest, isUnderWay } from "../../lab/remains/claim.js";
import { explainLeft, takeBackRemains } from "../../lab/remains/take-back.js";
import { listRemains } from "../../lab/remains/words.js";
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

/**
 * What a test that was killed has left; while one is under way, that is its own affair.
 * @returns what it was, in words
 * @throws UserError where some of it is there still
 */
async function takeBackLeft(context: Context, lab: Lab): Promise<readonly string[]> {
  const { test } = await new LabClient(lab.socket).state();
  if (test.remains.length === 0 || isUnderWay(test)) return [];
  const { taken, left } = await asTest(lab, () => takeBackRemains(lab, context.progress));
  if (left.length > 0) throw explainLeft(left);
  return listRemains(taken);
}

export async function run(context: Context, words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const lab = await chooseLab(context, options);
  const client = new LabClient(lab.socket);
  const { faults: before, hosts } = await client.state();
  const meant = selectBroken(withDead(before, hosts), words, options);
  const faults = await healEach(client, meant, before);
  // Last, since it takes a cluster with a leader.
  const takenBack = words.length === 0 ? await takeBackLeft(context, lab) : [];
  const tick = context.colors.green("✓");
  const done = joinNames(meant.map(describeFault));
  return {
    exitCode: 0,
    text: () =>
      [
        ...(takenBack.length === 0 ? [] : [`${tick} took back what a test had left: ${takenBack.join("; ")}`]),
        ...(meant.length === 0 ? [] : [`${tick} healed ${done}`]),
        formatBroken(faults),
      ].join("\n"),
    data: () => ({ lab: lab.record.name, takenBack, healed: meant, faults }),
    problems: [],
  };
}
