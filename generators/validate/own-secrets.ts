import type { OwnSecret, SharedSecret } from "../model/fleet.js";
import type { SecretInput, SharedSecretInput } from "../model/input.js";

/** Secrets that a person declared: agenix's own defaults, written out. */

function resolveSecret({ owner = "root", group = "root", mode = "0400", restart = [] }: SecretInput): OwnSecret {
  return { owner, group, mode: mode.padStart(4, "0"), restart };
}

export function resolveSecrets(inputs: Readonly<Record<string, SecretInput>>): Record<string, OwnSecret> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, resolveSecret(input)]));
}

/** @param members hosts of the cluster; those of other clusters are left out, since each cluster has its own value */
export function resolveShared(
  inputs: Readonly<Record<string, SharedSecretInput>>,
  members: ReadonlySet<string>,
): Record<string, SharedSecret> {
  const entries = Object.entries(inputs).map(([name, input]) => {
    const hosts = [...members].filter((host) => input.hosts?.includes(host) ?? true).sort();
    return [name, { ...resolveSecret(input), hosts }] as const;
  });
  return Object.fromEntries(entries);
}
