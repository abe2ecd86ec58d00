/** Key pairs: WireGuard's and age's are both X25519, made by Node's own OpenSSL. Secret halves never leave memory as text files. */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { bech32 } from "@scure/base";

/** A key pair in the notation of its field. */
export interface KeyPair {
  readonly publicHalf: string;
  readonly secretHalf: string;
}

/** An X25519 pair: the public half raw, 32 bytes, and the secret half as node:crypto holds it. */
export interface RawPair {
  readonly publicKey: Buffer;
  readonly secret: KeyObject;
}

/** The length of either half of an X25519 pair, with which its DER form ends (RFC 8410). */
const RAW_LENGTH = 32;

/** RFC 7748, section 4.1; made once, when it is needed first. */
let basePoint: KeyObject | undefined;

/**
 * Makes a fresh X25519 pair.
 *
 * The public half is computed once more instead of exported: that takes half the time of DER, and in Node 20, exporting a fresh
 * key as JWK can wait for itself for ever, when the garbage collector frees an earlier pair in that moment.
 */
export function makeRawPair(): RawPair {
  const { privateKey } = generateKeyPairSync("x25519");
  basePoint ??= importPublicKey(Buffer.from([9, ...Buffer.alloc(RAW_LENGTH - 1)]));
  return { publicKey: diffieHellman({ privateKey, publicKey: basePoint }), secret: privateKey };
}

/** The secret half, raw. */
function exportSecret({ secret }: RawPair): Buffer {
  return secret.export({ format: "der", type: "pkcs8" }).subarray(-RAW_LENGTH);
}

/** Makes a WireGuard pair as `wg genkey` and `wg pubkey` would: clamped, base64. */
export function makeWireguardPair(): KeyPair {
  const pair = makeRawPair();
  const secretKey = exportSecret(pair);
  // Clamping as in RFC 7748, section 5. X25519 does it anyway: the public half is the same.
  secretKey[0] = (secretKey[0] ?? 0) & 248;
  secretKey[31] = ((secretKey[31] ?? 0) & 127) | 64;
  return { publicHalf: pair.publicKey.toString("base64"), secretHalf: secretKey.toString("base64") };
}

/** Makes an age identity as `age-keygen` would. */
export function makeAgeIdentity(): KeyPair {
  const pair = makeRawPair();
  return {
    publicHalf: bech32.encodeFromBytes("age", pair.publicKey),
    secretHalf: bech32.encodeFromBytes("AGE-SECRET-KEY-", exportSecret(pair)).toUpperCase(),
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
