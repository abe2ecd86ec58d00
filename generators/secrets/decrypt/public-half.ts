import { createPublicKey } from "node:crypto";
import type { PairKind } from "../../model/secrets.js";
import { importPrivateKey } from "../pairs.js";
import { parseSshKey } from "./ssh-key.js";

/**
 * The public half of a key pair's secret half, in the lock's notation. Of an identity with several keys, the newest counts.
 * @returns null where the text is no such key
 */
export async function publicHalfOf(kind: PairKind, text: string): Promise<string | null> {
  try {
    if (kind === "identity") return await recipientOf(text);
    return kind === "ssh" ? sshPublicKeyOf(text) : wireguardPublicKeyOf(text);
  } catch {
    return null;
  }
}

async function recipientOf(text: string): Promise<string | null> {
  const key = text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (key === undefined) return null;
  const { identityToRecipient } = await import("age-encryption");
  return identityToRecipient(key.trim());
}

function sshPublicKeyOf(text: string): string | null {
  const file = parseSshKey(text);
  return file?.state === "open" ? `${file.key.kind} ${file.key.wire.toString("base64")}` : null;
}

/** The public half of a WireGuard key, in base64; null where the text is no key. */
export function wireguardPublicKeyOf(text: string): string | null {
  const raw = Buffer.from(text.trim(), "base64");
  if (raw.length !== 32) return null;
  return createPublicKey(importPrivateKey(raw))
    .export({ format: "der", type: "spki" })
    .subarray(-32)
    .toString("base64");
}
