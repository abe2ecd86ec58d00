/** Where the secrets of hosts lie, for those who write them and for those who point at them. */

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
