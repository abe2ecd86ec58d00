/** Encrypts a secret with age, which takes a tenth of a second to load: only when there is something to encrypt. */
import type { Recipient } from "age-encryption";

/**
 * Encrypts a value to every recipient.
 * @returns age's armored form: text, so that git never mistakes its line endings
 */
export async function encryptText(
  value: string | Uint8Array,
  recipients: readonly (string | Recipient)[],
): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(value));
}
