import { createPublicKey, randomUUID } from "node:crypto";
import { UserError } from "../../../generators/model/problem.js";
import { parseSshKey } from "../../../generators/secrets/decrypt/ssh-key.js";
import { importPrivateKey } from "../../../generators/secrets/pairs.js";
import { formatKeyring, type MadeKind, makeId } from "../../../generators/secrets/values.js";
import { formatIdentities, parseIdentities } from "../../identity/keys.js";

/** Values that a person gives for secrets that meshflake makes: checked, since a daemon would fail on any other. */

/** A value in its form, and what the lock is to know it by. */
export interface FormedValue {
  readonly id: string;
  /** In the clear, with a newline at its end. */
  readonly text: string;
}

/** @throws UserError where it has not the form of its kind; never with the value */
export async function checkForm(kind: MadeKind, value: Buffer): Promise<FormedValue> {
  const text = value.toString("utf8").trim();
  switch (kind) {
    case "consul-token":
    case "nomad-token":
    case "consul-management":
    case "nomad-management":
      return { id: randomUUID(), text: `${checkUuid(text)}\n` };
    case "consul-gossip":
    case "nomad-gossip":
      return { id: makeId(), text: formatKeyring(parseKeyring(text)) };
    case "wireguard":
      return { id: wireguardHalf(text), text: `${text}\n` };
    case "ssh":
      return { id: sshHalf(text), text: `${text}\n` };
    case "identity":
      return { id: await ageHalf(text), text: formatIdentities(parseIdentities(text)) };
    default:
      return kind satisfies never;
  }
}

function isWrong(what: string, hint: string): UserError {
  return new UserError(`the value is not ${what}, and nothing was written`, hint, 1);
}

function checkUuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw isWrong("a token", "a token's secret is a UUID in lower case, as uuidgen prints it");
}

/** Serf's keyring; a bare key, as `consul keygen` prints it, is a keyring of one. @throws UserError on anything else */
export function parseKeyring(text: string): readonly string[] {
  const wrong = () =>
    isWrong("a gossip keyring", "give a key of `consul keygen`, or a JSON list of them, the primary first");
  let keys: unknown = [text];
  if (text.trim().startsWith("[")) {
    try {
      keys = JSON.parse(text);
    } catch {
      throw wrong();
    }
  }
  const isKey = (key: unknown): key is string => typeof key === "string" && /^[A-Za-z0-9+/]{43}=$/.test(key);
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isKey)) throw wrong();
  return keys;
}

function wireguardHalf(text: string): string {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) throw isWrong("a WireGuard key", "give what `wg genkey` prints");
  const key = createPublicKey(importPrivateKey(Buffer.from(text, "base64")));
  return key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}

function sshHalf(text: string): string {
  const hint = "give an ed25519 key without a passphrase: ssh-keygen -t ed25519 -N '' -f FILE";
  try {
    const found = parseSshKey(`${text}\n`);
    if (found?.state === "open" && found.key.kind === "ssh-ed25519") {
      return `ssh-ed25519 ${found.key.wire.toString("base64")}`;
    }
  } catch {
    // Said below.
  }
  throw isWrong("an SSH host key", hint);
}

async function ageHalf(text: string): Promise<string> {
  const { identityToRecipient } = await import("age-encryption");
  try {
    const [newest] = await Promise.all(text.split(/\s*\n\s*/).map((line) => identityToRecipient(line)));
    if (newest !== undefined) return newest;
  } catch {
    // Said below.
  }

  throw isWrong("an age identity", "give the line of age-keygen that begins with AGE-SECRET-KEY-1");
}
