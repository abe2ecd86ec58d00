import { secretsFolder } from "../model/secrets.js";

export const KEY_KINDS = ["age", "wireguard"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

export const KEY_FILES: Readonly<Record<KeyKind, string>> = { age: "identity.age", wireguard: "wireguard.age" };

export function keyFile(environment: string | null, host: string, kind: KeyKind): string {
  return `${secretsFolder(environment)}/${host}/${KEY_FILES[kind]}`;
}
