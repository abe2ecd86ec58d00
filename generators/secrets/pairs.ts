/** Key pairs: WireGuard's and age's are both X25519, made by Node's own OpenSSL. Secret halves never leave memory as text files. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { bech32 } from "@scure/base";

/** A key pair in the notation of its field. */
export interface KeyPair {
  readonly publicHalf: string;
  readonly secretHalf: string;
}

/** A raw X25519 pair, 32 bytes each. */
export interface RawPair {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
  readonly secret: KeyObject;
}

/** The length of an X25519 public key, with which its DER form ends (RFC 8410). */
const RAW_LENGTH = 32;

/**
 * Makes a fresh X25519 pair.
 *
 * Any 32 random bytes are a secret key (RFC 7748, section 6.1). `generateKeyPairSync` is not used: in Node 20, exporting what
 * it made as JWK can wait for itself for ever, when the garbage collector frees an earlier pair in that moment.
 */
export function makeRawPair(): RawPair {
  const secretKey = randomBytes(RAW_LENGTH);
  const secret = importPrivateKey(secretKey);
  const publicKey = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-RAW_LENGTH);
  return { publicKey, secretKey, secret };
}

/** Makes a WireGuard pair as `wg genkey` and `wg pubkey` would: clamped, base64. */
export function makeWireguardPair(): KeyPair {
  const { publicKey, secretKey } = makeRawPair();
  // Clamping as in RFC 7748, section 5. X25519 does it anyway: the public half is the same.
  secretKey[0] = (secretKey[0] ?? 0) & 248;
  secretKey[31] = ((secretKey[31] ?? 0) & 127) | 64;
  return { publicHalf: publicKey.toString("base64"), secretHalf: secretKey.toString("base64") };
}

/** Makes an age identity as `age-keygen` would. */
export function makeAgeIdentity(): KeyPair {
  const { publicKey, secretKey } = makeRawPair();
  return {
    publicHalf: bech32.encodeFromBytes("age", publicKey),
    secretHalf: bech32.encodeFromBytes("AGE-SECRET-KEY-", secretKey).toUpperCase(),
  };
}

/** A raw X25519 public key for node:crypto. */
export function importPublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: Buffer.from(raw).toString("base64url") },
    format: "jwk",
  });
}

/** RFC 8410's frame around the 32 bytes of an X25519 secret key, in PKCS #8. */
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A raw X25519 secret key for node:crypto. */
export function importPrivateKey(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, raw]), format: "der", type: "pkcs8" });
}
