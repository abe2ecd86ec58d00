import type { LockedSecret } from "../../../generators/model/lock.js";
import { UserError } from "../../../generators/model/problem.js";
import { isPair, lockedSecretOf, type SecretSpec } from "../../../generators/model/secrets.js";
import { idOf, knownToAll, withoutDebt, withSecret } from "../../../generators/secrets/lock-entries.js";
import { listExposed, withWritten } from "../../../generators/secrets/record.js";
import { sealSecret } from "../../../generators/secrets/sealed.js";
import { makeId } from "../../../generators/secrets/values.js";
import { wantedReaders } from "../readers.js";
import type { SecretChange, Secrets } from "../session.js";
import { checkForm } from "./forms.js";

/** Stops where a secret is not a person's to give a value. @param force only its form has to be right */
export function requireSettable({ lock }: Secrets, spec: SecretSpec, force: boolean): void {
  if (spec.scope === "host" && lock.hosts[spec.of] === undefined) {
    throw new UserError(`${spec.of} is not in the lock yet`, "run `meshflake generate` first", 1);
  }
  if (spec.kind === "own" || force) return;
  throw new UserError(
    `${spec.name} is made by meshflake`,
    `\`meshflake secrets rotate ${spec.name}\` makes a new value; --force sets this one`,
  );
}

/**
 * Gives a secret a value that a person chose. Everybody who is to read it can, from then on.
 * @throws UserError where a secret that meshflake makes gets a value of another form
 */
export async function storeValue(secrets: Secrets, spec: SecretSpec, value: Buffer): Promise<SecretChange> {
  const { fleet, lock: before } = secrets;
  const { kind } = spec;
  const formed = kind === "own" ? { id: makeId(), text: value } : await checkForm(kind, value);
  const old = idOf(before, spec);
  if (kind === "identity" && formed.id !== old) {
    throw new UserError(
      `the value is not the identity that the lock knows of ${spec.of}, and nothing was written`,
      `what ${spec.of} reads is encrypted to that one; for a new one: meshflake secrets rotate ${spec.name}`,
      1,
    );
  }
  const entry: LockedSecret = { id: formed.id, readers: wantedReaders(before, spec), ...retire(secrets, spec, old) };
  const changed = withWritten(fleet, before, withSecret(before, spec, entry), [spec]);
  // The same pair again gives back a file that was lost: whoever knew it still does.
  const lock = isPair(kind) && formed.id === old ? changed : withoutDebt(changed, spec.name);
  return { lock, files: [await sealSecret(fleet, lock, spec, formed.text)] };
}

/** Servers still take the token that is replaced, until `rotate --finish`. */
function retire(
  { fleet, lock }: Secrets,
  spec: SecretSpec,
  old: string | null,
): Pick<LockedSecret, "retiring" | "knownTo"> {
  if (old === null || (spec.kind !== "consul-token" && spec.kind !== "nomad-token")) return {};
  const entry = lockedSecretOf(lock, spec);
  return {
    retiring: [...(entry?.retiring ?? []), old],
    knownTo: [...knownToAll(lock, spec, entry), ...listExposed(fleet, lock, spec)],
  };
}
