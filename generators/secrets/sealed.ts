/**
 * Encrypted secrets on their way to disk. They are staged under names that carry a seal, a hash of what the lock says of the
 * secret; the lock is the commit point; then they get their names. So a run that is killed leaves either staged files whose
 * seal the lock confirms (the next run finishes them) or others (the next run drops them): no value is lost or doubled.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Fleet } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import { madeFor, printAdmins } from "../model/made-for.js";
import { lockedSecretOf, type SecretSpec, secretFile } from "../model/secrets.js";
import { readersOf } from "../plan/secrets.js";
import type { Stage } from "../tree/apply.js";
import { discardTemps, renameTemps, TEMP_PREFIX, writeTemps } from "../tree/files.js";
import { FolderGuard } from "../tree/paths.js";
import { encryptText } from "./age/encrypt.js";
import { idOf } from "./lock-entries.js";
import { type ParsedRecipients, recipientsFor } from "./readers.js";

/** An encrypted secret, not on disk yet. */
export interface SealedFile {
  readonly spec: SecretSpec;
  /** Relative to the repository. */
  readonly path: string;
  /** age's armored text. */
  readonly text: string;
  readonly seal: string;
}

/** 32 hex digits are 128 bits. */
const SEAL_LENGTH = 32;

/** A hash of all that the lock says of a secret: another one whenever its file is made anew for a reason that the lock shows. */
export function sealOf(lock: Lock, spec: SecretSpec): string {
  const retiring = lockedSecretOf(lock, spec)?.retiring ?? [];
  const admins = Object.entries(lock.admins ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  // With their recipients: after a rotation of a host's identity the same readers need other files.
  const readers = [...(readersOf(lock, spec) ?? [])].sort().map((host) => [host, lock.hosts[host]?.age ?? null]);
  const made = madeFor(lock, spec);
  // What is true of all files is told by the admins; a block that says the same says nothing new.
  const own = made === null || isDeepStrictEqual(made, printAdmins(lock.admins ?? {}, spec.of)) ? [] : [made];
  const what = [spec.name, idOf(lock, spec), readers, [...retiring].sort(), admins, ...own];
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, SEAL_LENGTH);
}

/**
 * Encrypts a secret to its readers and the admins.
 * @param lock the one that will be written with it: it has the secret's entry
 * @param value in the clear
 * @throws UserError where a recipient is missing or wrong
 */
export async function sealSecret(
  fleet: Pick<Fleet, "admins" | "environment">,
  lock: Lock,
  spec: SecretSpec,
  value: string | Uint8Array,
  parsed?: ParsedRecipients,
): Promise<SealedFile> {
  const readers = readersOf(lock, spec) ?? spec.readers;
  const recipients = await recipientsFor(fleet, lock, { name: spec.name, readers }, parsed);
  const path = secretFile(fleet.environment, spec.name);
  return { spec, path, text: await encryptText(value, recipients), seal: sealOf(lock, spec) };
}

/** The name under which a secret waits for the lock, in its folder. */
export function stagedName(slug: string, seal: string): string {
  return `${TEMP_PREFIX}${seal}-${slug}.age`;
}

/** Stages secrets, readable by their owner alone; commit it after the lock. */
export async function stageSecrets(root: string, files: readonly SealedFile[]): Promise<Stage> {
  const guard = new FolderGuard(root);
  const writes = files.map(({ spec, path, text, seal }) => ({
    path,
    data: text,
    mode: 0o600,
    temp: stagedName(spec.slug, seal),
  }));
  const temps = await writeTemps(guard, writes);
  return { commit: async () => renameTemps(guard, temps.files), discard: () => discardTemps(guard, temps) };
}
