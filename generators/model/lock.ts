/** `hosts/fleet.lock.json`: what must not move, and what is only known once a machine exists. */

export const LOCK_VERSION = 1;

/** Facts that a provider gave. */
export interface HostFacts {
  /** Public addresses, without a prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface LockedHost {
  /** The mesh address; missing where a person removed it to get a new one. */
  readonly mesh?: string;
  /** The WireGuard public key; missing until `generate` made one. */
  readonly wireguard?: string;
  /** The age recipient of the host's identity; missing until `generate` made one. */
  readonly age?: string;
  readonly facts?: HostFacts;
}

export interface LockedDevice {
  readonly mesh?: string;
}

export interface Lock {
  readonly version: typeof LOCK_VERSION;
  readonly hosts: Readonly<Record<string, LockedHost>>;
  readonly devices?: Readonly<Record<string, LockedDevice>>;
}

export const EMPTY_LOCK: Lock = { version: LOCK_VERSION, hosts: {} };
