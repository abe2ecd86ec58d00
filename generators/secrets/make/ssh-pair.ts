/** SSH host keys, in OpenSSH's own format: sshd reads no other kind of Ed25519 key. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyPair } from "../pairs.js";

const KIND = "ssh-ed25519";
/** The length of either half, with which its DER form ends (RFC 8410). */
const RAW_LENGTH = 32;
/** OpenSSH breaks the armor's lines there. */
const LINE_LENGTH = 70;
/** Without a passphrase the private part is padded as for a cipher with this block. */
const BLOCK_LENGTH = 8;

/**
 * Makes an Ed25519 pair as `ssh-keygen -t ed25519 -N '' -C ''` would. Exported as DER for the reason that `makeRawPair` gives.
 * @returns `ssh-ed25519 AAAA…` without a comment, and the private key file without its last newline
 */
export function makeSshPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = publicKey.export({ format: "der", type: "spki" }).subarray(-RAW_LENGTH);
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-RAW_LENGTH);
  const wire = Buffer.concat([field(KIND), field(point)]);
  return { publicHalf: `${KIND} ${wire.toString("base64")}`, secretHalf: formatPrivateKey(wire, point, seed) };
}

/** PROTOCOL.key of OpenSSH: no cipher, no key derivation, one key. */
function formatPrivateKey(wire: Buffer, point: Buffer, seed: Buffer): string {
  const check = randomBytes(4);
  const open = Buffer.concat([check, check, wire, field(Buffer.concat([seed, point])), field("")]);
  const padding = Buffer.from(Array.from({ length: -open.length & (BLOCK_LENGTH - 1) }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    Buffer.from([0, 0, 0, 1]),
    field(wire),
    field(Buffer.concat([open, padding])),
  ]).toString("base64");
  const lines = body.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----"].join("\n");
}

/** SSH's wire format of a string: its length, 32 bits big-endian, and its bytes. */
function field(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
