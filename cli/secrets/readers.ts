import type { Fleet } from "../../generators/model/fleet.js";
import type { Lock } from "../../generators/model/lock.js";
import type { SecretSpec } from "../../generators/model/secrets.js";
import { readersOf } from "../../generators/plan/secrets.js";
import { idOf, listEntries } from "../../generators/secrets/lock-entries.js";
import { adminsOf } from "../../generators/secrets/readers.js";

/** Who is to read a secret, who can, and who knows it. */

/** Hosts that a file made now is encrypted to: all that are to read it and have an identity; others wait for `generate`. */
export function wantedReaders(lock: Lock, { readers }: SecretSpec): readonly string[] {
  return readers.filter((host) => lock.hosts[host]?.age !== undefined);
}

/** How the readers of a file differ from those that it is to have; null where it has none of its own, or has not been made. */
export interface ReaderGap {
  /** Are to read it, and cannot. */
  readonly missing: readonly string[];
  /** Can read it, and are not to. */
  readonly extra: readonly string[];
}

/** What a rekey would change about a file's hosts. */
export function gapOf(lock: Lock, spec: SecretSpec): ReaderGap {
  const can = readersOf(lock, spec);
  if (can === null) return { missing: [], extra: [] };
  return {
    missing: wantedReaders(lock, spec).filter((host) => !can.includes(host)),
    extra: can.filter((host) => !spec.readers.includes(host)),
  };
}

/** How the admins differ from those that the files are encrypted to. */
export interface AdminGap {
  /** Have a recipient that no file is encrypted to yet. */
  readonly came: readonly string[];
  /** Are no admins any more. */
  readonly left: readonly string[];
  /** Still are, and gave up a recipient. */
  readonly changed: readonly string[];
}

export function adminGapOf(fleet: Fleet, { admins }: Lock): AdminGap {
  const wanted = adminsOf(fleet);
  // A lock from before it named them: `generate` notes them.
  const had = admins ?? wanted;
  const lacks = (name: string, of: typeof had, other: typeof had) =>
    (of[name] ?? []).some((recipient) => other[name]?.includes(recipient) !== true);
  return {
    came: Object.keys(wanted).filter((name) => lacks(name, wanted, had)),
    left: Object.keys(had).filter((name) => wanted[name] === undefined),
    changed: Object.keys(had).filter((name) => wanted[name] !== undefined && lacks(name, had, wanted)),
  };
}

export function isGap(gap: ReaderGap | AdminGap): boolean {
  return Object.values(gap).some((names) => names.length > 0);
}

/** Whether somebody who has all of a host knows a secret's value. */
export function isKnownTo(lock: Lock, spec: SecretSpec, host: string): boolean {
  if (idOf(lock, spec) === null) return false;
  if (spec.kind === "identity") return spec.of === host;
  // A host that came after the file was made got the key from the servers.
  if (spec.kind === "consul-gossip" && spec.readers.includes(host)) return true;
  return readersOf(lock, spec)?.includes(host) === true;
}

/** Secrets in rotation whose old value, which is still valid, somebody knows who must not. @param who `host pi9` */
export function leavingOf(lock: Lock, who: string): readonly string[] {
  const entries = [...listEntries(lock)].filter(({ entry }) => entry.knownTo?.includes(who) === true);
  return entries.map(({ spec }) => spec.name).sort();
}

/** Secrets that somebody knows who must not, by the debts that name them. @param who `host pi9` */
export function debtsOf({ rotate = {} }: Lock, who: string): readonly string[] {
  return Object.keys(rotate).filter((name) => rotate[name]?.includes(who) === true);
}
