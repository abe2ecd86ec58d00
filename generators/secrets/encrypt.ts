/** Encrypts a secret with age. Loaded only when there is something to encrypt. */
import { armor, Encrypter, type Recipient } from "age-encryption";

/**
 * Encrypts a text to every recipient.
 * @returns age's armored form: text, so that git never mistakes its line endings, and reviewable as one block
 */
export async function encryptText(text: string, recipients: readonly (string | Recipient)[]): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
}
