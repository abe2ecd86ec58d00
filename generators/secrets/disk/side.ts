/** Which of the versions of a secret's file belongs to the lock: a side of a merge, or a commit's. */
import { isDeepStrictEqual } from "node:util";
import type { Lock } from "../../model/lock.js";
import { lockedSecretOf, type SecretSpec, secretFile } from "../../model/secrets.js";
import { digestFile, digestOf } from "../digest.js";
import { idOf } from "../lock-entries.js";
import { readObjects, runGit } from "./git.js";
import { readHeadLock } from "./head-lock.js";

/** What git calls the two sides of a merge: ours is what HEAD has, in a rebase as well (gitrevisions(7)). */
export type Side = "ours" | "theirs";

/** The stages of git's index, as gitrevisions(7) numbers them. */
const STAGES = [
  ["2", "ours"],
  ["3", "theirs"],
] as const;

/** Where somebody looks for a file that is lost: so many changes back, and for so many files at once. */
const COMMITS = 256;
const FILES = 16;

/**
 * Whose file of a secret belongs to the lock, where git could not merge the file: the lock itself merges more often, and then has one
 * side's value. Its digest names the file; where it has none, since both only encrypted the same value anew, either does.
 * @param lock as it is on disk, merged
 */
export function sideOf(
  root: string,
  { environment, lockFile }: { readonly environment: string | null; readonly lockFile: string },
  lock: Lock,
  spec: SecretSpec,
): Side {
  const path = secretFile(environment, spec.name);
  const exact = findStages(root, [{ path, digest: digestOf(lock, spec) }]).get(path);
  if (exact !== undefined) return exact;
  const head = readHeadLock(root, lockFile, spec.scope === "host" ? [spec.of] : []);
  const retiring = (of: Lock) => lockedSecretOf(of, spec)?.retiring ?? [];
  return idOf(head, spec) === idOf(lock, spec) && isDeepStrictEqual(retiring(head), retiring(lock)) ? "ours" : "theirs";
}

/** A file that an entry of the lock was written for. */
export interface WantedFile {
  /** Relative to the root. */
  readonly path: string;
  /** As `digestFile` makes it; null where the lock has none. */
  readonly digest: string | null;
}

/** Sides of a merge, not settled yet, that have wanted files; by path. */
function findStages(root: string, wanted: readonly WantedFile[]): ReadonlyMap<string, Side> {
  const asked = wanted.flatMap(({ path, digest }) =>
    digest === null ? [] : STAGES.map(([stage, side]) => ({ path, digest, side, name: `:${stage}:./${path}` })),
  );
  const objects = readObjects(
    root,
    asked.map(({ name }) => name),
  );
  const found = new Map<string, Side>();
  for (const [index, { path, digest, side }] of asked.entries()) {
    const data = objects[index] ?? null;
    if (data !== null && !found.has(path) && digestFile(data) === digest) found.set(path, side);
  }
  return found;
}

/**
 * Finds files that the lock was written for in git: among the sides of a merge, then in commits, the newest first.
 * @returns the command that brings each back, by path; none of those that git does not have
 */
export function findCheckouts(root: string, wanted: readonly WantedFile[]): ReadonlyMap<string, string> {
  const stages = findStages(root, wanted);
  const commands = new Map([...stages].map(([path, side]) => [path, `git checkout --${side} ${path}`]));
  const digests = new Map(wanted.map(({ path, digest }) => [path, digest]));
  const lost = [...digests.keys()].filter((path) => !commands.has(path)).slice(0, FILES);
  const versions = listVersions(root, lost);
  const objects = readObjects(
    root,
    versions.map(({ blob }) => blob),
  );
  for (const [index, { path, commit }] of versions.entries()) {
    const data = objects[index] ?? null;
    if (data === null || commands.has(path) || digestFile(data) !== digests.get(path)) continue;
    commands.set(path, `git checkout ${commit} -- ${path}`);
  }
  return commands;
}

interface Version {
  readonly path: string;
  /** Abbreviated. */
  readonly commit: string;
  readonly blob: string;
}

/** What files were in the last commits of all branches, and of the one that is being merged; the newest first. */
function listVersions(root: string, paths: readonly string[]): readonly Version[] {
  if (paths.length === 0) return [];
  const format = ["--format=%x01%h", "--raw", "--no-abbrev", "--no-renames", "--relative", `--max-count=${COMMITS}`];
  const revisions = ["--ignore-missing", "HEAD", "MERGE_HEAD", "--all", "--full-history"];
  const text = runGit(root, ["log", ...format, ...revisions, "--", ...paths])?.toString("utf8") ?? "";
  return text.split("\u0001").flatMap((block) => {
    const [commit = "", ...lines] = block.split("\n");
    return lines.flatMap((line) => {
      // `:100644 100644 <before> <after> M\t<path>`
      const [, blob, path] = /^:\d+ \d+ \w+ (\w+) [AMT]\t(.+)$/.exec(line) ?? [];
      return blob === undefined || path === undefined ? [] : [{ path, commit, blob }];
    });
  });
}
