import { resolve } from "node:path";
import { isatty } from "node:tty";
import { UserError } from "../../../generators/model/problem.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { IDENTITY_FILE, packIdentity, placeIdentity } from "../../identity/files.js";
import { readIdentity } from "../../identity/read.js";
import { requireHost } from "../../machines/hosts.js";
import { openSecrets } from "../../secrets/session.js";

const STDOUT = 1;

/** A secret is not printed by mistake, and not as a string of JSON. */
function checkOptions({ to, tar }: CommandOptions, json: boolean): void {
  if (to !== undefined && tar === true) {
    throw new UserError("--to and --tar exclude each other", "--to DIR writes files, --tar an archive to stdout");
  }
  if (to === undefined && tar !== true) {
    throw new UserError("say where the identity goes", "--to DIR writes files, --tar an archive to stdout");
  }
  if (tar !== true) return;
  if (json) throw new UserError("--tar and --json exclude each other", "--to DIR has a result to print");
  if (isatty(STDOUT)) throw new UserError("an archive does not go to a terminal", "redirect it, or pipe it into tar");
}

export async function run(
  context: Context,
  [name]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const secrets = await openSecrets(context);
  const { name: host } = requireHost(secrets.fleet.hosts, name);
  checkOptions(options, context.options.json === true);
  const identity = await readIdentity(context, secrets, host, options);
  const { problems } = secrets;
  if (typeof options.to !== "string") {
    return { exitCode: 0, bytes: packIdentity(identity), text: () => "", data: () => ({}), problems };
  }
  const folder = resolve(context.cwd, options.to);
  const written = await placeIdentity(folder, identity);
  const file = `${folder}/${IDENTITY_FILE}`;
  return {
    exitCode: 0,
    text: () => `${file}: ${host}'s identity${written ? "" : " was there already"}`,
    data: () => ({ host, file, written }),
    problems,
  };
}
