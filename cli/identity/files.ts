import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { readPlainFile, writeFileAtomic } from "../../generators/tree/files.js";
import { FolderGuard } from "../../generators/tree/paths.js";
import { parseIdentities } from "./keys.js";
import { packTar } from "./tar.js";

/** The identity as it lies on a machine: what agenix reads, and nobody else. */

const FOLDER = "etc/meshflake";
export const IDENTITY_FILE = `${FOLDER}/identity`;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** An archive for a machine's root. `/etc` itself is not in it, so that unpacking changes nothing of it. */
export function packIdentity(identity: string): Buffer {
  return packTar([
    { path: FOLDER, mode: FOLDER_MODE },
    { path: IDENTITY_FILE, mode: FILE_MODE, data: Buffer.from(identity) },
  ]);
}

/**
 * Writes the identity below a folder that stands for a machine's root.
 * @param folder absolute
 * @returns whether it was written: false where the same identity is there already
 * @throws UserError where there is no such folder, or another identity is there, unless it is an older one of the same host
 */
export async function placeIdentity(folder: string, identity: string): Promise<boolean> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const hint = "is the machine's disk mounted there? Make the folder first, if a new one is meant";
    throw new UserError(`${folder} is no folder`, hint, 1);
  }
  const guard = new FolderGuard(folder);
  const present = readPlainFile(guard, IDENTITY_FILE)?.toString();
  const known = parseIdentities(identity);
  const older = present !== undefined && parseIdentities(present).every((key) => known.includes(key));
  if (present !== undefined && !older) {
    throw new UserError(
      `${join(folder, IDENTITY_FILE)} is another identity`,
      "is that the right folder? Move the file away, if it is",
      1,
    );
  }
  // Others' folders keep their mode.
  const etc = join(folder, "etc");
  if (!existsSync(etc)) {
    mkdirSync(etc);
    chmodSync(etc, 0o755);
  }
  mkdirSync(join(folder, FOLDER), { mode: FOLDER_MODE, recursive: true });
  chmodSync(join(folder, FOLDER), FOLDER_MODE);
  if (present === identity) {
    chmodSync(join(folder, IDENTITY_FILE), FILE_MODE);
    return false;
  }
  await writeFileAtomic(new FolderGuard(folder), { path: IDENTITY_FILE, data: identity, mode: FILE_MODE });
  return true;
}
