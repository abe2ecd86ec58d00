/** The part of `generate` that is about secrets, in the order of `stagesOf`. */
import { stagesOf } from "../../../cli/generate/stages.js";
import { loadLock } from "../../../generators/load/lock/load.js";
import type { Fleet } from "../../../generators/model/fleet.js";
import { EMPTY_LOCK, type Lock } from "../../../generators/model/lock.js";
import { adminsOf } from "../../../generators/model/made-for.js";
import { secretFile } from "../../../generators/model/secrets.js";
import { withDigests } from "../../../generators/secrets/digest.js";
import { inspectSecrets, type SecretState } from "../../../generators/secrets/disk/inspect.js";
import { diffLock, stageLock } from "../../../generators/secrets/disk/lock-files.js";
import { settleSecrets } from "../../../generators/secrets/disk/stage.js";
import { idOf, withSecrets } from "../../../generators/secrets/lock-entries.js";
import { type MadeSecrets, makeSecrets, planSecretWork } from "../../../generators/secrets/make/work.js";
import { type SealedFile, sealSecret, stageSecrets } from "../../../generators/secrets/sealed.js";
import { commitStages } from "../../../generators/tree/apply.js";
import { readLock as readFiles } from "../../support/locks.js";
import { planOf } from "./fleet.js";
import { openFile } from "./open.js";

/** Reads the lock of a test's folder, as it counts where a run was killed. */
export async function readLock(root: string, fleet: Fleet): Promise<Lock> {
  const { lock, problems } = await loadLock(root, fleet.lockFile);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return lock;
}

/** What is on disk, against the lock that is there. */
export function inspect(root: string, fleet: Fleet, lock: Lock = readFiles(root, fleet.lockFile)): SecretState {
  return inspectSecrets(root, fleet, planOf(fleet, lock).secrets, lock);
}

/** Makes what is missing, in memory. */
export async function makeMissing(fleet: Fleet, before: Lock = EMPTY_LOCK): Promise<MadeSecrets> {
  const plan = planOf(fleet, before);
  return makeSecrets(fleet, planSecretWork(fleet, plan.secrets, before, plan.lock));
}

/** Makes what is missing, and removes what is gone. */
export async function generateSecrets(root: string, fleet: Fleet): Promise<Lock> {
  const before = await readLock(root, fleet);
  const plan = planOf(fleet, before);
  const state = inspectSecrets(root, fleet, plan.secrets, before);
  settleSecrets(root, state);
  const work = planSecretWork(fleet, plan.secrets, before, plan.lock, state.lost);
  const { lock, files } = await makeSecrets(fleet, work);
  const { environment, lockFile } = fleet;
  const lockChanges = diffLock(root, lockFile, lock);
  await commitStages(stagesOf(root, { environment, lockFile, lockChanges, removed: work.removed, files }));
  return lock;
}

/** Encrypts all files to those who are to read them now, as `secrets rekey --all` does. */
export async function rekeyAll(root: string, fleet: Fleet, identity: string): Promise<void> {
  const before = await readLock(root, fleet);
  const specs = [...planOf(fleet, before).secrets.values()];
  const entries = specs.map((spec) => ({ spec, entry: { id: idOf(before, spec) ?? "", readers: spec.readers } }));
  const lock = { ...withSecrets(before, entries), admins: adminsOf(fleet) };
  const files: SealedFile[] = [];
  for (const spec of specs) {
    files.push(await sealSecret(fleet, lock, spec, await openFile(root, secretFile(null, spec.name), identity)));
  }
  const after = withDigests(lock, files);
  await commitStages([() => stageLock(root, fleet.lockFile, after), () => stageSecrets(root, files)]);
}
