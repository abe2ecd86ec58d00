/**
 * The lock: what must not move, and what is only known once a machine exists. `hosts/fleet.lock.json` has what is about no single
 * host, and each host a file of its own in `hosts/fleet.lock/`, so that people who add a host each touch no file of the other's.
 */
import type { Origin, ValuePath } from "./problem.js";

export const LOCK_VERSION = 2;
/** The version whose hosts stand in the shared file; it is read as well, and the next write splits it. */
export const WHOLE_LOCK_VERSION = 1;

/** Facts that a provider gave. */
export interface HostFacts {
  /** Public addresses, without a prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** The provider's number of the machine. */
  readonly id?: string;
  /** The provider's numbers of its volumes, by their names. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/** Fingerprints of admins' recipients, by the admins' names: 16 hex digits of SHA-256 each, sorted, with spaces between them. */
export type AdminPrints = Readonly<Record<string, string>>;

/** Whom the files of a host or a cluster were made for, since branches that were merged may have known other admins. */
export interface MadeFor {
  /** All of them; the lock's `admins` where it is missing. */
  readonly admins?: AdminPrints;
  /** Those of a file that was made by itself, by file name without `.age`. */
  readonly apart?: Readonly<Record<string, AdminPrints>>;
}

export interface LockedHost extends MadeFor {
  /** The mesh address; missing where a person removed it to get a new one. */
  readonly mesh?: string;
  /** The WireGuard public key; missing until `generate` made one. */
  readonly wireguard?: string;
  /** The age recipient of the host's identity; missing until `generate` made one. */
  readonly age?: string;
  /** The OpenSSH host key's public half, `ssh-ed25519 AAAA…` without a comment; missing until `generate` made one. */
  readonly ssh?: string;
  /** While the host key is in rotation: the old ones, by their public halves, which a host shows until it is deployed. */
  readonly sshRotation?: Rotation;
  /** Digests of its key pairs' files, by file name without `.age`; as {@link LockedSecret.sha256}. */
  readonly sha256?: Readonly<Record<string, string>>;
  /** Secrets that are no key pairs, by file name without `.age`. */
  readonly secrets?: Readonly<Record<string, LockedSecret>>;
  readonly facts?: HostFacts;
  /**
   * Set by `meshflake remove`: the machine is protected no more, so that the program may delete it once the host file is gone.
   * `data` says that its volumes and addresses go with it, `machine` that they stay.
   */
  readonly leaving?: Leaving;
}

/** What goes when a host is removed: the machine alone, or its volumes and addresses as well. */
export const LEAVING = ["machine", "data"] as const;
/** One of {@link LEAVING}. */
export type Leaving = (typeof LEAVING)[number];

/** What is still valid of a secret beside its new value, until `meshflake secrets rotate --finish`. */
export interface Rotation {
  /** The values that the new one replaces, by their ids; sorted. */
  readonly retiring?: readonly string[];
  /** Who knows one of them and must not, as in the lock's `rotate`; sorted. */
  readonly knownTo?: readonly string[];
}

/** A secret without a public half of its own. */
export interface LockedSecret extends Rotation {
  /** Changes with the value: the accessor of a token, which Consul and Nomad know it by; otherwise random. */
  readonly id: string;
  /** Hosts that the file is encrypted to, beside the admins; sorted. */
  readonly readers: readonly string[];
  /**
   * SHA-256 of the encrypted file that this entry was written for, 64 hex digits, as `sha256sum` prints it. Missing where a meshflake
   * wrote the file that noted none, or where both sides of a merge wrote one.
   */
  readonly sha256?: string;
}

export interface LockedCluster extends MadeFor {
  readonly secrets?: Readonly<Record<string, LockedSecret>>;
}

export interface LockedDevice {
  readonly mesh?: string;
}

export interface Lock {
  readonly version: typeof LOCK_VERSION;
  readonly hosts: Readonly<Record<string, LockedHost>>;
  readonly devices?: Readonly<Record<string, LockedDevice>>;
  readonly clusters?: Readonly<Record<string, LockedCluster>>;
  /**
   * The recipients that files are encrypted to, by the admins' names, unless a block says otherwise of its own. What the fleet says
   * beyond that waits for `rekey`.
   */
  readonly admins?: Readonly<Record<string, readonly string[]>>;
  /**
   * Secrets whose value somebody knows who must not know it any more, by name (`cats/consul-gossip`), and who: `host pi9`,
   * `admin nico`, `admin nico's old key`. A rotation ends the entry.
   */
  readonly rotate?: Readonly<Record<string, readonly string[]>>;
  /** Accessors of tokens that servers delete wherever they find them; sorted. */
  readonly revoked?: readonly string[];
}

export const EMPTY_LOCK: Lock = { version: LOCK_VERSION, hosts: {} };

/** The end of a host's lock file. */
/** What a host's file is called, behind the host's name. */
export const HOST_LOCK_END = ".lock.json";
/** What a host can be called (RFC 1123), which is all that is ever made a file's name of. */
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The folder of the hosts' files. @param lockFile the shared file, e.g. `hosts/fleet.lock.json` */
export function lockFolder(lockFile: string): string {
  return lockFile.slice(0, -".json".length);
}

/** A host's lock file, relative to the repository. @param lockFile the shared file */
export function hostLockFile(lockFile: string, host: string): string {
  return `${lockFolder(lockFile)}/${host}${HOST_LOCK_END}`;
}

/** The host of a file in the lock's folder; null where it is no host's. @param name without the folder */
export function hostOfLockName(name: string): string | null {
  const host = name.endsWith(HOST_LOCK_END) ? name.slice(0, -HOST_LOCK_END.length) : "";
  return isLockableName(host) ? host : null;
}

/** Whether a host of this name can have a lock file. */
export function isLockableName(host: string): boolean {
  return HOST_NAME.test(host);
}

/** Where a value of the lock is written: in its host's file, or in the shared one as a lock of version 1 has it. */
export function originsInLock(lockFile: string, path: ValuePath): readonly Origin[] {
  const [kind, name, ...rest] = path;
  const shared: Origin = { file: lockFile, path };
  return kind === "hosts" && typeof name === "string"
    ? [{ file: hostLockFile(lockFile, name), path: rest }, shared]
    : [shared];
}
