/**
 * Digests of encrypted files in the lock: which file an entry was written for. Whoever writes a file notes its digest, and nobody else:
 * one of a file that merely lies there would bless a wrong one.
 */
import { hash } from "node:crypto";
import type { Lock, LockedCluster, LockedHost } from "../model/lock.js";
import { isPair, lockedSecretOf, type SecretSpec } from "../model/secrets.js";
import type { SealedFile } from "./sealed.js";

/** SHA-256 of a file, 64 hex digits: what `sha256sum` prints. @param data in a text, as UTF-8 */
export function digestFile(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/** The digest of the file that a secret's entry was written for; null where the lock has none. */
export function digestOf(lock: Lock, spec: SecretSpec): string | null {
  if (isPair(spec.kind)) return lock.hosts[spec.of]?.sha256?.[spec.slug] ?? null;
  return lockedSecretOf(lock, spec)?.sha256 ?? null;
}

/**
 * Notes the digests of files in their entries.
 * @param lock has the entries
 * @param files what will be written with it
 */
export function withDigests(lock: Lock, files: readonly Pick<SealedFile, "spec" | "text">[]): Lock {
  if (files.length === 0) return lock;
  const hosts: Record<string, LockedHost> = { ...lock.hosts };
  const clusters: Record<string, LockedCluster> = { ...lock.clusters };
  for (const { spec, text } of files) {
    const { scope, of, slug, kind } = spec;
    const digest = digestFile(text);
    const host = hosts[of];
    const cluster = clusters[of];
    if (scope === "cluster") {
      if (cluster !== undefined) clusters[of] = noteDigest(cluster, slug, digest);
    } else if (host !== undefined) {
      hosts[of] = isPair(kind)
        ? { ...host, sha256: { ...host.sha256, [slug]: digest } }
        : noteDigest(host, slug, digest);
    }
  }
  return { ...lock, hosts, ...(lock.clusters && { clusters }) };
}

function noteDigest<Block extends LockedHost | LockedCluster>(block: Block, slug: string, sha256: string): Block {
  const { secrets = {} } = block;
  const entry = Object.hasOwn(secrets, slug) ? secrets[slug] : undefined;
  return entry === undefined ? block : { ...block, secrets: { ...secrets, [slug]: { ...entry, sha256 } } };
}
