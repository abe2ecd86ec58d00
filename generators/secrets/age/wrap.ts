/** How age's Diffie-Hellman stanzas encrypt a file key. */
import { createCipheriv, hkdfSync } from "node:crypto";

/** HKDF-SHA-256 of the shared secret, then ChaCha20-Poly1305 with a nonce of zeros: every key is used once. */
export function wrapKey(fileKey: Uint8Array, secret: Uint8Array, salt: Uint8Array, label: string): Uint8Array {
  const key = Buffer.from(hkdfSync("sha256", secret, salt, label, 32));
  const cipher = createCipheriv("chacha20-poly1305", key, Buffer.alloc(12), { authTagLength: 16 });
  return new Uint8Array(Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]));
}
