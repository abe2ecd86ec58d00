/**
 * The keys that a host has from the start: an age identity and a WireGuard pair. Public halves go into the lock, secret
 * halves into `secrets/<host>/`, encrypted before they touch the disk. Everything about which hosts lack keys is decided
 * from the lock alone, so that a key is never made twice.
 */
import type { Recipient } from "age-encryption";
import type { Admin, Fleet } from "../model/fleet.js";
import type { Lock, LockedHost } from "../model/lock.js";
import { UserError } from "../model/problem.js";
import { encryptText } from "./encrypt.js";
import { type KeyKind, keyFile } from "./kinds.js";
import { makeAgeIdentity, makeWireguardPair } from "./pairs.js";
import { parseRecipient } from "./recipients.js";

/** Which keys a host lacks. */
export interface MissingKeys {
  readonly host: string;
  /** In the order in which they are made: the WireGuard key is encrypted to the identity. */
  readonly kinds: readonly KeyKind[];
}

/** An encrypted secret, not on disk yet. */
export interface SecretFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly kind: KeyKind;
  /** What the lock will say. */
  readonly publicHalf: string;
  /** age's armored text. */
  readonly text: string;
}

/** New keys: the lock that has their public halves, and the files with their secret halves. */
export interface MadeKeys {
  readonly lock: Lock;
  readonly files: readonly SecretFile[];
}

/**
 * Finds the hosts that lack keys.
 * @param lock the plan's lock, which has an address for every host
 * @returns sorted by host. A host without an identity gets a new WireGuard key too: it could not read the old one's file
 */
export function planKeys(fleet: Fleet, lock: Lock): readonly MissingKeys[] {
  const missing: MissingKeys[] = [];
  for (const host of fleet.hosts.keys()) {
    const locked = lock.hosts[host];
    if (locked?.age === undefined) missing.push({ host, kinds: ["age", "wireguard"] });
    else if (locked.wireguard === undefined) missing.push({ host, kinds: ["wireguard"] });
  }
  return missing;
}

/**
 * Makes the missing keys, in memory.
 * @param lock the same that was given to `planKeys`
 * @throws UserError where the admins have no recipient that works, or the lock has no entry for a host
 */
export async function makeKeys(fleet: Fleet, lock: Lock, missing: readonly MissingKeys[]): Promise<MadeKeys> {
  if (missing.length === 0) return { lock, files: [] };
  const admins = await readAdmins(fleet.admins);
  const files: SecretFile[] = [];
  const hosts: Record<string, LockedHost> = { ...lock.hosts };
  for (const { host, kinds } of missing) {
    let locked = hosts[host];
    if (locked === undefined) throw new Error(`no lock entry for ${host}: keys are made from the plan's lock`);
    for (const kind of kinds) {
      const made = await makeKey(kind, locked, host, admins);
      locked = { ...locked, [kind]: made.publicHalf };
      files.push({ path: keyFile(fleet.environment, host, kind), kind, ...made });
    }
    hosts[host] = locked;
  }
  return { lock: { ...lock, hosts }, files };
}

type Recipients = readonly (string | Recipient)[];
async function makeKey(
  kind: KeyKind,
  locked: LockedHost,
  host: string,
  admins: Recipients,
): Promise<{ readonly publicHalf: string; readonly text: string }> {
  const pair = kind === "age" ? makeAgeIdentity() : makeWireguardPair();
  const readers = [...admins];
  if (kind === "wireguard") readers.unshift(await parseRecipient(locked.age ?? "", `host ${host}`));
  return { publicHalf: pair.publicHalf, text: await encryptText(`${pair.secretHalf}\n`, readers) };
}

async function readAdmins(admins: readonly Admin[]): Promise<Recipients> {
  const texts = admins.flatMap((admin) => admin.age.map((text) => ({ text, owner: `admin ${admin.name}` })));
  if (texts.length === 0) {
    throw new UserError("no admin has an age recipient, and keys would be lost", "add admins.NAME.age to the fleet");
  }
  return Promise.all(texts.map(({ text, owner }) => parseRecipient(text, owner)));
}
