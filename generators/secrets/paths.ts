/** Where a host's own secrets are. */
import { createHash } from "node:crypto";
import { TEMP_PREFIX } from "../tree/files.js";

/** The two secrets that belong to a host from the start. */
export const KEY_KINDS = ["age", "wireguard"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** File names by kind of key. */
export const KEY_FILES: Readonly<Record<KeyKind, string>> = { age: "identity.age", wireguard: "wireguard.age" };

/** The folder of environments' secrets, inside `secrets/`. */
export const ENVIRONMENTS = "environments";

/** The folder that holds a folder a host. @param environment null for the fleet itself */
export function secretsFolder(environment: string | null): string {
  return environment === null ? "secrets" : `secrets/${ENVIRONMENTS}/${environment}`;
}

/** e.g. `secrets/cosmo/wireguard.age`. */
export function keyFile(environment: string | null, host: string, kind: KeyKind): string {
  return `${secretsFolder(environment)}/${host}/${KEY_FILES[kind]}`;
}

/**
 * The name of a secret that waits for the lock: it carries a hash of the public half, so that the next run knows whether
 * the lock has it. 32 hex digits are 128 bits.
 */
export function stagedName(kind: KeyKind, publicHalf: string): string {
  const hash = createHash("sha256").update(publicHalf).digest("hex").slice(0, 32);
  return `${TEMP_PREFIX}${hash}-${KEY_FILES[kind]}`;
}
