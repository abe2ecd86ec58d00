import { adminGapOf } from "../../../generators/model/made-for.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { openIdentities } from "../../secrets/identity.js";
import { findSecret } from "../../secrets/names.js";
import { isGap } from "../../secrets/readers.js";
import { findStale, type Rekeyed, rekeySecrets, withReaders } from "../../secrets/rekey.js";
import { changeSecrets, type Secrets } from "../../secrets/session.js";
import { deployStep, envOf, formatSteps, generateStep } from "../../secrets/steps.js";
import { count } from "../../terminal/words.js";

export async function run(context: Context, names: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { secrets, change } = await changeSecrets<Rekeyed>(context, async (secrets) => {
    const named = names.map((name) => findSecret(secrets.fleet, secrets.specs, name));
    const stale = named.length > 0 ? [...new Set(named)] : findStale(secrets, options.all === true);
    // Named one by one, or given new values, all files can be for the new admins before the lock says so.
    if (stale.length === 0) return { lock: withReaders(secrets, secrets.lock, []), files: [], specs: [], debts: [] };
    return rekeySecrets(context, secrets, stale, await openIdentities(context, options));
  });
  const next = change.specs.length === 0 ? [] : stepsAfter(secrets, change);
  return {
    exitCode: 0,
    text: () => describe(context, secrets, change, next),
    data: () => ({ rekeyed: change.specs.map(({ name }) => name), toRotate: change.debts, next }),
    problems: secrets.problems,
  };
}

/** `generate` is not run from here: it may have more to write than what this command is about. */
function stepsAfter(secrets: Secrets, { specs, debts }: Rekeyed): string[] {
  const hosts = new Set(specs.flatMap(({ readers }) => readers));
  return [
    generateStep(secrets),
    ...(hosts.size > 0 ? [deployStep(secrets, [...hosts].sort())] : []),
    ...(debts.length > 0 ? [`meshflake secrets audit${envOf(secrets)}, which says what to rotate`] : []),
  ];
}

function describe({ colors }: Context, secrets: Secrets, change: Rekeyed, next: readonly string[]): string {
  const { specs, debts, lock } = change;
  if (specs.length === 0) return "every file is encrypted to those who are to read it";
  const { changed } = adminGapOf(secrets.fleet, secrets.lock);
  const notes = [
    ...(debts.length > 0
      ? [
          `${count(debts.length, "secret")} known to somebody who must not know ${debts.length === 1 ? "it" : "them"} any more`,
        ]
      : []),
    ...(isGap(adminGapOf(secrets.fleet, lock))
      ? ["the admins of the other files changed too: meshflake secrets rekey, without names"]
      : []),
    ...changed.map(
      (name) =>
        `${name} gave up a recipient, and whoever has its key reads the old files in git: meshflake secrets rotate --all`,
    ),
  ];
  const head = `${colors.green("✓")} ${count(specs.length, "file")} encrypted anew`;
  return [head, ...notes.map((note) => `${colors.yellow("!")} ${note}`), formatSteps(next)].join("\n");
}
