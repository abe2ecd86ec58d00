/** Whether a file can be what age wrote, told without any key: by how it begins and ends. */
import { readPlainFile, readStart } from "../../tree/files.js";
import type { FolderGuard } from "../../tree/paths.js";

/** age's own format, and the armor around it. */
const BINARY = "age-encryption.org/v1\n";
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END = /-----END AGE ENCRYPTED FILE-----\s*$/;
const CONFLICT = /^(<{7}|={7}|>{7})/m;
/** More than any secret that meshflake makes, with a dozen readers: one read tells all. */
const AT_ONCE = 4096;

/** What is wrong with an encrypted file, to follow its name in a sentence; null where nothing is. */
export function findDamage(guard: FolderGuard, path: string): string | null {
  const start = readStart(guard, path, AT_ONCE);
  const text = start.length < AT_ONCE ? start : (readPlainFile(guard, path)?.toString("latin1") ?? "");
  if (text === "") return "is empty";
  if (text.startsWith(BINARY)) return null;
  if (!text.startsWith(ARMOR)) return "is not encrypted with age";
  if (CONFLICT.test(text)) return "has git's conflict markers";
  return ARMOR_END.test(text) ? null : "is cut off: its last line is missing";
}
