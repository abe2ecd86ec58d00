/** The other side of `wrapKey`: how age's Diffie-Hellman stanzas give back a file key. */
import { createDecipheriv, hkdfSync } from "node:crypto";

/** A wrapped file key: 16 bytes and their tag. */
const BODY_LENGTH = 32;
const TAG_LENGTH = 16;

/** @returns null where the body was wrapped for somebody else, or changed */
export function unwrapKey(body: Uint8Array, secret: Uint8Array, salt: Uint8Array, label: string): Uint8Array | null {
  if (body.length !== BODY_LENGTH) return null;
  const key = Buffer.from(hkdfSync("sha256", secret, salt, label, 32));
  const decipher = createDecipheriv("chacha20-poly1305", key, Buffer.alloc(12), { authTagLength: TAG_LENGTH });
  decipher.setAuthTag(body.subarray(-TAG_LENGTH));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body.subarray(0, -TAG_LENGTH)), decipher.final()]));
  } catch {
    return null;
  }
}
