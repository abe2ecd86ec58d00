import { createHash } from "node:crypto";
import { UserError } from "../../generators/model/problem.js";

/** A host key's public half, as OpenSSH writes it. */
export interface HostKey {
  readonly kind: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly text: string;
  /** `SHA256:…`, as ssh shows it. */
  readonly fingerprint: string;
}

/** Kinds that nixos-anywhere's installer goes on with: it takes all keys over, and its sshd uses these two alone. */
export const KINDS: readonly string[] = ["ssh-ed25519", "ssh-rsa"];

/** Fields behind their length each. @returns the first, which is the kind; null where the last one is cut off */
function readKind(wire: Buffer): string | null {
  let at = 0;
  while (at + 4 <= wire.length) at += 4 + wire.readUInt32BE(at);
  return at === wire.length && at > 0 ? wire.toString("latin1", 4, 4 + wire.readUInt32BE(0)) : null;
}

/** @returns null where the text is no public key */
export function parseHostKey(text: string): HostKey | null {
  const [kind = "", body = ""] = text.trim().split(/\s+/);
  const wire = Buffer.from(body, "base64");
  if (kind === "" || readKind(wire) !== kind || wire.toString("base64") !== body) return null;
  const digest = createHash("sha256").update(wire).digest("base64").replace(/=+$/, "");
  return { kind, text: `${kind} ${body}`, fingerprint: `SHA256:${digest}` };
}

/** What a person gives. @throws UserError where it is no key that an installation can go on with */
export function parseGivenKey(text: string): HostKey {
  const key = parseHostKey(text);
  if (key === null) {
    throw new UserError(
      "--host-key is no SSH public key",
      "it is one line of the machine's /etc/ssh/ssh_host_ed25519_key.pub, in quotes: 'ssh-ed25519 AAAA…'",
    );
  }
  if (KINDS.includes(key.kind)) return key;
  throw new UserError(
    `the installer keeps no ${key.kind} key`,
    "give the machine's ssh-ed25519 key: /etc/ssh/ssh_host_ed25519_key.pub",
  );
}

/** Keys in lines of known_hosts, or of ssh-keyscan: names, then the key. Marked lines, such as revoked ones, do not count. */
export function parseKeyLines(text: string): HostKey[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^[#@]/.test(line));
  const keys = lines.flatMap((line) => parseHostKey(line.replace(/^\S+\s+/, "")) ?? []);
  return keys.filter(({ kind }) => KINDS.includes(kind));
}
