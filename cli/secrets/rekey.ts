import type { Lock } from "../../generators/model/lock.js";
import { adminGapOf, adminGapOfFile, isMade } from "../../generators/model/made-for.js";
import type { SecretSpec } from "../../generators/model/secrets.js";
import type { Decryptor } from "../../generators/secrets/decrypt/decrypt.js";
import { type EntryChange, idOf, withDebt, withSecrets } from "../../generators/secrets/lock-entries.js";
import type { ParsedRecipients } from "../../generators/secrets/readers.js";
import { withAdmins, withWritten } from "../../generators/secrets/record.js";
import { type SealedFile, sealSecret } from "../../generators/secrets/sealed.js";
import { FolderGuard } from "../../generators/tree/paths.js";
import type { Context } from "../context.js";
import { countRecipients } from "./audit/recipients.js";
import { gapOf, isGap, wantedReaders } from "./readers.js";
import { decryptSecret, type SecretChange, type Secrets } from "./session.js";

/** Files that are encrypted anew with the same values. */

export interface Rekeyed extends SecretChange {
  /** Sorted as the fleet lists them. */
  readonly specs: readonly SecretSpec[];
  /** Secrets that somebody knows who must not any more. */
  readonly debts: readonly string[];
}

/**
 * Secrets whose readers or admins are not those that the fleet wants, or whose files are not encrypted to as many as the lock says: one
 * that was taken from another branch.
 * @param all also the others
 */
export function findStale(secrets: Secrets, all: boolean): readonly SecretSpec[] {
  const { fleet, lock, specs, root } = secrets;
  const made = [...specs.values()].filter((spec) => isMade(lock, spec));
  if (all) return made;
  const guard = new FolderGuard(root);
  const isStale = (spec: SecretSpec) => isGap(gapOf(lock, spec)) || isGap(adminGapOfFile(fleet, lock, spec));
  // A file keeps a reader that left until its value is rotated.
  const isOther = (spec: SecretSpec) =>
    lock.rotate?.[spec.name] === undefined && countRecipients(secrets, guard, spec) !== null;
  return made.filter((spec) => isStale(spec) || isOther(spec));
}

/** What the lock says once all these files are encrypted to those who are to read them. */
export function withReaders({ fleet, specs }: Secrets, lock: Lock, rekeyed: readonly SecretSpec[]): Lock {
  const changes = rekeyed.map((spec): EntryChange => ({ spec, entry: entryOf(lock, spec) }));
  let after = withWritten(fleet, lock, withSecrets(lock, changes), rekeyed);
  for (const spec of rekeyed) {
    // It knows the value, whatever the new file says.
    for (const host of gapOf(lock, spec).extra) after = withDebt(after, spec.name, `host ${host}`);
  }
  if (!isGap(adminGapOf(fleet, after))) return after;
  const complete = [...specs.values()].every((spec) => !isGap(adminGapOfFile(fleet, after, spec)));
  return complete ? withAdmins(fleet, after) : after;
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
