/**
 * Brings changes to disk so that a run which is killed at any moment loses nothing, and the next run finishes the job:
 *
 * 1. the journal (what is about to be written), then every file under a temporary name, synced;
 * 2. renames, deletes, empty folders;
 * 3. the manifest, and the journal goes.
 *
 * Several groups of files (secrets, the lock, modules) are staged first and then committed in their order.
 */
import { hasConflict } from "../load/merge/conflict.js";
import { UserError } from "../model/problem.js";
import { type Change, journalPath, readManifest, type TreeOptions } from "./diff.js";
import {
  discardTemps,
  type FileWrite,
  listFolder,
  removeEmptyFolder,
  removeFile,
  renameTemps,
  TEMP_PREFIX,
  writeFileAtomic,
  writeTemps,
} from "./files.js";
import { formatManifest, hashFile, type Manifest, parseManifest } from "./manifest.js";
import { FolderGuard, findPathFault, folderOf } from "./paths.js";

/** How many diffs of edited files an error shows; the rest is only named. */
const DIFFS_SHOWN = 3;

/** Files that are on disk under temporary names: nothing has changed yet. */
export interface Stage {
  /** Makes them visible. */
  commit(): Promise<void>;
  /** Takes everything back. */
  discard(): void;
}

export interface ApplyOptions extends TreeOptions {
  /** Overwrites files that a person edited. @default false */
  readonly force?: boolean;
}

/**
 * Applies what `diffTree` found. Call it with no changes too: it removes what a killed run left behind.
 * @throws UserError where there are conflicts and `force` is not set; nothing is written then
 */
export async function applyChanges(root: string, changes: readonly Change[], options: ApplyOptions): Promise<void> {
  await commitStages([() => stageChanges(root, changes, options)]);
}

/**
 * Stages every group, in order; only when all are on disk are they committed, in the same order. Where staging fails
 * (a full disk, a conflict), nothing has changed.
 */
export async function commitStages(groups: readonly (() => Promise<Stage>)[]): Promise<void> {
  const stages: Stage[] = [];
  try {
    for (const group of groups) stages.push(await group());
  } catch (error) {
    for (const stage of stages.reverse()) stage.discard();
    throw error;
  }
  for (const stage of stages) await stage.commit();
}

/** Stages the changes of a generated tree. @throws UserError where there are conflicts and `force` is not set */
export async function stageChanges(root: string, changes: readonly Change[], options: ApplyOptions): Promise<Stage> {
  if (options.force !== true) await refuseConflicts(changes);
  checkChanges(changes, options);
  const guard = new FolderGuard(root);
  const left = cleanLeftovers(guard, changes, options);
  if (changes.length === 0) {
    return { commit: async () => removeFile(guard, journalPath(options.manifestPath)), discard: () => {} };
  }
  await writeJournal(guard, changes, left, options);
  const temps = await writeTemps(guard, toWrites(changes));
  return {
    commit: async () => commitChanges(guard, changes, temps.files, left, options),
    discard: () => {
      discardTemps(guard, temps);
      if (left.size === 0) removeFile(guard, journalPath(options.manifestPath));
    },
  };
}

async function refuseConflicts(changes: readonly Change[]): Promise<void> {
  const conflicts = changes.filter((change) => change.kind === "conflict");
  if (conflicts.length === 0) return;
  const { unifiedDiff } = await import("./unified.js");
  const shown = conflicts.slice(0, DIFFS_SHOWN).map((change) => unifiedDiff(change, { color: false }));
  const rest = conflicts.slice(DIFFS_SHOWN).map((change) => `${change.path}\n`);
  const files = conflicts.length === 1 ? "1 generated file was" : `${conflicts.length} generated files were`;
  throw new UserError(
    `${files} edited by hand, and nothing was written:\n\n${[...shown, ...rest].join("\n")}`,
    conflicts.every(({ before }) => before !== undefined && hasConflict(before))
      ? "git left its conflict markers there: use --force to generate them anew"
      : "move the edit into the host file (nixos, imports), or use --force to lose it",
    1,
  );
}

function checkChanges(changes: readonly Change[], options: TreeOptions): void {
  for (const change of changes) {
    const fault = change.manifest ? undefined : findPathFault(change.path, options.generatedRoots);
    if (fault !== undefined) throw new Error(`change of ${change.path}: ${fault}`);
  }
}

function toWrites(changes: readonly Change[]): FileWrite[] {
  return changes.flatMap(({ path, after }) => (after === undefined ? [] : [{ path, data: after }]));
}

/** Removes temporary files of a killed run: it may have left some in every folder of its journal. @returns its files */
function cleanLeftovers(guard: FolderGuard, changes: readonly Change[], options: TreeOptions): Manifest {
  const files = readManifest(guard, journalPath(options.manifestPath), options);
  const folders = new Set([folderOf(options.manifestPath), ...[...files.keys()].map(folderOf)]);
  for (const folder of folders) {
    for (const name of listFolder(guard, folder)) {
      if (name.startsWith(TEMP_PREFIX)) removeFile(guard, `${folder}/${name}`);
    }
  }
  const needed = new Set(changes.flatMap((change) => (change.after === undefined ? [] : [folderOf(change.path)])));
  for (const folder of folders) if (!needed.has(folder)) removeEmptyFolders(guard, folder, options);
  return files;
}

/**
 * Says what is about to be written, so that a file which a killed run wrote is known to be generated. What earlier killed
 * runs said is kept: their files may still be there.
 */
async function writeJournal(
  guard: FolderGuard,
  changes: readonly Change[],
  left: Manifest,
  options: TreeOptions,
): Promise<void> {
  const lines: [string, string][] = [];
  for (const [path, hashes] of left) for (const hash of hashes) lines.push([path, hash]);
  for (const { path, after, manifest } of changes) {
    if (after !== undefined && !manifest) lines.push([path, hashFile(after)]);
  }
  if (lines.length === 0) return;
  await writeFileAtomic(guard, { path: journalPath(options.manifestPath), data: formatManifest(lines) });
}

function commitChanges(
  guard: FolderGuard,
  changes: readonly Change[],
  temps: readonly { readonly path: string; readonly temp: string }[],
  left: Manifest,
  options: TreeOptions,
): void {
  renameTemps(
    guard,
    temps.filter((temp) => temp.path !== options.manifestPath),
  );
  for (const change of changes) if (change.after === undefined) removeFile(guard, change.path);
  const folders = new Set([...goneFiles(changes), ...left.keys()].map(folderOf));
  for (const folder of folders) removeEmptyFolders(guard, folder, options);
  renameTemps(
    guard,
    temps.filter((temp) => temp.path === options.manifestPath),
  );
  removeFile(guard, journalPath(options.manifestPath));
}

/** Files that the manifest drops; a killed run may have deleted some of them, but not their folders. */
function goneFiles(changes: readonly Change[]): string[] {
  const gone = changes.filter((change) => change.after === undefined).map((change) => change.path);
  const manifest = changes.find((change) => change.manifest);
  if (manifest?.before === undefined || manifest.after === undefined) return gone;
  const after = parseManifest(manifest.after, manifest.path);
  for (const path of parseManifest(manifest.before, manifest.path).keys()) if (!after.has(path)) gone.push(path);
  return gone;
}

function removeEmptyFolders(guard: FolderGuard, folder: string, options: TreeOptions): void {
  for (let at = folder; !options.generatedRoots.includes(at) && at !== ""; at = folderOf(at)) {
    if (!removeEmptyFolder(guard, at)) return;
  }
}
