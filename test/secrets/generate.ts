/** The part of `generate` that makes keys, in the order that `key-files.ts` describes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../../generators/model/fleet.js";
import { EMPTY_LOCK, type Lock } from "../../generators/model/lock.js";
import { inspectSecrets, removeHostSecrets, settleSecrets, stageSecrets } from "../../generators/secrets/key-files.js";
import { makeKeys, planKeys } from "../../generators/secrets/keys.js";
import { stageLock } from "../../generators/secrets/lock-file.js";
import { commitStages } from "../../generators/tree/apply.js";
import { planLock } from "./fleet.js";

/** Reads the lock of a test's folder. */
export function readLock(root: string, fleet: Fleet): Lock {
  try {
    return JSON.parse(readFileSync(join(root, fleet.lockFile), "utf8"));
  } catch {
    return EMPTY_LOCK;
  }
}

/** Makes what is missing. */
export async function generateKeys(root: string, fleet: Fleet): Promise<Lock> {
  const before = readLock(root, fleet);
  const state = inspectSecrets(root, fleet, before);
  settleSecrets(root, state);
  const planned = planLock([...fleet.hosts.keys()], before);
  const { lock, files } = await makeKeys(fleet, planned, planKeys(fleet, planned));
  await commitStages([
    () => removeHostSecrets(root, state.orphans, before, lock),
    () => stageLock(root, fleet.lockFile, lock),
    () => stageSecrets(root, files),
  ]);
  return lock;
}
