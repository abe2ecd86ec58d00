/** Decrypts secrets with an admin's identities. Values stay in memory. */
import type { Identity } from "age-encryption";
import { UserError } from "../../model/problem.js";
import { AgeFailure, runAge } from "./age-command.js";
import { type IdentityFile, parseIdentityFile } from "./identity-file.js";

/** Reads what was encrypted to somebody whose identity was given. */
export interface Decryptor {
  /**
   * @param path how errors call the file
   * @param data the encrypted file, armored or not
   * @param readableBy who it was encrypted to, as far as the lock knows, e.g. `admins nico and maria`
   * @throws UserError where it is no age file, damaged, or encrypted to none of the identities
   */
  decrypt(path: string, data: Uint8Array, readableBy: string): Promise<Buffer>;
}

/** An identity file's path, and what is in it. */
export interface IdentityText {
  readonly file: string;
  readonly text: string;
}

type Say = (line: string) => void;
/** Not usable without asking a person or a plugin. */
type Asking = Exclude<IdentityFile, { readonly kind: "native" }>;

/**
 * Makes a decryptor.
 * @param files in the order in which they are tried; those that work without asking anybody come first
 * @param say gets what plugins say meanwhile
 * @throws UserError where a file holds no identity
 */
export async function openDecryptor(files: readonly IdentityText[], say: Say): Promise<Decryptor> {
  const native: (string | Identity)[] = [];
  const asking: { read: Asking; text: string; opened?: Opened }[] = [];
  for (const { file, text } of files) {
    const read = parseIdentityFile(file, text);
    if (read.kind === "native") native.push(...(await checkIdentities(read)));
    else asking.push({ read, text });
  }
  const names = files.map(({ file }) => file).join(", ");
  return {
    async decrypt(path, data, readableBy) {
      const raw = await decodeFile(path, data);
      const value = await decryptNatively(path, raw, native);
      if (value !== null) return value;
      for (const ask of asking) {
        // The passphrase of an identity file is asked for once.
        ask.opened ??= ask.read.kind === "sealed" ? await unseal(ask.read, ask.text, say) : ask.read;
        const found = await tryAsked(path, raw, ask.opened, say);
        if (found !== null) return found;
      }
      throw new UserError(
        `none of the identities can decrypt ${path}: ${names}`,
        `it was encrypted to ${readableBy}: give the identity of one with --identity; if you did, the file was changed: restore it from git`,
        1,
      );
    },
  };
}

type Opened = Exclude<IdentityFile, { readonly kind: "sealed" }>;

async function tryAsked(path: string, raw: Uint8Array, opened: Opened, say: Say): Promise<Buffer | null> {
  return opened.kind === "native"
    ? decryptNatively(path, raw, await checkIdentities(opened))
    : decryptByCommand(path, raw, opened, say);
}

async function unseal({ file }: Asking, text: string, say: Say): Promise<Opened> {
  try {
    const opened = await runAge(Buffer.from(text, "latin1"), null, `${file} is behind a passphrase`, say);
    const inner = parseIdentityFile(file, opened.toString());
    if (inner.kind === "native") return inner;
  } catch (error) {
    if (!(error instanceof AgeFailure)) throw error;
    throw new UserError(`age could not open ${file}${tail(error)}`, "try the passphrase again", 1);
  }
  return { kind: "command", file, reason: "plugin", tag: null };
}

async function checkIdentities({ file, identities }: Extract<IdentityFile, { readonly kind: "native" }>) {
  const { Decrypter } = await import("age-encryption");
  for (const identity of identities) {
    try {
      new Decrypter().addIdentity(identity);
    } catch {
      throw new UserError(`${file} holds a damaged age identity`, "copy it again, or restore the file", 1);
    }
  }
  return identities;
}

const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const HEADER = "age-encryption.org/v1\n";

async function decodeFile(path: string, data: Uint8Array): Promise<Uint8Array> {
  const text = Buffer.from(data).toString("latin1");
  if (text.startsWith(HEADER)) return new Uint8Array(data);
  if (!text.trimStart().startsWith(ARMOR)) {
    const what = text.trim() === "" ? "empty" : "not encrypted with age";
    throw new UserError(`${path} is ${what}`, "restore it from git", 1);
  }
  const { armor } = await import("age-encryption");
  try {
    return armor.decode(text);
  } catch (cause) {
    throw isDamaged(path, cause);
  }
}

async function decryptNatively(
  path: string,
  raw: Uint8Array,
  identities: readonly (string | Identity)[],
): Promise<Buffer | null> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return Buffer.from(await decrypter.decrypt(raw));
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("no identity matched")) return null;
    throw isDamaged(path, cause);
  }
}

async function decryptByCommand(
  path: string,
  raw: Uint8Array,
  { file, reason, tag }: Extract<IdentityFile, { readonly kind: "command" }>,
  say: Say,
): Promise<Buffer | null> {
  const header = Buffer.from(raw).toString("latin1").split("\n---")[0] ?? "";
  if (tag !== null && !header.includes(` ${tag}`)) return null;
  const why = `${file} is ${reason === "plugin" ? "for an age plugin" : "behind a passphrase"}`;
  try {
    return await runAge(raw, file, why, say);
  } catch (error) {
    if (!(error instanceof AgeFailure)) throw error;
    if (/no identity matched/.test(error.message)) return null;
    throw new UserError(`age could not decrypt ${path} with ${file}${tail(error)}`, undefined, 1);
  }
}

/** Why `age` failed, without its advice to report bugs. */
function tail({ message }: AgeFailure): string {
  const lines = message.split("\n").filter((line) => line.startsWith("age: error:"));
  return lines.length === 0 ? "" : `: ${lines.map((line) => line.slice("age: error:".length).trim()).join("; ")}`;
}

function isDamaged(path: string, cause: unknown): UserError {
  return new UserError(`${path} is damaged: it is cut off, or was changed`, "restore it from git", 1, { cause });
}
