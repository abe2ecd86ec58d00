/** Whom a secret is encrypted to. */
import type { Recipient } from "age-encryption";
import type { Admin, Fleet } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import { UserError } from "../model/problem.js";
import type { SecretSpec } from "../model/secrets.js";
import { parseRecipient } from "./age/recipients.js";

/** Recipients that were parsed already, by their texts: one `Map` for all secrets of a run. */
export type ParsedRecipients = Map<string, string | Recipient>;

/**
 * The admins' recipients and those of the hosts that are to read a secret.
 * @param spec its `readers` are the hosts
 * @param parsed keeps what was parsed for the next secret
 * @throws UserError where no admin has a recipient, one is wrong, or a host has no identity yet
 */
export async function recipientsFor(
  fleet: Pick<Fleet, "admins">,
  lock: Lock,
  spec: Pick<SecretSpec, "name" | "readers">,
  parsed: ParsedRecipients = new Map(),
): Promise<readonly (string | Recipient)[]> {
  const hosts = spec.readers.map((name) => ({ text: lock.hosts[name]?.age, owner: `host ${name}` }));
  const recipients: (string | Recipient)[] = [];
  for (const { text, owner } of [...hosts, ...listAdmins(fleet.admins)]) {
    if (text === undefined) {
      throw new UserError(
        `${owner} is to read ${spec.name}, and has no identity yet`,
        "run `meshflake generate`, which makes it",
      );
    }
    let recipient = parsed.get(text);
    if (recipient === undefined) {
      recipient = await parseRecipient(text, owner);
      parsed.set(text, recipient);
    }
    recipients.push(recipient);
  }
  return recipients;
}

function listAdmins(admins: readonly Admin[]): { text: string; owner: string }[] {
  const texts = admins.flatMap(({ name, age }) => age.map((text) => ({ text, owner: `admin ${name}` })));
  if (texts.length > 0) return texts;
  throw new UserError("no admin has an age recipient, and keys would be lost", "add admins.NAME.age to the fleet");
}
