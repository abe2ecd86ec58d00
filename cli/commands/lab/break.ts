import { LabClient } from "../../../lab/client/client.js";
import type { Fault } from "../../../lab/protocol.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { formatBroken } from "../../lab/faults/broken.js";
import { parseFault, requireFault } from "../../lab/faults/fault-words.js";
import { describeFault } from "../../lab/faults/faults.js";

function describeDone(fault: Fault, after: readonly Fault[], { colors }: Context): string {
  const said = `${colors.green("✓")} ${describeFault(fault)}: ${requireFault(fault.kind).summary}`;
  return `${said}\n${formatBroken(after)}`;
}

export async function run(context: Context, words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  requireFault(words[0]);
  const lab = await chooseLab(context, options);
  const client = new LabClient(lab.socket);
  const fault = parseFault(await client.spec(), words, options);
  const faults = await client.break(fault);
  return {
    exitCode: 0,
    text: () => describeDone(fault, faults, context),
    data: () => ({ lab: lab.record.name, fault, faults }),
    problems: [],
  };
}
