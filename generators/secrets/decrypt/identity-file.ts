/** What an identity file holds: keys that work here, or a reason to ask the `age` command. */
import type { Identity } from "age-encryption";
import { UserError } from "../../model/problem.js";
import { makeSshIdentity, tagOfWire } from "./ssh-identity.js";
import { parseSshKey } from "./ssh-key.js";

/** An identity file, read. `command`: only the `age` command can use it. `sealed`: an age file that holds identities. */
export type IdentityFile =
  | { readonly kind: "native"; readonly file: string; readonly identities: readonly (string | Identity)[] }
  | {
      readonly kind: "command";
      readonly file: string;
      readonly reason: "plugin" | "passphrase";
      /** Of a locked SSH key whose public half is known: the tag of its stanzas. */
      readonly tag: string | null;
    }
  | { readonly kind: "sealed"; readonly file: string };

/**
 * Reads an identity file.
 * @param file how errors call it
 * @throws UserError where it holds no identity that age knows; never with what is in the file
 */
export function parseIdentityFile(file: string, text: string): IdentityFile {
  if (text.startsWith("age-encryption.org/v1") || text.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----")) {
    return { kind: "sealed", file };
  }
  return readSsh(file, text) ?? readAge(file, text);
}

function readSsh(file: string, text: string): IdentityFile | null {
  let found: ReturnType<typeof parseSshKey>;
  try {
    found = parseSshKey(text);
  } catch (cause) {
    const why = cause instanceof Error && /^(it|an?) /.test(cause.message) ? `: ${cause.message}` : "";
    throw new UserError(`the private key ${file} cannot be read${why}`, "restore it, or give another --identity", 1);
  }
  if (found === null) return null;
  switch (found.state) {
    case "open":
      return { kind: "native", file, identities: [makeSshIdentity(found.key)] };
    case "locked":
      return { kind: "command", file, reason: "passphrase", tag: found.wire === null ? null : tagOfWire(found.wire) };
    case "unknown":
      throw new UserError(`${file} is a key of a kind that age does not take (${found.kind})`, KINDS, 1);
    default:
      return found satisfies never;
  }
}

const KINDS = "give an age identity (AGE-SECRET-KEY-1…), or an ed25519 or RSA private key of OpenSSH";

function readAge(file: string, text: string): IdentityFile {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0) throw new UserError(`${file} holds no identity`, KINDS, 1);
  if (keys.some((key) => /^AGE-PLUGIN-/.test(key))) return { kind: "command", file, reason: "plugin", tag: null };
  if (keys.every((key) => /^AGE-SECRET-KEY-(PQ-)?1/.test(key))) return { kind: "native", file, identities: keys };
  if (keys.some((key) => /^(age1|ssh-)/.test(key))) {
    throw new UserError(`${file} holds a public key, which decrypts nothing`, "give the private half", 1);
  }
  throw new UserError(`${file} is no age identity and no SSH private key`, KINDS, 1);
}
