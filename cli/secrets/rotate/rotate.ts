import type { Lock, LockedSecret } from "../../../generators/model/lock.js";
import { lockedSecretOf, type SecretSpec, secretFile } from "../../../generators/model/secrets.js";
import { readersOf } from "../../../generators/plan/secrets.js";
import type { Decryptor } from "../../../generators/secrets/decrypt/decrypt.js";
import {
  type EntryChange,
  idOf,
  knownToAll,
  withDebt,
  withoutDebt,
  withRevoked,
  withSecrets,
} from "../../../generators/secrets/lock-entries.js";
import type { ParsedRecipients } from "../../../generators/secrets/readers.js";
import { listExposed, withWritten } from "../../../generators/secrets/record.js";
import { type SealedFile, sealSecret } from "../../../generators/secrets/sealed.js";
import { formatKeyring, type MadeKind, makeValue } from "../../../generators/secrets/values.js";
import { readPlainFile } from "../../../generators/tree/files.js";
import { FolderGuard } from "../../../generators/tree/paths.js";
import type { Context } from "../../context.js";
import { formatIdentities, parseIdentities } from "../../identity/keys.js";
import { wantedReaders } from "../readers.js";
import { withReaders } from "../rekey.js";
import { decryptSecret, type SecretChange, type Secrets } from "../session.js";
import { parseKeyring } from "../values/forms.js";
import { type Selection, takesTwoSteps } from "./select.js";

/** New values, in memory. An admin's key is only asked for where an old value is needed. */

/** Opens the admin's identities the first time that somebody asks. */
export type OpenDecryptor = () => Promise<Decryptor>;

export interface Rotated extends SecretChange {
  /** Secrets with a new value. */
  readonly specs: readonly SecretSpec[];
  /** Secrets whose files were encrypted anew, since a reader has another identity now. */
  readonly moved: readonly SecretSpec[];
}

type Value = string | Buffer;

const isGossip = ({ kind }: SecretSpec) => kind === "consul-gossip" || kind === "nomad-gossip";
const isToken = ({ kind }: SecretSpec) => kind === "consul-token" || kind === "nomad-token";

/** Gives every selected secret a new value. */
export async function rotateSecrets(
  context: Context,
  secrets: Secrets,
  selection: Selection,
  open: OpenDecryptor,
): Promise<Rotated> {
  const { made, own, lost } = selection;
  const values = new Map<SecretSpec, Value>();
  const changes: EntryChange[] = [];
  const revoked: string[] = [];
  for (const spec of made) {
    context.progress.step(`making ${spec.name}`);
    const { id, text } = makeValue(spec.kind as MadeKind);
    values.set(spec, await withOld(secrets, spec, text, lost, open));
    const old = listOld(secrets.lock, spec);
    const two = takesTwoSteps(spec, lost);
    if (!two && isToken(spec)) revoked.push(...old);
    const knownTo = [
      ...knownToAll(secrets.lock, spec, lockedSecretOf(secrets.lock, spec)),
      ...listExposed(secrets.fleet, secrets.lock, spec),
    ];
    changes.push({ spec, entry: { id, readers: spec.readers, ...(two && { retiring: old, knownTo }) } });
  }
  let lock = withRevoked(withSecrets(secrets.lock, changes), revoked);
  lock = withWritten(secrets.fleet, secrets.lock, withWantedReaders(lock, made), made);
  for (const { name } of made) lock = withoutDebt(lock, name);
  for (const { name } of lost === null ? [] : own) lock = withDebt(lock, name, `host ${lost}`);
  const moved = findMoved(secrets, made);
  lock = withReaders(secrets, lock, moved);
  for (const spec of moved) values.set(spec, await decryptSecret(secrets, spec, await open()));
  return { lock, files: await sealAll(context, secrets, lock, values), specs: made, moved };
}

/** Which readers have an identity is known once all identities are new. */
function withWantedReaders(lock: Lock, specs: readonly SecretSpec[]): Lock {
  const changes = specs.map((spec): EntryChange => {
    const entry = lockedSecretOf(lock, spec) ?? { id: idOf(lock, spec) ?? "" };
    return { spec, entry: { ...entry, readers: wantedReaders(lock, spec) } };
  });
  return withSecrets(lock, changes);
}

/** The values that a new one replaces. */
function listOld(lock: Lock, spec: SecretSpec): readonly string[] {
  const { retiring = [] } = lockedSecretOf(lock, spec) ?? {};
  const id = idOf(lock, spec);
  return [...retiring, ...(id === null ? [] : [id])];
}

/** What the file holds: what is still needed of the old value comes behind the new one. */
function withOld(
  secrets: Secrets,
  spec: SecretSpec,
  text: string,
  lost: string | null,
  open: OpenDecryptor,
): string | Promise<string> {
  if (isGossip(spec)) return prependKey(secrets, spec, text, open);
  return spec.kind === "identity" && spec.of !== lost ? prependIdentity(secrets, spec, text, open) : text;
}

/** Until the host is deployed, it needs the old identity for the files that it has. Where that is lost, the new one is alone. */
async function prependIdentity(secrets: Secrets, spec: SecretSpec, text: string, open: OpenDecryptor): Promise<string> {
  const file = secretFile(secrets.fleet.environment, spec.name);
  if (readPlainFile(new FolderGuard(secrets.root), file) === undefined) return text;
  const old = await decryptSecret(secrets, spec, await open());
  return formatIdentities([...parseIdentities(text), ...parseIdentities(old.toString("latin1"))]);
}

/** Running daemons know the old keys: they stay in the ring, behind the new one. */
async function prependKey(secrets: Secrets, spec: SecretSpec, text: string, open: OpenDecryptor): Promise<string> {
  const old = await decryptSecret(secrets, spec, await open());
  return formatKeyring([...parseKeyring(text), ...parseKeyring(old.toString())]);
}

/** What hosts with a new identity read, and does not get a new value. */
function findMoved({ lock, specs }: Secrets, made: readonly SecretSpec[]): readonly SecretSpec[] {
  const hosts = made.filter(({ kind }) => kind === "identity").map(({ of }) => of);
  if (hosts.length === 0) return [];
  const done = new Set(made.map(({ name }) => name));
  return [...specs.values()].filter(
    (spec) => !done.has(spec.name) && readersOf(lock, spec)?.some((reader) => hosts.includes(reader)) === true,
  );
}

async function sealAll(
  { progress }: Context,
  { fleet }: Secrets,
  lock: Lock,
  values: ReadonlyMap<SecretSpec, Value>,
): Promise<SealedFile[]> {
  const parsed: ParsedRecipients = new Map();
  const files: SealedFile[] = [];
  for (const [spec, value] of values) {
    progress.step(`encrypting ${spec.name} (${files.length + 1} of ${values.size})`);
    files.push(await sealSecret(fleet, lock, spec, value, parsed));
  }
  progress.clear();
  return files;
}

const NOTHING: LockedSecret = { id: "", readers: [] };

/** Drops the old values: servers delete the tokens, and keyrings hold the new key alone. */
export async function finishRotations(
  context: Context,
  secrets: Secrets,
  rotating: readonly SecretSpec[],
  open: OpenDecryptor,
): Promise<Rotated> {
  const values = new Map<SecretSpec, Value>();
  const changes: EntryChange[] = [];
  const revoked: string[] = [];
  for (const spec of rotating) {
    const { retiring = [], knownTo: _, ...entry } = lockedSecretOf(secrets.lock, spec) ?? NOTHING;
    if (isToken(spec)) revoked.push(...retiring);
    changes.push({ spec, entry: { ...entry, retiring: [] } });
    if (!isGossip(spec)) continue;
    const ring = parseKeyring((await decryptSecret(secrets, spec, await open())).toString());
    values.set(spec, formatKeyring(ring.slice(0, 1)));
  }
  const lock = withReaders(secrets, withRevoked(withSecrets(secrets.lock, changes), revoked), [...values.keys()]);
  return { lock, files: await sealAll(context, secrets, lock, values), specs: rotating, moved: [] };
}
