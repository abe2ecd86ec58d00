/**
 * Hosts' own secrets on disk. New ones are staged under names that carry a hash of their public half; the lock is the commit
 * point; then they get their names. So a run that is killed leaves either staged files whose public half is in the lock
 * (the next run finishes them) or ones whose public half is nowhere (the next run drops them): no key is lost or doubled.
 *
 * `generate` does, in this order: `inspectSecrets` and `settleSecrets`; plan; `planKeys` and `makeKeys`; plan with the new
 * lock; then `commitStages([removeHostSecrets, stageLock, stageSecrets, stageChanges])`.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import type { Problem } from "../model/problem.js";
import { ENVIRONMENTS, secretsFolder } from "../model/secrets.js";
import type { Stage } from "../tree/apply.js";
import {
  discardTemps,
  listFolder,
  readStart,
  removeEmptyFolder,
  removeFile,
  renameTemps,
  TEMP_PREFIX,
  type TempFile,
  writeTemps,
} from "../tree/files.js";
import { compareText, FolderGuard, folderOf } from "../tree/paths.js";
import type { SecretFile } from "./keys.js";
import { KEY_FILES, KEY_KINDS, keyFile } from "./kinds.js";
import { stagedName } from "./staged.js";

/** A host's own secrets, of a host that the fleet does not have. */
export interface OrphanSecrets {
  readonly host: string;
  /** Only files that meshflake makes. */
  readonly files: readonly string[];
}

/** What is on disk, against the lock. */
export interface SecretState {
  /** Staged files whose public half the lock has. */
  readonly finish: readonly TempFile[];
  /** Staged files whose public half it does not have, and locks that were never put in place. */
  readonly discard: readonly string[];
  /** `secret-missing` and `secret-broken`: the lock has a public half, and there is no file, or one that is not age's. */
  readonly problems: readonly Problem[];
  /** Sorted by host. */
  readonly orphans: readonly OrphanSecrets[];
}

/** Compares the secrets on disk with the lock; writes nothing. @param lock as it is on disk */
export function inspectSecrets(root: string, fleet: Fleet, lock: Lock): SecretState {
  const guard = new FolderGuard(root);
  const state = {
    finish: [] as TempFile[],
    discard: [] as string[],
    problems: [] as Problem[],
    orphans: [] as OrphanSecrets[],
  };
  const base = secretsFolder(fleet.environment);
  const folders = listHosts(guard, base, fleet.environment);
  for (const host of new Set([...folders, ...Object.keys(lock.hosts)])) {
    const names = folders.has(host) ? listFolder(guard, `${base}/${host}`) : [];
    const finished = inspectStaged(`${base}/${host}`, host, names, lock, state);
    if (fleet.hosts.has(host)) {
      findMissing(fleet, host, new Set([...names, ...finished]), lock, state.problems);
      findBroken(guard, fleet, host, names, lock, state.problems);
    } else pushOrphan(`${base}/${host}`, host, names, state.orphans);
  }
  state.discard.push(...listLeftLocks(guard, folderOf(fleet.lockFile)));
  state.orphans.sort((a, b) => compareText(a.host, b.host));
  return state;
}

/** Finishes or drops what a killed run left behind. Does nothing where there is nothing. */
export function settleSecrets(root: string, state: SecretState): void {
  if (state.finish.length === 0 && state.discard.length === 0) return;
  const guard = new FolderGuard(root);
  renameTemps(guard, state.finish);
  for (const path of state.discard) removeFile(guard, path);
  for (const folder of new Set(state.discard.map(folderOf))) removeEmptyFolder(guard, folder);
}

function listLeftLocks(guard: FolderGuard, folder: string): string[] {
  const names = listFolder(guard, folder).filter((name) => name.startsWith(TEMP_PREFIX));
  return names.map((name) => `${folder}/${name}`);
}

/** Stages new secrets, readable by their owner alone; commit it after the lock. */
export async function stageSecrets(root: string, files: readonly SecretFile[]): Promise<Stage> {
  const guard = new FolderGuard(root);
  const writes = files.map(({ path, kind, publicHalf, text }) => ({
    path,
    data: text,
    mode: 0o600,
    temp: stagedName(kind, publicHalf),
  }));
  const temps = await writeTemps(guard, writes);
  return { commit: async () => renameTemps(guard, temps.files), discard: () => discardTemps(guard, temps) };
}

/**
 * Removes the secrets of hosts whose lock entry goes in the same run; other orphans stay. Commit it before the lock, so that
 * a killed run does it again.
 */
export async function removeHostSecrets(
  root: string,
  orphans: readonly OrphanSecrets[],
  before: Lock,
  after: Lock,
): Promise<Stage> {
  const gone = orphans.filter(({ host }) => Object.hasOwn(before.hosts, host) && !Object.hasOwn(after.hosts, host));
  const commit = async (): Promise<void> => {
    const guard = new FolderGuard(root);
    for (const { files } of gone) {
      for (const file of files) removeFile(guard, file);
      for (const folder of new Set(files.map(folderOf))) removeEmptyFolder(guard, folder);
    }
  };
  return { commit, discard: () => {} };
}

function listHosts(guard: FolderGuard, base: string, environment: string | null): ReadonlySet<string> {
  if (!guard.exists(base) || !existsSync(join(guard.root, base))) return new Set();
  const entries = readdirSync(join(guard.root, base), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return new Set(names.filter((name) => environment !== null || name !== ENVIRONMENTS));
}

/** @returns the names that staged files will have */
function inspectStaged(
  folder: string,
  host: string,
  names: readonly string[],
  lock: Lock,
  state: { readonly finish: TempFile[]; readonly discard: string[] },
): readonly string[] {
  const finished: string[] = [];
  for (const name of names) {
    if (!name.startsWith(TEMP_PREFIX)) continue;
    const kind = KEY_KINDS.find((candidate) => {
      const publicHalf = lock.hosts[host]?.[candidate];
      return publicHalf !== undefined && name === stagedName(candidate, publicHalf);
    });
    if (kind === undefined) state.discard.push(`${folder}/${name}`);
    else {
      state.finish.push({ path: `${folder}/${KEY_FILES[kind]}`, temp: `${folder}/${name}` });
      finished.push(KEY_FILES[kind]);
    }
  }
  return finished;
}

function findMissing(fleet: Fleet, host: string, names: ReadonlySet<string>, lock: Lock, problems: Problem[]): void {
  for (const kind of KEY_KINDS) {
    if (lock.hosts[host]?.[kind] === undefined || names.has(KEY_FILES[kind])) continue;
    problems.push({
      code: "secret-missing",
      severity: "error",
      origins: [{ file: fleet.lockFile, path: ["hosts", host, kind] }],
      message: `the lock has the public half of ${host}'s ${kind === "age" ? "age identity" : "WireGuard key"}, but ${keyFile(fleet.environment, host, kind)} does not exist`,
      hint: `restore the file from git; or remove hosts.${host}.${kind} from the lock to make a new key`,
    });
  }
}

/** How an encrypted file begins: age's own format, or the armor around it. */
const AGE_HEADERS = ["age-encryption.org/v1\n", "-----BEGIN AGE ENCRYPTED FILE-----"];
const HEADER_BYTES = Math.max(...AGE_HEADERS.map((header) => header.length));

/** Finds secrets that were emptied or replaced, e.g. by an editor or a checkout; agenix would fail on the host alone. */
function findBroken(
  guard: FolderGuard,
  fleet: Fleet,
  host: string,
  names: readonly string[],
  lock: Lock,
  problems: Problem[],
): void {
  for (const kind of KEY_KINDS) {
    if (lock.hosts[host]?.[kind] === undefined || !names.includes(KEY_FILES[kind])) continue;
    const file = keyFile(fleet.environment, host, kind);
    const start = readStart(guard, file, HEADER_BYTES);
    if (AGE_HEADERS.some((header) => start.startsWith(header))) continue;
    problems.push({
      code: "secret-broken",
      severity: "error",
      origins: [{ file: fleet.lockFile, path: ["hosts", host, kind] }],
      message: `${file} is ${start === "" ? "empty" : "not encrypted with age"}`,
      hint: `restore the file from git; or remove hosts.${host}.${kind} from the lock to make a new key`,
    });
  }
}

function pushOrphan(folder: string, host: string, names: readonly string[], orphans: OrphanSecrets[]): void {
  const own = names.filter((name) => KEY_KINDS.some((kind) => KEY_FILES[kind] === name));
  if (own.length > 0) orphans.push({ host, files: own.map((name) => `${folder}/${name}`) });
}
