/**
 * Who can read a secret. Recipients of plugins go to `plugin-recipient.ts`. age's own X25519 recipients are wrapped with Node's OpenSSL, about six times as fast as in
 * JavaScript; the other `age1…` kinds go to age-encryption, and SSH keys to `ssh-recipients.ts`.
 */
import { diffieHellman } from "node:crypto";
import { base64nopad, bech32 } from "@scure/base";
import type { Recipient } from "age-encryption";
import { UserError } from "../../model/problem.js";
import { pluginOf } from "../../validate/rules/fleet/keys.js";
import { importPublicKey, makeRawPair } from "../pairs.js";
import { makePluginRecipient } from "./plugin-recipient.js";
import { makeSshRecipient } from "./ssh-recipients.js";
import { wrapKey } from "./wrap.js";

/** Recipients that age-encryption knows beside X25519, from age 1.3 and its plugins for hardware keys on. */
const LIBRARY_KINDS = ["age1pq1", "age1tag1", "age1tagpq1"];

/**
 * Reads a recipient.
 * @param text `age1…`, or an OpenSSH public key (`ssh-ed25519` or `ssh-rsa`)
 * @param owner how errors call whose it is, e.g. `admin nico`
 * @returns what `Encrypter.addRecipient` takes
 * @throws UserError where it is no recipient; one of a plugin fails when it is used, where that is not installed
 */
export async function parseRecipient(text: string, owner: string): Promise<string | Recipient> {
  const trimmed = text.trim();
  if (!trimmed.startsWith("age1")) return makeSshRecipient(trimmed, owner);
  try {
    if (LIBRARY_KINDS.some((kind) => trimmed.startsWith(kind))) return await checkWithLibrary(trimmed);
    const { prefix, words } = bech32.decode(trimmed as `${string}1${string}`, 1000);
    if (prefix === "age") return makeX25519Recipient(bech32.fromWords(words));
    const plugin = pluginOf(prefix);
    if (plugin !== null) return makePluginRecipient(trimmed, plugin, owner);
  } catch (cause) {
    throw badRecipient(trimmed, owner, cause);
  }
  throw badRecipient(trimmed, owner, new Error("no kind of recipient begins like this"));
}

/** A recipient of age's own kind. @param key the raw X25519 public key */
export function makeX25519Recipient(key: Uint8Array): Recipient {
  if (key.length !== 32) throw new Error("an X25519 public key has 32 bytes");
  const theirs = importPublicKey(key);
  return {
    wrapFileKey(fileKey) {
      const share = makeRawPair();
      const secret = diffieHellman({ privateKey: share.secret, publicKey: theirs });
      const salt = Buffer.concat([share.publicKey, key]);
      const body = wrapKey(fileKey, secret, salt, "age-encryption.org/v1/X25519");
      return [{ args: ["X25519", base64nopad.encode(share.publicKey)], body }];
    },
  };
}

async function checkWithLibrary(text: string): Promise<string> {
  const { Encrypter } = await import("age-encryption");
  new Encrypter().addRecipient(text);
  return text;
}

function badRecipient(text: string, owner: string, cause: unknown): UserError {
  const hint = "copy it again: age1… from age-keygen, or the whole line of an OpenSSH public key";
  return new UserError(`${JSON.stringify(text)} of ${owner} is not an age recipient`, hint, 2, { cause });
}
