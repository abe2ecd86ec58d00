import type { Lock } from "../../generators/model/lock.js";
import type { AdminGap } from "../../generators/model/made-for.js";
import type { SecretSpec } from "../../generators/model/secrets.js";
import { readersOf } from "../../generators/plan/secrets.js";
import { idOf, listEntries } from "../../generators/secrets/lock-entries.js";

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
