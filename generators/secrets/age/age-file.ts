/**
 * age's file format (c2sp.org/age) for a secret of one chunk, with Node's OpenSSL: five times as fast as age-encryption, which is made for
 * streams of any size. Tests decrypt what it writes with age-encryption and with Debian's age.
 */
import { createCipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { base64nopad } from "@scure/base";
import type { Recipient, Stanza } from "age-encryption";

/** The payload's chunks; what is larger than one is left to age-encryption. */
export const CHUNK_BYTES = 64 * 1024;
/** Of a stanza's body, and of the armor. */
export const STANZA_COLUMNS = 64;
/** The counter of the first chunk, and the mark of the last one. */
const ONLY_CHUNK = Buffer.from([...Buffer.alloc(11), 1]);

/**
 * Encrypts a value to every recipient.
 * @param value at most `CHUNK_BYTES`
 * @returns the armored file
 */
export async function encryptChunk(value: Uint8Array, recipients: readonly Recipient[]): Promise<string> {
  if (value.length > CHUNK_BYTES) throw new Error("the value is larger than one chunk");
  const fileKey = randomBytes(16);
  const stanzas: Stanza[] = [];
  for (const recipient of recipients) stanzas.push(...(await recipient.wrapFileKey(fileKey)));
  const header = `age-encryption.org/v1\n${stanzas.map(formatStanza).join("")}---`;
  const mac = createHmac("sha256", deriveKey(fileKey, Buffer.alloc(0), "header"))
    .update(header)
    .digest();
  const nonce = randomBytes(16);
  const cipher = createCipheriv("chacha20-poly1305", deriveKey(fileKey, nonce, "payload"), ONLY_CHUNK, {
    authTagLength: 16,
  });
  const body = [cipher.update(value), cipher.final(), cipher.getAuthTag()];
  return armor(Buffer.concat([Buffer.from(`${header} ${base64nopad.encode(mac)}\n`), nonce, ...body]));
}

function deriveKey(fileKey: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync("sha256", fileKey, salt, info, 32));
}

/** A stanza as a file and age's plugins have it. A body ends with a line that is not full, be it empty. */
export function formatStanza({ args, body }: Stanza): string {
  const text = base64nopad.encode(body);
  const lines = wrapLines(text);
  if (text.length % STANZA_COLUMNS === 0) lines.push("");
  return `-> ${args.join(" ")}\n${lines.join("\n")}\n`;
}

function armor(file: Buffer): string {
  const lines = wrapLines(file.toString("base64"));
  return ["-----BEGIN AGE ENCRYPTED FILE-----", ...lines, "-----END AGE ENCRYPTED FILE-----", ""].join("\n");
}

function wrapLines(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += STANZA_COLUMNS) lines.push(text.slice(at, at + STANZA_COLUMNS));
  return lines;
}
