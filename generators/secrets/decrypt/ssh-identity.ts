/** SSH private keys as age identities: the decrypting side of `ssh-recipients.ts`. */
import { constants, createHash, diffieHellman, hkdfSync, privateDecrypt } from "node:crypto";
import { base64nopad } from "@scure/base";
import type { Identity } from "age-encryption";
import { importPrivateKey, importPublicKey } from "../pairs.js";
import type { SshPrivateKey } from "./ssh-key.js";
import { unwrapKey } from "./unwrap.js";

const ED25519_LABEL = "age-encryption.org/v1/ssh-ed25519";
const RSA_LABEL = "age-encryption.org/v1/ssh-rsa";

/** The first four bytes of the public half's hash, by which an identity finds its stanza. */
export function tagOfWire(wire: Uint8Array): string {
  return base64nopad.encode(createHash("sha256").update(wire).digest().subarray(0, 4));
}

/** @param ssh a key in the clear */
export function makeSshIdentity(ssh: SshPrivateKey): Identity {
  return ssh.kind === "ssh-rsa" ? makeRsaIdentity(ssh) : makeEd25519Identity(ssh);
}

function makeEd25519Identity({ key, wire }: SshPrivateKey): Identity {
  const seed = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  // RFC 8032, section 5.1.5: the scalar is the first half of the seed's hash. X25519 clamps it.
  const own = importPrivateKey(createHash("sha512").update(seed).digest().subarray(0, 32));
  const tweak = importPrivateKey(Buffer.from(hkdfSync("sha256", "", wire, ED25519_LABEL, 32)));
  const tag = tagOfWire(wire);
  return {
    async unwrapFileKey(stanzas) {
      const { ed25519 } = await import("@noble/curves/ed25519.js");
      const montgomery = ed25519.utils.toMontgomery(wire.subarray(-32));
      for (const { args, body } of stanzas) {
        if (args[0] !== "ssh-ed25519" || args[1] !== tag) continue;
        const share = base64nopad.decode(args[2] ?? "");
        const first = diffieHellman({ privateKey: own, publicKey: importPublicKey(share) });
        const secret = diffieHellman({ privateKey: tweak, publicKey: importPublicKey(first) });
        const fileKey = unwrapKey(body, secret, Buffer.concat([share, montgomery]), ED25519_LABEL);
        if (fileKey !== null) return fileKey;
      }
      return null;
    },
  };
}

function makeRsaIdentity({ key, wire }: SshPrivateKey): Identity {
  const tag = tagOfWire(wire);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas) {
        if (args[0] !== "ssh-rsa" || args[1] !== tag) continue;
        try {
          const oaepLabel = Buffer.from(RSA_LABEL);
          return new Uint8Array(privateDecrypt({ key, padding, oaepHash: "sha256", oaepLabel }, body));
        } catch {
          // Another key with the same four bytes, or a changed stanza.
        }
      }
      return null;
    },
  };
}
