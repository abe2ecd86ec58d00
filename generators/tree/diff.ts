/**
 * Compares rendered files with a generated tree on disk, without writing anything. Every command that shows or applies
 * changes starts here.
 */
import { hasConflict } from "../load/merge/conflict.js";
import { UserError } from "../model/problem.js";
import type { RenderedFile } from "../render/types.js";
import { readPlainFile } from "./files.js";
import { formatManifest, hashFile, joinManifests, type Manifest, parseManifest } from "./manifest.js";
import { compareText, FolderGuard, findPathFault, folderOf } from "./paths.js";

/** One file that differs from what is on disk. */
export interface Change {
  /**
   * `conflict`: a person edited the file, or made one where a new file belongs; it is only overwritten (or deleted, where
   * there is no `after`) by force.
   */
  readonly kind: "create" | "update" | "delete" | "conflict";
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** What is on disk. */
  readonly before?: string;
  /** What would be written. */
  readonly after?: string;
  /** Whether git merged the file, or left its conflict markers in it: what is on disk is neither branch's. */
  readonly merged?: true;
  /** Whether this is the tree's manifest, which nobody reads. It comes last. */
  readonly manifest?: true;
}

/** Where a generated tree is. */
export interface TreeOptions {
  /** e.g. `modules/hosts/.meshflake.json`; its folder is inside one of the roots, or is one. */
  readonly manifestPath: string;
  /** Folders that hold generated files, e.g. `modules/hosts`; nothing else is ever written or deleted. */
  readonly generatedRoots: readonly string[];
}

/**
 * Finds what has to change on disk. Contents are compared, never times or sizes, so that the answer is right after any
 * checkout; unchanged files give nothing.
 * @param root the repository
 * @returns sorted by path, the manifest last
 * @throws UserError where the manifest is damaged or leads out of the tree, or a symbolic link is in the way
 */
export async function diffTree(root: string, files: readonly RenderedFile[], options: TreeOptions): Promise<Change[]> {
  const guard = new FolderGuard(root);
  const manifestBefore = readPlainFile(guard, options.manifestPath);
  const known = readKnown(guard, options);
  const changes: Change[] = [];
  const hashes = new Map<string, string>();
  for (const file of files) {
    const after = Buffer.from(file.text);
    const hash = hashFile(after);
    checkRendered(file.path, hashes, options);
    hashes.set(file.path, hash);
    const before = readPlainFile(guard, file.path);
    if (before === undefined) changes.push({ kind: "create", path: file.path, after: file.text });
    else if (!before.equals(after)) changes.push(compareFile(file, before, known));
  }
  for (const path of known.hashes.keys()) if (!hashes.has(path)) pushOrphan(guard, path, known, changes);
  changes.sort((a, b) => compareText(a.path, b.path));
  const manifestAfter = formatManifest(hashes);
  return [...changes, ...compareManifest(options.manifestPath, manifestBefore?.toString(), manifestAfter)];
}

/** What meshflake knows of the files on disk. */
interface Known {
  /** What it wrote: in the last run, or in one that was killed. */
  readonly hashes: Manifest;
  /** Files that two merged branches had generated, each its own way. */
  readonly merged: ReadonlySet<string>;
}

function readKnown(guard: FolderGuard, options: TreeOptions): Known {
  const manifest = readManifest(guard, options.manifestPath, options);
  const journal = readManifest(guard, journalPath(options.manifestPath), options);
  return { hashes: joinManifests(manifest, journal), merged: findMerged(guard, manifest) };
}

/**
 * Generated files that two branches changed, each its own way, and that git merged without an understanding of them; sorted.
 * @throws UserError where the manifest is damaged or leads out of the tree
 */
export function listMerged(root: string, options: TreeOptions): string[] {
  return [...findTwice(readManifest(new FolderGuard(root), options.manifestPath, options))].sort(compareText);
}

/** A run writes one hash a file, so that a second one came from another branch. */
function findTwice(manifest: Manifest): Set<string> {
  return new Set([...manifest].filter(([, hashes]) => hashes.length > 1).map(([path]) => path));
}

function findMerged(guard: FolderGuard, manifest: Manifest): ReadonlySet<string> {
  const merged = findTwice(manifest);
  if (merged.size === 0) return merged;
  // A host that one branch removed and one that it added look like a renamed one to git, which then merges changes of the
  // first one's files into the second one's.
  const nameOf = (path: string) => path.slice(folderOf(path).length);
  const gone = new Set(
    [...manifest.keys()].filter((path) => readPlainFile(guard, path) === undefined).map((path) => nameOf(path)),
  );
  for (const path of manifest.keys()) if (gone.has(nameOf(path))) merged.add(path);
  return merged;
}

/** The journal of a run that has begun to rename; it lies next to the manifest, and is gone when the run is done. */
export function journalPath(manifestPath: string): string {
  return `${folderOf(manifestPath)}/.meshflake-journal.json`;
}

/** Reads the manifest or the journal, and checks every path in it. @throws UserError */
export function readManifest(guard: FolderGuard, path: string, options: TreeOptions): Manifest {
  const text = readPlainFile(guard, path);
  if (text === undefined) return new Map();
  const manifest = parseManifest(text.toString(), path);
  for (const entry of manifest.keys()) {
    const fault = findPathFault(entry, options.generatedRoots);
    if (fault === undefined) continue;
    throw new UserError(`${path} names ${JSON.stringify(entry)}: ${fault}`, "restore the file from git", 1);
  }
  return manifest;
}

function checkRendered(path: string, seen: ReadonlyMap<string, string>, options: TreeOptions): void {
  if (seen.has(path)) throw new Error(`rendered twice: ${path}`);
  const fault = findPathFault(path, options.generatedRoots);
  if (fault !== undefined) throw new Error(`rendered ${path}: ${fault}`);
}

function compareFile(file: RenderedFile, before: Buffer, known: Known): Change {
  const { path, text: after } = file;
  const kind = isGenerated(path, before, known) ? "update" : "conflict";
  return { kind, path, before: before.toString(), after, ...(isMerged(path, before, known) && { merged: true }) };
}

function pushOrphan(guard: FolderGuard, path: string, known: Known, changes: Change[]): void {
  const before = readPlainFile(guard, path);
  if (before === undefined) return;
  changes.push({
    kind: isGenerated(path, before, known) ? "delete" : "conflict",
    path,
    before: before.toString(),
    ...(isMerged(path, before, known) && { merged: true }),
  });
}

/** Whether nobody but meshflake, or git in a merge of what meshflake wrote, made what is on disk. */
function isGenerated(path: string, content: Buffer, known: Known): boolean {
  const hashes = known.hashes.get(path);
  return hashes !== undefined && (hashes.includes(hashFile(content)) || isMerged(path, content, known));
}

/** Whether git made what is on disk out of two branches' files. */
function isMerged(path: string, content: Buffer, { hashes, merged }: Known): boolean {
  return hashes.has(path) && (merged.has(path) || hasConflict(content.toString()));
}

function compareManifest(path: string, before: string | undefined, after: string): Change[] {
  if (before === after) return [];
  if (before === undefined) return [{ kind: "create", path, after, manifest: true }];
  return [{ kind: "update", path, before, after, manifest: true }];
}
