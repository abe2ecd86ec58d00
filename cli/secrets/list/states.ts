import { adminGapOfFile } from "../../../generators/model/made-for.js";
import { lockedSecretOf, type SecretSpec, secretFile } from "../../../generators/model/secrets.js";
import { digestOf } from "../../../generators/secrets/digest.js";
import { findDamage, OTHER } from "../../../generators/secrets/disk/whole.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { readPlainFile } from "../../../generators/tree/files.js";
import type { FolderGuard } from "../../../generators/tree/paths.js";
import { gapOf, isGap } from "../readers.js";
import type { Secrets } from "../session.js";

/** What is left to do about a secret, from what matters most: */
export const STATES = {
  missing: "the lock has it, and its file is not there",
  broken: "its file is damaged",
  other: "its file is not the one that its entry in the lock was written for",
  unmade: "`meshflake generate` makes it",
  unset: "a secret of your own without a value",
  rotate: "somebody knows it who must not",
  rotating: "the old value is still valid",
  rekey: "its file is not encrypted to those who are to read it",
} as const;

export type SecretStateName = keyof typeof STATES;

/** The states of a secret; none where all is well. */
export function statesOf(secrets: Secrets, guard: FolderGuard, spec: SecretSpec): readonly SecretStateName[] {
  const { fleet, lock } = secrets;
  if (idOf(lock, spec) === null) return [spec.kind === "own" ? "unset" : "unmade"];
  const path = secretFile(fleet.environment, spec.name);
  const states: SecretStateName[] = [];
  if (readPlainFile(guard, path) === undefined) states.push("missing");
  else {
    const damage = findDamage(guard, path, digestOf(lock, spec));
    if (damage !== null) states.push(damage === OTHER ? "other" : "broken");
  }
  if (lock.rotate?.[spec.name] !== undefined) states.push("rotate");
  if (lockedSecretOf(lock, spec)?.retiring !== undefined) states.push("rotating");
  if (isGap(gapOf(lock, spec)) || isGap(adminGapOfFile(fleet, lock, spec))) states.push("rekey");
  return states;
}
