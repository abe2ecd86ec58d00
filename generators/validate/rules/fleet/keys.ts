import { bech32 } from "@scure/base";

/** The texts of public keys: whether they are whole. */

const SSH_TYPES = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
] as const;
/** What age can encrypt to, out of these. */
const AGE_SSH_TYPES: readonly string[] = ["ssh-ed25519", "ssh-rsa"];

/** Options, if any, come before the type, and a comment after the key. */
const SSH_LINE = new RegExp(`^(?:.*?\\s)?(${SSH_TYPES.join("|")})\\s+(\\S+)(?:\\s.*)?$`);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Length and name of the type, then length and key (RFC 8709). */
const ED25519_BYTES = 51;

/** What is wrong with a line of OpenSSH's `authorized_keys`, or null. */
export function sshKeyFault(text: string): string | null {
  if (text.includes("PRIVATE KEY")) return "is a private key, which is now in this repository's history";
  if (text.trim().includes("\n")) return "holds several lines, and a key is one";
  const [, type = "", body = ""] = SSH_LINE.exec(text.trim()) ?? [];
  if (type === "") return "is no OpenSSH public key";
  if (!BASE64.test(body)) return "is cut off or has been changed: its second part is not base64";
  const bytes = Buffer.from(body, "base64");
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  const inner = bytes.subarray(4, 4 + length).toString("latin1");
  if (inner !== type) return `says ${type}, and is another kind of key inside`;
  const isWhole = type === "ssh-ed25519" ? bytes.length === ED25519_BYTES : bytes.length > 4 + length + 4;
  return isWhole ? null : "is cut off: its second part is too short";
}

/** Human-readable parts of recipients that age knows without a plug-in. */
const AGE_PREFIXES: readonly string[] = ["age", "age1pq", "age1tag", "age1tagpq"];

/** The plugin that a recipient's human-readable part names, in letters that age allows in a program's name; null for none. */
export function pluginOf(prefix: string): string | null {
  return /^age1([a-z0-9+._-]+)$/.exec(prefix)?.[1] ?? null;
}

/** What is wrong with an age recipient of an admin, or null. */
export function recipientFault(text: string): string | null {
  if (text.startsWith("AGE-SECRET-KEY-")) return "is a secret key, which is now in this repository's history";
  if (!text.startsWith("age1")) {
    const fault = sshKeyFault(text);
    if (fault !== null)
      return text.startsWith("ssh-") ? fault : "is neither an age recipient nor an OpenSSH public key";
    return AGE_SSH_TYPES.some((type) => text.startsWith(`${type} `)) ? null : "is of a kind that age cannot encrypt to";
  }
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined) return "has a letter that is wrong: its checksum does not fit";
  if (!AGE_PREFIXES.includes(decoded.prefix) && pluginOf(decoded.prefix) === null)
    return "is of no kind that age knows";
  const bytes = bech32.fromWordsUnsafe(decoded.words);
  return bytes && (decoded.prefix !== "age" || bytes.length === 32) ? null : "does not have the length of a key";
}

/** What is wrong with the recipient of a host's identity, or null: hosts have agenix, and no plugins of age. */
export function identityFault(text: string): string | null {
  const fault = recipientFault(text);
  if (fault !== null) return fault;
  const prefix = bech32.decodeUnsafe(text, false)?.prefix;
  return prefix === undefined || AGE_PREFIXES.includes(prefix)
    ? null
    : "needs a plugin of age, which hosts do not have";
}

/** 32 bytes are 43 letters, the last of which has two bits to spare, and one sign of padding. */
const WIREGUARD = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Whether a text is a WireGuard key: 32 bytes as base64. */
export function isWireguardKey(text: string): boolean {
  return WIREGUARD.test(text);
}
