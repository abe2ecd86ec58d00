import { LabClient } from "../../../lab/client/client.js";
import { type Lab, listLabs } from "../../../lab/client/records.js";
import type { LabState } from "../../../lab/protocol.js";
import type { CommandResult, Context } from "../../context.js";
import { formatColumns } from "../../terminal/columns.js";

/** A lab as the list shows it. */
interface Row {
  readonly name: string;
  readonly root: string;
  readonly pid: number;
  readonly rootless: boolean;
  /** Null where the lab does not answer. */
  readonly fleet: string | null;
  readonly environment: string | null;
  readonly phase: LabState["phase"] | null;
  readonly hosts: number | null;
}

async function describeLab({ record, socket }: Lab): Promise<Row> {
  const { name, root, pid, rootless } = record;
  try {
    const { fleet, environment, phase, hosts } = await new LabClient(socket).state();
    return { name, root, pid, rootless, fleet, environment, phase, hosts: hosts.length };
  } catch {
    return { name, root, pid, rootless, fleet: null, environment: null, phase: null, hosts: null };
  }
}

function formatRows(rows: readonly Row[], bold: (text: string) => string): string {
  if (rows.length === 0) return "no lab runs; meshflake lab up starts one";
  const head = ["LAB", "STATE", "HOSTS", "PID", "REPOSITORY"];
  const cells = rows.map(({ name, phase, hosts, pid, root }) => [
    bold(name),
    phase ?? "does not answer",
    String(hosts ?? "?"),
    String(pid),
    root,
  ]);
  return formatColumns([head, ...cells], [2, 3]).join("\n");
}

export async function run({ colors }: Context): Promise<CommandResult> {
  const labs = await Promise.all(listLabs().map(describeLab));
  return { exitCode: 0, text: () => formatRows(labs, colors.bold), data: () => ({ labs }), problems: [] };
}
