import { LabClient } from "../../../lab/client/client.js";
import type { Fault } from "../../../lab/protocol.js";
import { isBroken, withDead } from "../../../lab/run/faults.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { formatBroken } from "../../lab/faults/broken.js";
import { describeDone, findMove } from "../../lab/faults/done.js";
import { parseFault, requireFault } from "../../lab/faults/fault-words.js";
import { describeFault } from "../../lab/faults/faults.js";

/** What was asked for, and what it did. */
interface Broken {
  readonly fault: Fault;
  /** What is broken now. */
  readonly faults: readonly Fault[];
  /** Whether it was not broken in this way before. */
  readonly changed: boolean;
  /** The public address of a site that was renumbered. */
  readonly address?: NonNullable<ReturnType<typeof findMove>>;
}

async function breakIt(client: LabClient, fault: Fault): Promise<Broken> {
  const before = await client.state();
  const faults = await client.break(fault);
  const changed = !isBroken(withDead(before.faults, before.hosts), fault);
  const move = fault.kind === "renumber" ? findMove(fault, before.sites, (await client.state()).sites) : null;
  return { fault, faults, changed, ...(move !== null && { address: move }) };
}

function formatDone({ fault, faults, changed, address }: Broken, { colors }: Context): string {
  const said = changed
    ? `${colors.green("✓")} ${describeFault(fault)}: ${describeDone(fault, address ?? null)}`
    : `${colors.yellow("-")} ${describeFault(fault)}: it is broken already, and stays so`;
  return `${said}\n${formatBroken(faults)}`;
}

export async function run(context: Context, words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  requireFault(words[0]);
  const lab = await chooseLab(context, options);
  const client = new LabClient(lab.socket);
  const broken = await breakIt(client, parseFault(await client.spec(), words, options));
  return {
    exitCode: 0,
    text: () => formatDone(broken, context),
    data: () => ({ lab: lab.record.name, ...broken }),
    problems: [],
  };
}
