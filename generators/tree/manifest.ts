/**
 * The manifest of a generated tree: which files were written, and what was in them. It tells an edited file from an old one,
 * and finds the files that are not generated any more. One line a file, so that git merges it; the journal that a run keeps
 * while it renames has the same form.
 */
import { createHash } from "node:crypto";
import { isMarker } from "../load/merge/conflict.js";
import { UserError } from "../model/problem.js";
import { compareText } from "./paths.js";

/** SHA-256 hashes (hex) by path. More than one after a merge, or after a run that was killed: each was generated. */
export type Manifest = ReadonlyMap<string, readonly string[]>;

const HEAD = '{\n  "version": 1,\n  "files": {\n';
const TAIL = "\n  }\n}\n";

/** The SHA-256 of a file, in hex. */
export function hashFile(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Prints a manifest of paths and their hashes: sorted, one line each. */
export function formatManifest(hashes: Iterable<readonly [path: string, hash: string]>): string {
  const lines = [...hashes].sort(([a], [b]) => compareText(a, b));
  return HEAD + lines.map(([path, hash]) => `    ${JSON.stringify(path)}: "${hash}"`).join(",\n") + TAIL;
}

/**
 * Reads a manifest line by line, so that one that git merged still works: with `merge=union`, or with conflict markers in
 * it, both sides' hashes count, since both were generated.
 * @param name how errors call it
 * @throws UserError on any other line that is not a manifest's
 */
export function parseManifest(text: string, name: string): Manifest {
  const files = new Map<string, string[]>();
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const entry = /^\s*("(?:[^"\\]|\\.)*"): "([0-9a-f]{64})",?\s*$/.exec(line);
    if (entry?.[1] !== undefined && entry[2] !== undefined) addHash(files, readPath(entry[1], name, number), entry[2]);
    else if (!isFrame(line)) throw damaged(name, number);
  }
  return files;
}

/** Joins manifests: a file was generated if any of them says so. */
export function joinManifests(...manifests: readonly Manifest[]): Manifest {
  const joined = new Map<string, string[]>();
  for (const manifest of manifests) {
    for (const [path, hashes] of manifest) for (const hash of hashes) addHash(joined, path, hash);
  }
  return joined;
}

function addHash(files: Map<string, string[]>, path: string, hash: string): void {
  const known = files.get(path);
  if (known === undefined) files.set(path, [hash]);
  else if (!known.includes(hash)) known.push(hash);
}

/** Lines around the entries: braces, the version, and git's conflict markers. */
function isFrame(line: string): boolean {
  const rest = line.trim();
  if (rest === "" || rest === "{" || rest === "}" || rest === "}," || rest === '"files": {') return true;
  return rest === '"version": 1,' || isMarker(line);
}

function readPath(quoted: string, name: string, line: number): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw damaged(name, line);
  }
}

function damaged(name: string, line: number): UserError {
  return new UserError(
    `${name}:${line} is not a line that meshflake writes`,
    "restore the file from git; or delete it, and every generated file that would change has to be forced once",
    1,
  );
}
