import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { requireHost } from "../../machines/hosts.js";
import { runForeground } from "../../process/foreground.js";
import { describeLogin, sshArguments } from "../../ssh/command.js";
import { requireHostKey } from "../../ssh/host-key.js";
import { parsePort } from "../../ssh/port.js";
import { findRoute } from "../../ssh/route.js";
import { quoteLine } from "../../ssh/shell-words.js";
import { compileTarget } from "../../targets/targets.js";

const INSTALL = "install OpenSSH's client (Debian: openssh-client; NixOS: openssh), or look at PATH";

export async function run(
  context: Context,
  [name, ...command]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { target, problems } = await compileTarget(context);
  const { plan } = target;
  const own = requireHost(plan.hosts, name);
  const { host } = own;
  const at = typeof options.at === "string" ? { at: options.at } : {};
  const route = findRoute(plan, own, { ...at, lan: options.lan === true, mesh: options.mesh === true });
  const knownHosts = requireHostKey(context.root(), target, host.name);
  if (route.via !== null) requireHostKey(context.root(), target, route.via.host);
  const { user, port: jumpPort } = plan.fleet.deploy;
  const port = typeof options.port === "string" ? parsePort(options.port) : jumpPort;
  const args = sshArguments({ host: host.name, route, user, port, jumpPort, knownHosts, command });
  const data = () => ({ host: host.name, ...route, user, port, run: ["ssh", ...args] });
  if (options.print === true || context.options.json === true) {
    return { exitCode: 0, text: () => quoteLine(["ssh", ...args]), data, problems };
  }
  context.progress.note(`ssh ${describeLogin({ user, route })}`);
  const status = await runForeground("ssh", args, { install: INSTALL });
  return { exitCode: status, text: () => "", data, problems };
}
