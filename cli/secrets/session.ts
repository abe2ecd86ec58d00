import type { Fleet } from "../../generators/model/fleet.js";
import type { Lock } from "../../generators/model/lock.js";
import { adminsOf, madeFor } from "../../generators/model/made-for.js";
import { FleetError, type Problem, UserError } from "../../generators/model/problem.js";
import { isPair, type SecretSpec, secretFile } from "../../generators/model/secrets.js";
import { readersOf } from "../../generators/plan/secrets.js";
import type { Decryptor } from "../../generators/secrets/decrypt/decrypt.js";
import { publicHalfOf } from "../../generators/secrets/decrypt/public-half.js";
import { digestOf, withDigests } from "../../generators/secrets/digest.js";
import { describeOther } from "../../generators/secrets/disk/describe.js";
import { inspectSecrets, type SecretState } from "../../generators/secrets/disk/inspect.js";
import { stageLock } from "../../generators/secrets/disk/lock-files.js";
import { findCheckouts } from "../../generators/secrets/disk/side.js";
import { settleSecrets } from "../../generators/secrets/disk/stage.js";
import { damageOf, OTHER } from "../../generators/secrets/disk/whole.js";
import { idOf } from "../../generators/secrets/lock-entries.js";
import { type SealedFile, stageSecrets } from "../../generators/secrets/sealed.js";
import { whileAlone } from "../../generators/tree/alone.js";
import { commitStages } from "../../generators/tree/apply.js";
import { readPlainFile } from "../../generators/tree/files.js";
import { FolderGuard } from "../../generators/tree/paths.js";
import type { Context } from "../context.js";
import { removeLeftFolders } from "../private-folder/private-folder.js";
import { compileTargets, type Target } from "../targets/targets.js";
import { joinNames } from "../terminal/words.js";
import { requireMerged } from "./unmerged.js";

/** What every command about secrets works on. */
export interface Secrets {
  readonly root: string;
  readonly fleet: Fleet;
  readonly target: Target;
  /** As it is on disk. */
  readonly lock: Lock;
  readonly lockFile: string;
  /** Every secret that the fleet wants, by name. */
  readonly specs: ReadonlyMap<string, SecretSpec>;
  /** The files, against the lock. */
  readonly state: SecretState;
  /** Warnings about the fleet. */
  readonly problems: readonly Problem[];
}

/** What a command leaves: a lock, and the files that change with it. */
export interface SecretChange {
  readonly lock: Lock;
  readonly files: readonly SealedFile[];
}

/** Warnings about what these commands are for: `audit` lists it, and the others end it. */
const OWN_BUSINESS = new Set(["lock-gone", "secret-exposed", "secret-unread", "secret-unset"]);

/** Loads and plans the fleet, or the environment that `--env` names. @throws FleetError where it has an error */
export async function openSecrets(context: Context): Promise<Secrets> {
  removeLeftFolders();
  const { targets, problems } = await compileTargets(context, false, OWN_BUSINESS);
  const [target] = targets;
  if (target === undefined) throw new FleetError(problems);
  const root = context.root();
  const { lock, lockFile } = target;
  const { fleet, secrets: specs } = target.plan;
  return { root, fleet, target, lock, lockFile, specs, state: inspectSecrets(root, fleet, specs, lock), problems };
}

/**
 * Changes secrets while no other run writes: what a killed run left is settled first; then the lock is the commit point.
 * @param work makes the change in memory; what it returns beside it is handed on
 */
export function changeSecrets<Change extends SecretChange>(
  context: Context,
  work: (secrets: Secrets) => Promise<Change>,
): Promise<{ readonly secrets: Secrets; readonly change: Change }> {
  const root = context.root();
  return whileAlone(root, async () => {
    const secrets = await openSecrets(context);
    settleSecrets(root, secrets.state);
    const made = await work(secrets);
    const change = { ...made, lock: withDigests(made.lock, made.files) };
    context.progress.clear();
    if (change.lock !== secrets.lock || change.files.length > 0) {
      await commitStages([
        () => stageLock(root, secrets.lockFile, change.lock),
        () => stageSecrets(root, change.files),
      ]);
    }
    return { secrets, change };
  });
}

/**
 * Decrypts a secret's file.
 * @throws UserError where it has no value, no identity decrypts it, it is not the file that the lock's entry was written for, or it is
 * half of another pair than the lock says
 */
export async function decryptSecret(secrets: Secrets, spec: SecretSpec, decryptor: Decryptor): Promise<Buffer> {
  const { root, fleet, lock } = secrets;
  const path = secretFile(fleet.environment, spec.name);
  const data = readPlainFile(new FolderGuard(root), path);
  if (data === undefined || idOf(lock, spec) === null) throw hasNoValue(secrets, spec, data !== undefined);
  requireMerged(secrets, spec, data);
  const digest = digestOf(lock, spec);
  if (damageOf(data, digest) === OTHER) {
    const checkout = findCheckouts(root, [{ path, digest }]).get(path) ?? null;
    const { message, hint } = describeOther(fleet, spec, checkout);
    throw new UserError(message, hint, 1);
  }
  const value = await decryptor.decrypt(path, data, describeReadable(secrets, spec));
  if (isPair(spec.kind) && (await publicHalfOf(spec.kind, value.toString("latin1"))) !== idOf(lock, spec)) {
    throw new UserError(
      `${path} does not hold the secret half of what the lock has for ${spec.name}: ${spec.of} could do nothing with it`,
      "restore the file and the lock from git, both of the same commit",
      1,
    );
  }
  return value;
}

function hasNoValue({ fleet }: Secrets, { kind, name }: SecretSpec, file: boolean): UserError {
  if (file)
    return new UserError(
      `${secretFile(fleet.environment, name)} has no entry in the lock`,
      "restore the lock from git",
      1,
    );
  const hint =
    kind === "own"
      ? `give it one: meshflake secrets set ${name}`
      : "meshflake generate makes it, where the lock does not have it; otherwise restore the file from git";
  return new UserError(`${name} has no value yet`, hint, 1);
}

/** Who can read a secret's file: `admins maria and nico, host cosmo`. */
export function describeReadable({ fleet, lock }: Secrets, spec: SecretSpec): string {
  const admins = Object.keys(madeFor(lock, spec) ?? adminsOf(fleet)).sort();
  const hosts = [...(readersOf(lock, spec) ?? [])].sort();
  const parts = [[admins, "admin"] as const, [hosts, "host"] as const].filter(([names]) => names.length > 0);
  return parts.map(([names, word]) => `${word}${names.length > 1 ? "s" : ""} ${joinNames(names)}`).join(", ");
}
