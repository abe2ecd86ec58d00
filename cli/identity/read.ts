import type { CommandOptions, Context } from "../context.js";
import { openIdentities } from "../secrets/identity.js";
import { decryptSecret, type Secrets } from "../secrets/session.js";
import { formatIdentities, parseIdentities } from "./keys.js";

/**
 * Decrypts a host's identity.
 * @returns age-keygen's lines, each with its line break: the one of the lock, then those that it replaced
 * @throws UserError where there is none, no admin's key is given, or it is another one than the lock says
 */
export async function readIdentity(
  context: Context,
  secrets: Secrets,
  host: string,
  options: CommandOptions,
): Promise<string> {
  const spec = secrets.specs.get(`${host}/identity`);
  if (spec === undefined) throw new RangeError(`no identity of ${host} in the plan`);
  context.progress.step(`decrypting ${host}'s identity`);
  const text = (await decryptSecret(secrets, spec, await openIdentities(context, options))).toString("latin1");
  context.progress.clear();
  return formatIdentities(parseIdentities(text));
}
