import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { openIdentities } from "../../secrets/identity.js";
import { findSecret } from "../../secrets/names.js";
import { decryptSecret, openSecrets } from "../../secrets/session.js";
import { toJsonValue } from "../../secrets/values/text.js";

export async function run(
  context: Context,
  [name = ""]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const secrets = await openSecrets(context);
  const spec = findSecret(secrets.fleet, secrets.specs, name);
  const value = await decryptSecret(secrets, spec, await openIdentities(context, options));
  return {
    exitCode: 0,
    bytes: value,
    text: () => "",
    data: () => ({ name: spec.name, ...toJsonValue(value) }),
    problems: secrets.problems,
  };
}
