import { UserError } from "../../../generators/model/problem.js";
import { LabClient } from "../../../lab/client/client.js";
import { hostCommand } from "../../../lab/client/enter.js";
import { terminalEnvironment } from "../../../lab/client/start/environment.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { chooseLab } from "../../lab/choose.js";
import { requireEntrance, requireLabHost } from "../../lab/hosts.js";
import { captureProgram } from "../../process/capture.js";
import { runForeground } from "../../process/foreground.js";

const INSTALL = "install util-linux, or look at PATH";

export async function run(
  context: Context,
  [name, ...command]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  if (command.length === 0) throw new UserError("no command is given", `meshflake lab exec ${name} -- ping -c 3 HOST`);
  const lab = await chooseLab(context, options);
  const host = requireEntrance(requireLabHost(await new LabClient(lab.socket).state(), name));
  const [program = "", ...args] = hostCommand(lab.record, host.pid, command);
  context.progress.clear();
  if (context.options.json !== true) {
    const exitCode = await runForeground(program, args, { env: terminalEnvironment(), install: INSTALL });
    return { exitCode, text: () => "", data: () => ({}), problems: [] };
  }
  const { exitCode, stdout, stderr } = await captureProgram(program, args, { env: terminalEnvironment() });
  const data = () => ({ lab: lab.record.name, host: host.name, run: command, stdout, stderr });
  return { exitCode, text: () => stdout, data, problems: [] };
}
