import { isDeepStrictEqual } from "node:util";
import { KEY_FIELDS } from "../../model/secrets.js";
import { isObject } from "../json.js";

/**
 * Merges two versions of a lock by what they mean. Git merges lines, and gives up on two hosts that stand beside each other.
 *
 * Nothing that exists is lost: what only one side has is kept unless the other is known to have removed it, and `generate`
 * removes what belongs to no host. Who can read a file is never guessed, since hosts rely on it.
 */

/** A value that both sides changed, each its own way. */
export interface LockClash {
  readonly path: readonly string[];
  readonly ours: unknown;
  readonly theirs: unknown;
}

export interface MergedLock {
  readonly value: unknown;
  readonly clashes: readonly LockClash[];
}

type Fields = Readonly<Record<string, unknown>>;

/** A value of both sides, and what it was before; without a `base` nobody knows. */
interface Versions {
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly base?: { readonly value: unknown };
}

/** @param base what both came from, as `{ value }`; left out where it is not known */
export function mergeLocks(ours: unknown, theirs: unknown, base?: { readonly value: unknown }): MergedLock {
  const clashes: LockClash[] = [];
  const value = mergeValue([], { ours, theirs, ...(base && { base }) }, clashes);
  return { value, clashes };
}

function mergeValue(path: readonly string[], versions: Versions, clashes: LockClash[]): unknown {
  const { ours, theirs } = versions;
  if (isSecret(path, "sha256")) return mergeDigest(versions);
  const decided = decide(versions);
  if (decided !== null) return decided.value;
  if (path.length === 4 && isSecret(path) && isObject(ours) && isObject(theirs)) {
    return mergeSecret(path, versions, clashes);
  }
  if (isSecret(path, "readers") && isTexts(ours) && isTexts(theirs)) {
    return mergeReaders(path, ours, theirs, versions, clashes);
  }
  const isWhole = isAdmins(path);
  if (path.length === 2 && path[0] === "hosts" && isObject(ours) && isObject(theirs)) {
    return mergeHost(path, versions, clashes);
  }
  if (!isWhole && isObject(ours) && isObject(theirs)) return mergeFields(path, versions, clashes);
  if (!isWhole && isTexts(ours) && isTexts(theirs)) return mergeSets(ours, theirs, versions.base);
  return clash(path, versions, clashes);
}

/** What needs no look inside: equal values, a single change, and what one side alone has. */
function decide({ ours, theirs, base }: Versions): { readonly value: unknown } | null {
  if (isDeepStrictEqual(ours, theirs)) return { value: ours };
  if (base !== undefined && isDeepStrictEqual(ours, base.value)) return { value: theirs };
  if (base !== undefined && isDeepStrictEqual(theirs, base.value)) return { value: ours };
  if (ours === undefined) return { value: theirs };
  return theirs === undefined ? { value: ours } : null;
}

function clash(path: readonly string[], { ours, theirs }: Versions, clashes: LockClash[]): unknown {
  clashes.push({ path, ours, theirs });
  return ours;
}

/** @param versions whose `ours` and `theirs` are objects */
function mergeFields(path: readonly string[], versions: Versions, clashes: LockClash[]): Fields {
  const keys = new Set([versions.ours, versions.theirs].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  const merged = [...keys].map((key) => [key, mergeValue([...path, key], pick(versions, key), clashes)] as const);
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
}

function pick({ ours, theirs, base }: Versions, key: string): Versions {
  const of = (side: unknown) => (isObject(side) && Object.hasOwn(side, key) ? side[key] : undefined);
  return { ours: of(ours), theirs: of(theirs), ...(base && { base: { value: of(base.value) } }) };
}

/** Whether a path is that of a secret, `hosts.NAME.secrets.SLUG`, or of one of its fields. A cluster has them too. */
function isSecret([kind, , secrets, , ...field]: readonly string[], ...name: readonly string[]): boolean {
  return (kind === "hosts" || kind === "clusters") && secrets === "secrets" && isDeepStrictEqual(field, name);
}

/**
 * Whether a path is that of admins: the lock's, a block's (`hosts.NAME.admins`) or those of one file (`hosts.NAME.apart.SLUG`). Files
 * are encrypted to all of them at once, so that half of each side would be true of none.
 */
function isAdmins([kind, ...path]: readonly string[]): boolean {
  if (path.length === 0) return kind === "admins";
  const [, field, , ...more] = path;
  return (
    (kind === "hosts" || kind === "clusters") &&
    more.length === 0 &&
    (path.length === 2 ? field === "admins" : field === "apart" && path.length === 3)
  );
}

/** Digests of a host's pairs belong to the pairs: a new one comes with its file. */
function mergeHost(path: readonly string[], versions: Versions, clashes: LockClash[]): Fields {
  const without = (side: unknown) => (isObject(side) ? { ...side, sha256: undefined } : side);
  const { ours, theirs, base } = versions;
  const rest = { ours: without(ours), theirs: without(theirs), ...(base && { base: { value: without(base.value) } }) };
  const merged = mergeFields(path, rest, clashes);
  const digests = pick(versions, "sha256");
  const kept = Object.entries(KEY_FIELDS).flatMap(([slug, field]) => {
    const key = pick(versions, field);
    const digest = pick(digests, slug);
    const ofKey = merged[field] === key.ours ? digest.ours : digest.theirs;
    const value = key.ours === key.theirs ? mergeDigest(digest) : ofKey;
    return value === undefined ? [] : [[slug, value] as const];
  });
  return kept.length > 0 ? { ...merged, sha256: Object.fromEntries(kept) } : merged;
}

/**
 * The digest of a file whose value is the same on both sides. Where both encrypted it anew, each file is as good as the other, and the
 * one that somebody takes has none until it is written again.
 */
function mergeDigest({ ours, theirs, base }: Versions): unknown {
  if (ours === theirs) return ours;
  if (base === undefined) return undefined;
  if (theirs === base.value) return ours;
  return ours === base.value ? theirs : undefined;
}

/** A new value comes with readers of its own. */
function mergeSecret(path: readonly string[], versions: Versions, clashes: LockClash[]): unknown {
  const id = pick(versions, "id");
  if (id.ours === id.theirs) return mergeFields(path, versions, clashes);
  if (id.base !== undefined && id.ours === id.base.value) return versions.theirs;
  if (id.base !== undefined && id.theirs === id.base.value) return versions.ours;
  clash([...path, "id"], id, clashes);
  return versions.ours;
}

/** A host leaves the list with its file; one joins it when the secret is encrypted anew, which only one side can have done. */
function mergeReaders(
  path: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  versions: Versions,
  clashes: LockClash[],
): unknown {
  const before = isTexts(versions.base?.value) ? versions.base.value : [];
  const added = (side: readonly string[], other: readonly string[]) =>
    side.some((name) => !before.includes(name) && !other.includes(name));
  if (added(ours, theirs) && added(theirs, ours)) return clash(path, versions, clashes);
  return mergeSets(ours, theirs, versions.base);
}

/** What either side added, without what either took away; sorted. */
function mergeSets(ours: readonly string[], theirs: readonly string[], base?: { readonly value: unknown }): string[] {
  const before: readonly string[] = isTexts(base?.value) ? base.value : [];
  const stays = (text: string) => !before.includes(text) || (ours.includes(text) && theirs.includes(text));
  return [...new Set([...ours, ...theirs])].filter(stays).sort();
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
