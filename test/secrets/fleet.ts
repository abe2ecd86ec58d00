/** Just enough of a fleet for keys. */
import type { Admin, Fleet, Host } from "../../generators/model/fleet.js";
import { LOCK_VERSION, type Lock } from "../../generators/model/lock.js";

/** A fleet that has these hosts; only what keys need is there. */
export function makeFleet(
  hosts: readonly string[],
  admins: readonly Admin[],
  environment: string | null = null,
): Fleet {
  const fleet: Pick<Fleet, "hosts" | "admins" | "environment" | "lockFile"> = {
    hosts: new Map(hosts.map((name) => [name, { name } as Host])),
    admins,
    environment,
    lockFile: "hosts/fleet.lock.json",
  };
  return fleet as Fleet;
}

/** An admin with these recipients. */
export function makeAdmin(age: readonly string[]): Admin {
  return { name: "nico", sshKeys: [], age };
}

/** What planning leaves of a lock: an address for every host, and the keys that there were. */
export function planLock(hosts: readonly string[], before: Lock = { version: LOCK_VERSION, hosts: {} }): Lock {
  const entries = hosts.map((name, index) => [name, { mesh: `10.10.0.${index + 1}`, ...before.hosts[name] }] as const);
  return { version: LOCK_VERSION, hosts: Object.fromEntries(entries) };
}
