import { isatty } from "node:tty";
import { UserError } from "../../../generators/model/problem.js";
import type { SecretSpec } from "../../../generators/model/secrets.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { editValue } from "../../secrets/edit/editor.js";
import { openIdentities } from "../../secrets/identity.js";
import { findSecret } from "../../secrets/names.js";
import { changeSecrets, decryptSecret, describeReadable, openSecrets, type Secrets } from "../../secrets/session.js";
import { formatSteps, readersStep } from "../../secrets/steps.js";
import { requireSettable, storeValue } from "../../secrets/values/store.js";

/** Whoever names an editor may have one that asks nobody; `vi` waits for keys. */
function requireEditor({ VISUAL, EDITOR }: NodeJS.ProcessEnv, spec: SecretSpec): void {
  if (isatty(0) || Boolean(VISUAL?.trim() || EDITOR?.trim())) return;
  throw new UserError(
    "there is no terminal to edit on",
    `set EDITOR to a program that needs none; or give the value from stdin: meshflake secrets set ${spec.name}`,
  );
}

export async function run(
  context: Context,
  [name = ""]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const before = await openSecrets(context);
  const spec = findSecret(before.fleet, before.specs, name);
  requireSettable(before, spec, options.force === true);
  requireEditor(process.env, spec);
  const value = await readOld(context, before, spec, options);
  const edited = await editValue(context, spec.slug, value);
  if (edited.equals(value)) return report(context, before, spec, false);
  if (edited.length === 0) throw new UserError("the editor left an empty file, and nothing was written", undefined, 1);
  const { secrets, change } = await changeSecrets(context, async (secrets) => {
    if (idOf(secrets.lock, spec) !== idOf(before.lock, spec)) {
      throw new UserError(
        `${spec.name} was changed by somebody else meanwhile, and nothing was written`,
        "edit it again",
        1,
      );
    }
    return storeValue(secrets, findSecret(secrets.fleet, secrets.specs, spec.name), edited);
  });
  return report(context, { ...secrets, lock: change.lock }, spec, true);
}

/** Empty where the secret has no value yet: then no key is needed. */
async function readOld(context: Context, secrets: Secrets, spec: SecretSpec, options: CommandOptions): Promise<Buffer> {
  if (idOf(secrets.lock, spec) === null) return Buffer.alloc(0);
  return decryptSecret(secrets, spec, await openIdentities(context, options));
}

function report({ colors }: Context, secrets: Secrets, spec: SecretSpec, changed: boolean): CommandResult {
  const next = changed ? readersStep(secrets, spec) : [];
  return {
    exitCode: 0,
    text: () =>
      changed
        ? `${colors.green("✓")} ${spec.name} changed, for ${describeReadable(secrets, spec)}\n${formatSteps(next)}`
        : `${spec.name} is unchanged`,
    data: () => ({ name: spec.name, changed, next }),
    problems: secrets.problems,
  };
}
