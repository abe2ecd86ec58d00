/** OpenSSH's private key files (PROTOCOL.key in its sources), and the older PEM ones, as far as age takes them. */
import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";

const MAGIC = Buffer.from("openssh-key-v1\0");
const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/;
const PEM = /-----BEGIN (RSA |)PRIVATE KEY-----/;

/** A key of a kind that age takes, in the clear. */
export interface SshPrivateKey {
  readonly kind: "ssh-ed25519" | "ssh-rsa";
  /** The public half in SSH's wire format. */
  readonly wire: Buffer;
  readonly key: KeyObject;
}

/** What a file says; `locked` is a key behind a passphrase, whose public half is in the clear in OpenSSH's format. */
export type SshKeyFile =
  | { readonly state: "open"; readonly key: SshPrivateKey }
  | { readonly state: "locked"; readonly wire: Buffer | null }
  | { readonly state: "unknown"; readonly kind: string };

/** @returns null where the text is no private key. @throws where it is a damaged one */
export function parseSshKey(text: string): SshKeyFile | null {
  const body = OPENSSH.exec(text)?.[1];
  if (body !== undefined) return parseOpenSsh(Buffer.from(body, "base64"));
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return { state: "locked", wire: null };
  }
  return PEM.test(text) ? fromKeyObject(createPrivateKey(text)) : null;
}

function fromKeyObject(key: KeyObject): SshKeyFile {
  const jwk = key.export({ format: "jwk" });
  if (key.asymmetricKeyType === "rsa") {
    const wire = writeFields([Buffer.from("ssh-rsa"), toMpint(jwk.e), toMpint(jwk.n)]);
    return { state: "open", key: { kind: "ssh-rsa", wire, key } };
  }
  return { state: "unknown", kind: key.asymmetricKeyType ?? "unknown" };
}

/** The file: magic, cipher, KDF and its options, how many keys, their public halves, and their secret halves. */
function parseOpenSsh(data: Buffer): SshKeyFile {
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("it does not begin as such keys do");
  const reader = new FieldReader(data, MAGIC.length);
  const cipher = reader.text();
  reader.field();
  reader.field();
  if (reader.number() !== 1) throw new Error("it holds several keys");
  const wire = reader.field();
  if (cipher !== "none") return { state: "locked", wire };
  const secret = new FieldReader(reader.field(), 0);
  const [check, again] = [secret.number(), secret.number()];
  if (check !== again) throw new Error("its two check numbers differ");
  const kind = secret.text();
  if (kind === "ssh-ed25519") return { state: "open", key: { kind, wire, key: readEd25519(secret) } };
  if (kind === "ssh-rsa") return { state: "open", key: { kind, wire, key: readRsa(secret) } };
  return { state: "unknown", kind };
}

function readEd25519(reader: FieldReader): KeyObject {
  const x = reader.field();
  const seed = reader.field().subarray(0, 32);
  if (x.length !== 32 || seed.length !== 32) throw new Error("an Ed25519 key has 32 bytes");
  const jwk = { kty: "OKP", crv: "Ed25519", x: x.toString("base64url"), d: seed.toString("base64url") };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

function readRsa(reader: FieldReader): KeyObject {
  const [n, e, d, qi, p, q] = [1, 2, 3, 4, 5, 6].map(() => toNumber(reader.field()));
  if (!n || !e || !d || !qi || !p || !q) throw new Error("an RSA key has six numbers");
  const jwk: JsonWebKey = { kty: "RSA", n: toText(n), e: toText(e), d: toText(d), qi: toText(qi), p: toText(p) };
  const rest = { q: toText(q), dp: toText(d % (p - 1n)), dq: toText(d % (q - 1n)) };
  return createPrivateKey({ key: { ...jwk, ...rest }, format: "jwk" });
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString("hex")}`);
}

function toText(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}

/** A positive number of SSH's wire format has a zero in front where its first bit is set. */
function toMpint(base64url: string | undefined): Buffer {
  const bytes = Buffer.from(base64url ?? "", "base64url");
  return (bytes[0] ?? 0) < 128 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]);
}

function writeFields(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}

/** SSH's wire format: 32-bit numbers, and fields behind their length. */
class FieldReader {
  constructor(
    private readonly data: Buffer,
    private at: number,
  ) {}

  number(): number {
    if (this.at + 4 > this.data.length) throw new Error("it is cut off");
    this.at += 4;
    return this.data.readUInt32BE(this.at - 4);
  }

  field(): Buffer {
    const length = this.number();
    if (this.at + length > this.data.length) throw new Error("it is cut off");
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.field().toString("latin1");
  }
}
