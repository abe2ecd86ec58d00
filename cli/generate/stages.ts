import { stageLockChanges } from "../../generators/secrets/disk/lock-files.js";
import { stageRemoval } from "../../generators/secrets/disk/stage.js";
import { type SealedFile, stageSecrets } from "../../generators/secrets/sealed.js";
import type { Stage } from "../../generators/tree/apply.js";
import type { Change } from "../../generators/tree/diff.js";

/** What one run of `generate` writes about secrets. */
export interface SecretWrites {
  readonly environment: string | null;
  readonly lockFile: string;
  readonly lockChanges: readonly Change[];
  /** Names of secrets that are gone. */
  readonly removed: readonly string[];
  readonly files: readonly SealedFile[];
}

/**
 * Secrets that are gone, then the lock, then secrets, then modules: killed in between, the next run finishes the job.
 * @param modules stages the generated tree
 * @returns stages for `commitStages`, in their order
 */
export function stagesOf(
  root: string,
  { environment, lockFile, lockChanges, removed, files }: SecretWrites,
  ...modules: readonly (() => Promise<Stage>)[]
): (() => Promise<Stage>)[] {
  return [
    () => stageRemoval(root, environment, removed),
    () => stageLockChanges(root, lockFile, lockChanges),
    () => stageSecrets(root, files),
    ...modules,
  ];
}
