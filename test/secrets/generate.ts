/** The part of `generate` that is about secrets, in the order of `stagesOf`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stagesOf } from "../../cli/generate/stages.js";
import type { Fleet } from "../../generators/model/fleet.js";
import { EMPTY_LOCK, type Lock } from "../../generators/model/lock.js";
import { inspectSecrets, type SecretState } from "../../generators/secrets/disk/inspect.js";
import { settleSecrets } from "../../generators/secrets/disk/stage.js";
import { type MadeSecrets, makeSecrets, planSecretWork } from "../../generators/secrets/make/work.js";
import { commitStages } from "../../generators/tree/apply.js";
import { planOf } from "./fleet.js";

/** Reads the lock of a test's folder. */
export function readLock(root: string, fleet: Fleet): Lock {
  try {
    return JSON.parse(readFileSync(join(root, fleet.lockFile), "utf8"));
  } catch {
    return EMPTY_LOCK;
  }
}

/** What is on disk, against the lock that is there. */
export function inspect(root: string, fleet: Fleet, lock: Lock = readLock(root, fleet)): SecretState {
  return inspectSecrets(root, fleet, planOf(fleet, lock).secrets, lock);
}

/** Makes what is missing, in memory. */
export async function makeMissing(fleet: Fleet, before: Lock = EMPTY_LOCK): Promise<MadeSecrets> {
  const plan = planOf(fleet, before);
  return makeSecrets(fleet, planSecretWork(fleet, plan.secrets, before, plan.lock));
}

/** Makes what is missing, and removes what is gone. */
export async function generateSecrets(root: string, fleet: Fleet): Promise<Lock> {
  const before = readLock(root, fleet);
  const plan = planOf(fleet, before);
  const state = inspectSecrets(root, fleet, plan.secrets, before);
  settleSecrets(root, state);
  const work = planSecretWork(fleet, plan.secrets, before, plan.lock, state.lost);
  const { lock, files } = await makeSecrets(fleet, work);
  const { environment, lockFile } = fleet;
  await commitStages(stagesOf(root, { environment, lockFile, lock, removed: work.removed, files }));
  return lock;
}
