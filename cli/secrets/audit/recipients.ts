import { countPrints, madeFor } from "../../../generators/model/made-for.js";
import { type SecretSpec, secretFile } from "../../../generators/model/secrets.js";
import { readersOf } from "../../../generators/plan/secrets.js";
import { isUnmerged } from "../../../generators/secrets/disk/whole.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { readPlainFile } from "../../../generators/tree/files.js";
import type { FolderGuard } from "../../../generators/tree/paths.js";
import type { Secrets } from "../session.js";

/** To how many recipients a file is encrypted, which everybody can see; to whom, its readers alone. */

const ARMOR = /-----BEGIN AGE ENCRYPTED FILE-----\r?\n([\s\S]*?)-----END/;
/** rage adds stanzas that are for nobody. */
const GREASE = "-grease";

/** How many recipients a file has, and how many it should have; null where they agree, or where it cannot be told. */
export function countRecipients(
  { fleet, lock }: Secrets,
  guard: FolderGuard,
  spec: SecretSpec,
): { readonly found: number; readonly wanted: number } | null {
  const readers = readersOf(lock, spec);
  const admins = madeFor(lock, spec);
  if (admins === null || readers === null || idOf(lock, spec) === null) return null;
  const data = readPlainFile(guard, secretFile(fleet.environment, spec.name));
  const found = data === undefined ? null : countStanzas(data);
  if (found === null) return null;
  const wanted = readers.length + countPrints(admins);
  return found === wanted ? null : { found, wanted };
}

/** @returns null where it is no age file, which others tell */
function countStanzas(data: Buffer): number | null {
  const text = data.toString("latin1");
  if (isUnmerged(text)) return null;
  const body = ARMOR.exec(text)?.[1];
  const header = body === undefined ? text : Buffer.from(body, "base64").toString("latin1");
  const end = header.indexOf("\n---");
  if (!header.startsWith("age-encryption.org/v1\n") || end < 0) return null;
  const stanzas = header.slice(0, end).match(/^-> \S+/gm) ?? [];
  return stanzas.filter((stanza) => !stanza.endsWith(GREASE)).length;
}
