/** A secret's entry in the lock, be it half of a key pair or not. Pure: every function returns a new lock. */
import type { Lock, LockedCluster, LockedHost, LockedSecret, MadeFor, Rotation } from "../model/lock.js";
import {
  CLUSTER_SECRETS,
  HOST_SECRETS,
  isPair,
  KEY_FIELDS,
  type KeyField,
  lockedSecretOf,
  type SecretKind,
  type SecretSpec,
} from "../model/secrets.js";

/** A secret and what the lock is to say of it; null removes its entry. */
export interface EntryChange {
  readonly spec: SecretSpec;
  /** Of a pair, `id` alone is kept, the public half, and of an SSH host key its rotation. */
  readonly entry: LockedSecret | null;
}

/** The public half or the id of a secret; null where it has not been made. */
export function idOf(lock: Lock, spec: SecretSpec): string | null {
  if (isPair(spec.kind)) return lock.hosts[spec.of]?.[KEY_FIELDS[spec.kind]] ?? null;
  return lockedSecretOf(lock, spec)?.id ?? null;
}

/** A secret that the lock has, be it declared or not. */
export interface LockEntry {
  /** `readers` are those who can read it. */
  readonly spec: SecretSpec;
  readonly entry: LockedSecret;
}

/** Every secret of the lock that is no key pair, whether the fleet still wants it or not. */
export function* listEntries(lock: Lock): Generator<LockEntry> {
  for (const [scope, blocks] of [["host", lock.hosts] as const, ["cluster", lock.clusters ?? {}] as const]) {
    for (const [of, { secrets }] of Object.entries<LockedHost | LockedCluster>(blocks)) {
      for (const [slug, entry] of Object.entries(secrets ?? {})) {
        const { readers } = entry;
        yield { spec: { name: `${of}/${slug}`, scope, of, slug, kind: kindOf(scope, slug), readers }, entry };
      }
    }
  }
}

function kindOf(scope: SecretSpec["scope"], slug: string): SecretKind {
  const made: readonly SecretKind[] = scope === "host" ? HOST_SECRETS : CLUSTER_SECRETS;
  return made.find((kind) => kind === slug) ?? "own";
}

/** Sets one entry. @param entry null removes it */
export function withSecret(lock: Lock, spec: SecretSpec, entry: LockedSecret | null): Lock {
  return withSecrets(lock, [{ spec, entry }]);
}

/**
 * Sets many entries at once: of a thousand hosts, one copy of the lock is enough.
 * @throws Error where a host has no block in the lock: the plan makes it, with the address
 */
export function withSecrets(lock: Lock, changes: readonly EntryChange[]): Lock {
  if (changes.length === 0) return lock;
  const hosts: Record<string, LockedHost> = { ...lock.hosts };
  const clusters: Record<string, LockedCluster> = { ...lock.clusters };
  for (const { spec, entry } of changes) {
    if (spec.scope === "cluster") {
      const cluster = setEntry(clusters[spec.of] ?? {}, spec.slug, entry);
      if (cluster.secrets === undefined) delete clusters[spec.of];
      else clusters[spec.of] = cluster;
      continue;
    }
    const locked = hosts[spec.of];
    if (locked === undefined) throw new Error(`no lock entry for ${spec.of}: secrets are made from the plan's lock`);
    hosts[spec.of] = isPair(spec.kind)
      ? setPublicHalf(locked, KEY_FIELDS[spec.kind], entry)
      : setEntry(locked, spec.slug, entry);
  }
  const { clusters: _, ...rest } = lock;
  return { ...rest, hosts, ...(Object.keys(clusters).length > 0 && { clusters }) };
}

function setPublicHalf(host: LockedHost, field: KeyField, entry: LockedSecret | null): LockedHost {
  const { [field]: old, ...others } = host;
  const rest = field === "ssh" ? setSshRotation(others, entry, old) : others;
  if (entry === null) return withoutDigest(withoutApart(rest, slugOf(field)), slugOf(field));
  return { ...(entry.id === old ? rest : withoutDigest(rest, slugOf(field))), [field]: entry.id };
}

function slugOf(field: KeyField): string {
  return Object.entries(KEY_FIELDS).find(([, known]) => known === field)?.[0] ?? field;
}

/** A new pair has a new file; its writer notes the digest. */
function withoutDigest(host: LockedHost, slug: string): LockedHost {
  if (host.sha256?.[slug] === undefined) return host;
  const { [slug]: _, ...sha256 } = host.sha256;
  const { sha256: __, ...rest } = host;
  return Object.keys(sha256).length > 0 ? { ...rest, sha256 } : rest;
}

/** Of a file that is gone there is nothing to say. */
function withoutApart<Block extends MadeFor>(block: Block, slug: string): Block {
  if (block.apart === undefined || !Object.hasOwn(block.apart, slug)) return block;
  const { [slug]: _, ...apart } = block.apart;
  const { apart: __, ...rest } = block;
  return (Object.keys(apart).length > 0 ? { ...rest, apart } : rest) as Block;
}

/** A rotation ends with the key, or where the entry says that nothing is retiring: a file that is encrypted anew leaves it be. */
function setSshRotation(host: LockedHost, entry: LockedSecret | null, old: string | undefined): LockedHost {
  if (entry !== null && entry.id === old && entry.retiring === undefined) return host;
  const { sshRotation: _, ...rest } = host;
  const rotation = normalizeRotation(entry ?? {});
  return rotation.retiring === undefined ? rest : { ...rest, sshRotation: rotation };
}

function setEntry<Block extends LockedHost | LockedCluster>(
  block: Block,
  slug: string,
  entry: LockedSecret | null,
): Block {
  const { [slug]: _, ...others } = block.secrets ?? {};
  const secrets = entry === null ? others : { ...others, [slug]: normalize(entry) };
  const { secrets: __, ...rest } = entry === null ? withoutApart(block, slug) : block;
  return (Object.keys(secrets).length > 0 ? { ...rest, secrets } : rest) as Block;
}

/** The same entry for the same content: sorted, and no list that says nothing. */
function normalize({ id, readers, sha256, ...rotation }: LockedSecret): LockedSecret {
  const entry = { id, readers: [...new Set(readers)].sort(), ...normalizeRotation(rotation) };
  return sha256 === undefined ? entry : { ...entry, sha256 };
}

function normalizeRotation({ retiring = [], knownTo = [] }: Rotation): Rotation {
  if (retiring.length === 0) return {};
  const rotating = { retiring: [...new Set(retiring)].sort() };
  return knownTo.length > 0 ? { ...rotating, knownTo: [...new Set(knownTo)].sort() } : rotating;
}

/** Adds a debt. @param who `host pi9`, `admin nico` */
export function withDebt(lock: Lock, name: string, who: string): Lock {
  return { ...lock, rotate: { ...lock.rotate, [name]: [...new Set([...(lock.rotate?.[name] ?? []), who])].sort() } };
}

/** The debts of a secret's value, and of those that it replaces: for an entry whose old value stays valid for a while. */
export function knownToAll({ rotate = {} }: Lock, { name }: SecretSpec, old?: LockedSecret): readonly string[] {
  return [...(old?.knownTo ?? []), ...(rotate[name] ?? [])];
}

/** Ends the debts of a secret, after its value changed. */
export function withoutDebt(lock: Lock, name: string): Lock {
  const { rotate = {}, ...rest } = lock;
  const { [name]: _, ...others } = rotate;
  return Object.keys(others).length > 0 ? { ...rest, rotate: others } : rest;
}

/** Adds accessors of tokens that servers are to delete. */
export function withRevoked(lock: Lock, ids: readonly string[]): Lock {
  return ids.length === 0 ? lock : { ...lock, revoked: [...new Set([...(lock.revoked ?? []), ...ids])].sort() };
}
