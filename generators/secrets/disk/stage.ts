/** The steps of `generate` that touch secrets on disk, beside staging new ones. */
import { secretFile } from "../../model/secrets.js";
import type { Stage } from "../../tree/apply.js";
import { removeEmptyFolder, removeFile, renameTemps } from "../../tree/files.js";
import { FolderGuard, folderOf } from "../../tree/paths.js";
import type { SecretState } from "./inspect.js";

/** Finishes or drops what a killed run left behind. Does nothing where there is nothing. */
export function settleSecrets(root: string, { finish, discard }: Pick<SecretState, "finish" | "discard">): void {
  if (finish.length === 0 && discard.length === 0) return;
  const guard = new FolderGuard(root);
  renameTemps(guard, finish);
  for (const path of discard) removeFile(guard, path);
  for (const folder of new Set(discard.map(folderOf))) removeEmptyFolder(guard, folder);
}

/**
 * Removes files of secrets whose lock entries go in the same run. Commit it before the lock, so that a killed run does it again.
 * @param names of the secrets; those without a file are passed over
 */
export async function stageRemoval(root: string, environment: string | null, names: readonly string[]): Promise<Stage> {
  const commit = async (): Promise<void> => {
    const guard = new FolderGuard(root);
    const files = names.map((name) => secretFile(environment, name)).filter((file) => guard.exists(folderOf(file)));
    for (const file of files) removeFile(guard, file);
    for (const folder of new Set(files.map(folderOf))) removeEmptyFolder(guard, folder);
  };
  return { commit, discard: () => {} };
}
