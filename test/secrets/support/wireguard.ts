/** Derives a WireGuard public key with other code than the product's. */
import { x25519 } from "@noble/curves/ed25519.js";

export function wireguardPublicKey(secret: string): string {
  return Buffer.from(x25519.getPublicKey(Buffer.from(secret, "base64"))).toString("base64");
}
