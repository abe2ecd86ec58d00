import type { Lock } from "../../generators/model/lock.js";
import type { SecretSpec } from "../../generators/model/secrets.js";
import type { Decryptor } from "../../generators/secrets/decrypt/decrypt.js";
import { type EntryChange, idOf, withDebt, withSecrets } from "../../generators/secrets/lock-entries.js";
import { adminsOf, type ParsedRecipients } from "../../generators/secrets/readers.js";
import { type SealedFile, sealSecret } from "../../generators/secrets/sealed.js";
import type { Context } from "../context.js";
import { adminGapOf, gapOf, isGap, wantedReaders } from "./readers.js";
import { decryptSecret, type SecretChange, type Secrets } from "./session.js";

/** Files that are encrypted anew with the same values. */

export interface Rekeyed extends SecretChange {
  /** Sorted as the fleet lists them. */
  readonly specs: readonly SecretSpec[];
  /** Secrets that somebody knows who must not any more. */
  readonly debts: readonly string[];
}

/** Secrets whose readers or admins are not those that the fleet wants. @param all also the others */
export function findStale({ fleet, lock, specs }: Secrets, all: boolean): readonly SecretSpec[] {
  const everything = all || isGap(adminGapOf(fleet, lock));
  const made = [...specs.values()].filter((spec) => idOf(lock, spec) !== null);
  return everything ? made : made.filter((spec) => isGap(gapOf(lock, spec)));
}

/** What the lock says once all these files are encrypted to those who are to read them. */
export function withReaders({ fleet, specs }: Secrets, lock: Lock, rekeyed: readonly SecretSpec[]): Lock {
  const changes = rekeyed.map((spec): EntryChange => ({ spec, entry: entryOf(lock, spec) }));
  let after = withSecrets(lock, changes);
  for (const spec of rekeyed) {
    // It knows the value, whatever the new file says.
    for (const host of gapOf(lock, spec).extra) after = withDebt(after, spec.name, `host ${host}`);
  }
  const done = new Set(rekeyed.map(({ name }) => name));
  const complete = [...specs.values()].every((spec) => done.has(spec.name) || idOf(lock, spec) === null);
  if (!complete) return after;
  const { left, changed } = adminGapOf(fleet, lock);
  // A key that was given up opened everything, whoever has it now.
  const knowing = [...left.map((name) => `admin ${name}`), ...changed.map((name) => `admin ${name}'s old key`)];
  for (const who of knowing) for (const spec of rekeyed) after = withDebt(after, spec.name, who);
  return { ...after, admins: adminsOf(fleet) };
}

function entryOf(lock: Lock, spec: SecretSpec) {
  const block = spec.scope === "host" ? lock.hosts[spec.of] : lock.clusters?.[spec.of];
  const locked = block?.secrets?.[spec.slug];
  return { ...locked, id: idOf(lock, spec) ?? "", readers: wantedReaders(lock, spec) };
}

/** Decrypts and encrypts, in memory. @param stale the secrets; each has a value */
export async function rekeySecrets(
  { progress }: Context,
  secrets: Secrets,
  stale: readonly SecretSpec[],
  decryptor: Decryptor,
): Promise<Rekeyed> {
  const lock = withReaders(secrets, secrets.lock, stale);
  const parsed: ParsedRecipients = new Map();
  const files: SealedFile[] = [];
  for (const [i, spec] of stale.entries()) {
    progress.step(`encrypting ${spec.name} (${i + 1} of ${stale.length})`);
    const value = await decryptSecret(secrets, spec, decryptor);
    files.push(await sealSecret(secrets.fleet, lock, spec, value, parsed));
  }
  progress.clear();
  const debts = Object.keys(lock.rotate ?? {}).filter(
    (name) => (lock.rotate?.[name]?.length ?? 0) > (secrets.lock.rotate?.[name]?.length ?? 0),
  );
  return { lock, files, specs: stale, debts };
}
