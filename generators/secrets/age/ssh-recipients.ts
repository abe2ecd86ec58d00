/**
 * OpenSSH public keys as age recipients. age-encryption leaves these two kinds to its `Recipient` interface; the stanzas are
 * those of age's own `agessh` package, and a test decrypts them with the real age.
 */
import { constants, createHash, createPublicKey, diffieHellman, hkdfSync, publicEncrypt } from "node:crypto";
import { base64nopad } from "@scure/base";
import type { Recipient } from "age-encryption";
import { UserError } from "../../model/problem.js";
import { importPrivateKey, importPublicKey, makeRawPair } from "../pairs.js";
import { wrapKey } from "./wrap.js";

const ED25519_LABEL = "age-encryption.org/v1/ssh-ed25519";
const RSA_LABEL = "age-encryption.org/v1/ssh-rsa";
/** age refuses shorter keys. */
const RSA_MIN_BITS = 2048;

/**
 * Makes a recipient of a line of `~/.ssh/id_….pub`.
 * @param owner how errors call whose it is
 * @throws UserError on another kind of key, or a damaged one
 */
export async function makeSshRecipient(line: string, owner: string): Promise<Recipient> {
  const [kind = "", base64 = ""] = line.split(/\s+/, 2);
  if (kind !== "ssh-ed25519" && kind !== "ssh-rsa") throw unknownKind(line, kind, owner);
  try {
    const wire = Buffer.from(base64, "base64");
    const fields = readFields(wire);
    if (fields[0]?.toString() !== kind) throw new Error("the key's kind differs from what it says");
    return kind === "ssh-rsa" ? makeRsaRecipient(wire, fields) : await makeEd25519Recipient(wire, fields);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`the ${kind} key of ${owner} cannot be read: ${why}`, "copy the whole line again", 2, {
      cause,
    });
  }
}

function unknownKind(line: string, kind: string, owner: string): UserError {
  if (/^(sk-|ecdsa-|ssh-)/.test(kind)) {
    return new UserError(
      `age cannot encrypt to the ${kind} key of ${owner}`,
      "give an ssh-ed25519 or ssh-rsa key, or an age1… recipient",
    );
  }
  if (/SECRET|PRIVATE/i.test(line)) {
    return new UserError(`${owner} gave a secret key as recipient`, "give its public half, and make a new key");
  }
  return new UserError(
    `${JSON.stringify(line)} of ${owner} is not an age recipient`,
    "give age1… from age-keygen, or the whole line of an OpenSSH public key",
  );
}

async function makeEd25519Recipient(wire: Buffer, fields: readonly Buffer[]): Promise<Recipient> {
  const key = fields[1];
  if (key === undefined || key.length !== 32 || fields.length !== 2) throw new Error("an Ed25519 key has 32 bytes");
  const { ed25519 } = await import("@noble/curves/ed25519.js");
  const theirs = ed25519.utils.toMontgomery(key);
  const tweak = importPrivateKey(Buffer.from(hkdfSync("sha256", "", wire, ED25519_LABEL, 32)));
  return {
    wrapFileKey(fileKey) {
      const share = makeRawPair();
      const first = diffieHellman({ privateKey: share.secret, publicKey: importPublicKey(theirs) });
      const secret = diffieHellman({ privateKey: tweak, publicKey: importPublicKey(first) });
      const body = wrapKey(fileKey, secret, Buffer.concat([share.publicKey, theirs]), ED25519_LABEL);
      return [{ args: ["ssh-ed25519", tagOf(wire), base64nopad.encode(share.publicKey)], body }];
    },
  };
}

function makeRsaRecipient(wire: Buffer, fields: readonly Buffer[]): Recipient {
  const [, e, n] = fields;
  if (e === undefined || n === undefined || fields.length !== 3) throw new Error("an RSA key has two numbers");
  const jwk = { kty: "RSA", n: trimZeros(n).toString("base64url"), e: trimZeros(e).toString("base64url") };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const bits = trimZeros(n).length * 8;
  if (bits < RSA_MIN_BITS) throw new Error(`age needs at least ${RSA_MIN_BITS} bits`);
  return {
    wrapFileKey(fileKey) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const body = publicEncrypt({ key, padding, oaepHash: "sha256", oaepLabel: Buffer.from(RSA_LABEL) }, fileKey);
      return [{ args: ["ssh-rsa", tagOf(wire)], body: new Uint8Array(body) }];
    },
  };
}

/** The first four bytes of the key's hash, by which an identity finds its stanza. */
function tagOf(wire: Buffer): string {
  return base64nopad.encode(createHash("sha256").update(wire).digest().subarray(0, 4));
}

/** SSH's wire format: each field behind its length, 32 bits big-endian. @throws where it is cut off */
function readFields(wire: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < wire.length; ) {
    if (at + 4 > wire.length) throw new Error("it is cut off");
    const end = at + 4 + wire.readUInt32BE(at);
    if (end > wire.length) throw new Error("it is cut off");
    fields.push(wire.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function trimZeros(number: Buffer): Buffer {
  let at = 0;
  while (at < number.length - 1 && number[at] === 0) at++;
  return number.subarray(at);
}
