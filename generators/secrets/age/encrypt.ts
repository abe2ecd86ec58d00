/** Encrypts secrets with age. age-encryption takes a tenth of a second to load: only when there is something that needs it. */
import type { Recipient } from "age-encryption";
import { CHUNK_BYTES, encryptChunk } from "./age-file.js";

/**
 * Encrypts a value to every recipient.
 * @param recipients texts are left to age-encryption, as values of more than 64 KiB are
 * @returns age's armored form: text, so that git never mistakes its line endings
 */
export async function encryptText(
  value: string | Uint8Array,
  recipients: readonly (string | Recipient)[],
): Promise<string> {
  if (recipients.length === 0) throw new Error("a value that is encrypted to nobody is lost");
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const own = recipients.filter((recipient) => typeof recipient !== "string");
  if (own.length === recipients.length && bytes.length <= CHUNK_BYTES) return encryptChunk(bytes, own);
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(bytes));
}
