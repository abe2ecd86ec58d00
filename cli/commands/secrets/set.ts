import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { findSecret } from "../../secrets/names.js";
import { changeSecrets, describeReadable, openSecrets } from "../../secrets/session.js";
import { formatSteps, readersStep } from "../../secrets/steps.js";
import { readValue } from "../../secrets/values/input.js";
import { requireSettable, storeValue } from "../../secrets/values/store.js";

export async function run(
  context: Context,
  [name = ""]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  // A misspelt name is said before anybody types a value; and nobody waits for the person who does.
  const before = await openSecrets(context);
  const known = findSecret(before.fleet, before.specs, name);
  requireSettable(before, known, options.force === true);
  const value = await readValue(`${known.name}: `);
  const { secrets, change } = await changeSecrets(context, async (secrets) => {
    const spec = findSecret(secrets.fleet, secrets.specs, known.name);
    requireSettable(secrets, spec, options.force === true);
    return storeValue(secrets, spec, value);
  });
  const after = { ...secrets, lock: change.lock };
  const next = readersStep(after, known);
  return {
    exitCode: 0,
    text: () =>
      `${context.colors.green("✓")} ${known.name} set, for ${describeReadable(after, known)}\n${formatSteps(next)}`,
    data: () => ({ name: known.name, file: change.files[0]?.path, next }),
    problems: secrets.problems,
  };
}
