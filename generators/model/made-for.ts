/**
 * Whom encrypted files were made for. An admin comes or leaves on one branch while another one makes files for those who were
 * admins before; each block of the lock says of its own files, so that both are still true once git merged them.
 */
import { createHash } from "node:crypto";
import type { Fleet } from "./fleet.js";
import type { AdminPrints, Lock, LockedCluster, LockedHost } from "./lock.js";
import { isPair, KEY_FIELDS, lockedSecretOf, type SecretSpec } from "./secrets.js";

/** 16 hex digits are 64 bits: enough to tell a fleet's recipients apart, and nothing is trusted because of it. */
const PRINT_LENGTH = 16;

/** Recipients by admin, as `Lock.admins` has them. */
export type AdminRecipients = Readonly<Record<string, readonly string[]>>;

/** How the admins differ from those whom files were made for. */
export interface AdminGap {
  /** Have a recipient that the files are not encrypted to. */
  readonly came: readonly string[];
  /** Are no admins any more. */
  readonly left: readonly string[];
  /** Still are, and gave up a recipient. */
  readonly changed: readonly string[];
}

/** The admins as `Lock.admins` has them: recipients by name. */
export function adminsOf(fleet: Pick<Fleet, "admins">): AdminRecipients {
  const entries = fleet.admins.filter(({ age }) => age.length > 0).map(({ name, age }) => [name, [...age]] as const);
  return Object.fromEntries(entries);
}

/**
 * Fingerprints of recipients, for the block of one host or cluster: those of two blocks have nothing in common, so that git never takes
 * what one block says for another one's.
 * @param of the host or cluster
 */
export function printAdmins(admins: AdminRecipients, of: string): AdminPrints {
  const print = (recipient: string) =>
    createHash("sha256").update(`${of} ${recipient}`).digest("hex").slice(0, PRINT_LENGTH);
  const entries = Object.entries(admins).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, texts]) => [name, texts.map(print).sort().join(" ")]));
}

/** How many recipients there are. */
export function countPrints(prints: AdminPrints): number {
  return Object.keys(prints).reduce((sum, name) => sum + printsOf(prints, name).length, 0);
}

/** Whether the lock has a secret, and so a file of it. */
export function isMade(lock: Lock, spec: SecretSpec): boolean {
  if (isPair(spec.kind)) return lock.hosts[spec.of]?.[KEY_FIELDS[spec.kind]] !== undefined;
  return lockedSecretOf(lock, spec) !== undefined;
}

/** The lock's block of a secret's host or cluster. */
export function blockOf(
  lock: Lock,
  { scope, of }: Pick<SecretSpec, "scope" | "of">,
): LockedHost | LockedCluster | undefined {
  return scope === "host" ? lock.hosts[of] : lock.clusters?.[of];
}

/** Whom a file was made for; null in a lock that names no admins yet. Locks from before blocks did say it for all at once. */
export function madeFor(lock: Lock, spec: Pick<SecretSpec, "scope" | "of" | "slug">): AdminPrints | null {
  const { admins, apart = {} } = blockOf(lock, spec) ?? {};
  const own = Object.hasOwn(apart, spec.slug) ? apart[spec.slug] : admins;
  return own ?? (lock.admins === undefined ? null : printAdmins(lock.admins, spec.of));
}

/** The fingerprints of one admin; none of somebody who is none. An admin may be called `constructor`. */
function printsOf(prints: AdminPrints, admin: string): readonly string[] {
  const text = Object.hasOwn(prints, admin) ? (prints[admin] ?? "") : "";
  return text.split(" ").filter((one) => one !== "");
}

/** @param had whom files were made for @param wanted whom they are to be made for */
export function compareAdmins(had: AdminPrints, wanted: AdminPrints): AdminGap {
  const lacks = (name: string, of: AdminPrints, other: AdminPrints) => {
    const others = printsOf(other, name);
    return printsOf(of, name).some((one) => !others.includes(one));
  };
  return {
    came: Object.keys(wanted).filter((name) => lacks(name, wanted, had)),
    left: Object.keys(had).filter((name) => !Object.hasOwn(wanted, name)),
    changed: Object.keys(had).filter((name) => Object.hasOwn(wanted, name) && lacks(name, had, wanted)),
  };
}

/** How the fleet's admins differ from those whom one file was made for. */
export function adminGapOfFile(fleet: Pick<Fleet, "admins">, lock: Lock, spec: SecretSpec): AdminGap {
  const wanted = printAdmins(adminsOf(fleet), spec.of);
  const had = isMade(lock, spec) ? madeFor(lock, spec) : null;
  return compareAdmins(had ?? wanted, wanted);
}

/** How the fleet's admins differ from the lock's. */
export function adminGapOf(fleet: Pick<Fleet, "admins">, { admins }: Lock): AdminGap {
  const wanted = adminsOf(fleet);
  // A lock from before it named them: `generate` notes them.
  return compareAdmins(printAdmins(admins ?? wanted, ""), printAdmins(wanted, ""));
}

/** What an admin can read and must not, or must and cannot, while the lock's admins are as the fleet's in that respect. */
export interface AdminDrift {
  readonly admin: string;
  readonly kind: keyof AdminGap;
  /** Whether the files are encrypted to another recipient of theirs. */
  readonly known: boolean;
  /** Hosts and clusters, all of whose files are meant; sorted. */
  readonly owners: readonly string[];
  /** Other files, by the names of their secrets; sorted. */
  readonly names: readonly string[];
}

/**
 * Files that were made for others than the lock's admins, as those of a host are that another branch added. What is true of all
 * files, because the fleet's admins changed and nobody encrypted anything anew, is told by `adminGapOf`.
 */
export function findAdminDrift(
  fleet: Pick<Fleet, "admins">,
  lock: Lock,
  specs: Iterable<SecretSpec>,
): readonly AdminDrift[] {
  const made = [...specs].filter((spec) => isMade(lock, spec));
  const admins = adminsOf(fleet);
  const everywhere = adminGapOf(fleet, lock);
  const found = new Map<string, { admin: string; kind: keyof AdminGap; known: boolean; specs: SecretSpec[] }>();
  for (const spec of made) {
    const wanted = printAdmins(admins, spec.of);
    const had = madeFor(lock, spec) ?? wanted;
    const gap = compareAdmins(had, wanted);
    for (const kind of ["left", "changed", "came"] as const) {
      for (const admin of gap[kind].filter((name) => !everywhere[kind].includes(name))) {
        const known = Object.hasOwn(had, admin);
        const key = `${kind} ${known} ${admin}`;
        const drift = found.get(key) ?? { admin, kind, known, specs: [] };
        drift.specs.push(spec);
        found.set(key, drift);
      }
    }
  }
  return [...found.values()].map(({ specs: own, ...drift }) => ({ ...drift, ...groupByOwner(own, made) }));
}

function groupByOwner(specs: readonly SecretSpec[], made: readonly SecretSpec[]): Pick<AdminDrift, "owners" | "names"> {
  const count = (of: string, all: readonly SecretSpec[]) => all.filter((spec) => spec.of === of).length;
  const owners = [...new Set(specs.map(({ of }) => of))].filter((of) => count(of, specs) === count(of, made)).sort();
  const names = specs.filter(({ of }) => !owners.includes(of)).map(({ name }) => name);
  return { owners, names: names.sort() };
}
