/** What secrets there are and where they lie, for those who write them and for those who point at them. */
import type { Lock, LockedSecret } from "./lock.js";

/** Made for every host that has the daemon. `identity` is the one that travels to the host by itself. */
export const HOST_SECRETS = ["identity", "ssh", "wireguard", "consul-token", "nomad-token"] as const;
/** Made once for a cluster. */
export const CLUSTER_SECRETS = ["consul-gossip", "consul-management", "nomad-gossip", "nomad-management"] as const;

export type HostSecret = (typeof HOST_SECRETS)[number];
export type ClusterSecret = (typeof CLUSTER_SECRETS)[number];
/** `own` is a secret that a person declared, and gives its value. */
export type SecretKind = HostSecret | ClusterSecret | "own";

/** Secrets that are half of a key pair, and the field of the lock's host block that has the public half. */
export const KEY_FIELDS = { identity: "age", ssh: "ssh", wireguard: "wireguard" } as const;
export type PairKind = keyof typeof KEY_FIELDS;
export type KeyField = (typeof KEY_FIELDS)[PairKind];

/** An encrypted file that the fleet wants to have. */
export interface SecretSpec {
  /** `ari/wireguard`: a host or a cluster, and `slug`. */
  readonly name: string;
  readonly scope: "host" | "cluster";
  /** The host's or the cluster's name. */
  readonly of: string;
  /** The file's name, without `.age`. */
  readonly slug: string;
  readonly kind: SecretKind;
  /** Hosts that are to read it, beside the admins; sorted. */
  readonly readers: readonly string[];
}

/** The folder of environments' secrets, inside `secrets/`. */
export const ENVIRONMENTS = "environments";

/** The folder that holds a folder for each host and each cluster. @param environment null for the fleet itself */
export function secretsFolder(environment: string | null): string {
  return environment === null ? "secrets" : `secrets/${ENVIRONMENTS}/${environment}`;
}

/** The file of a secret, e.g. `secrets/cosmo/wireguard.age`. @param name e.g. `cosmo/wireguard` */
export function secretFile(environment: string | null, name: string): string {
  return `${secretsFolder(environment)}/${name}.age`;
}

/** Whether a kind is half of a key pair. */
export function isPair(kind: SecretKind): kind is PairKind {
  return kind in KEY_FIELDS;
}

/** The lock's entry of a secret that is no key pair, or of an SSH host key while it is in rotation. */
export function lockedSecretOf(lock: Lock, { scope, of, slug, kind }: SecretSpec): LockedSecret | undefined {
  if (kind === "ssh") {
    const { ssh, sshRotation } = lock.hosts[of] ?? {};
    return ssh === undefined || sshRotation === undefined ? undefined : { id: ssh, readers: [of], ...sshRotation };
  }
  const entry = scope === "host" ? lock.hosts[of] : lock.clusters?.[of];
  const { secrets = {} } = entry ?? {};
  // A secret may be called `constructor`.
  return Object.hasOwn(secrets, slug) ? secrets[slug] : undefined;
}
