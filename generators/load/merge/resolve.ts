import type { Problem } from "../../model/problem.js";
import { KEY_FIELDS } from "../../model/secrets.js";
import { isObject } from "../json.js";
import { type Position, problemAt } from "../problems.js";
import { type Conflict, hasMarkers, splitConflict } from "./conflict.js";
import { type LockClash, mergeLocks } from "./lock-merge.js";
import { findSides, type PreparedSides, type Sides } from "./sides.js";
import { describeTwice, findTwice } from "./twice.js";

/** A lock that git could not merge. */
export interface ResolvedLock {
  /** Both sides in one; missing where they contradict each other. */
  readonly value?: unknown;
  /** A warning with a value, errors without. */
  readonly problems: readonly Problem[];
}

/** What a file is, to whom both its sides are locks. */
export interface ResolveOptions {
  /** Makes locks of the sides. */
  readonly prepare: (sides: PreparedSides) => PreparedSides;
  /** Where the file is a host's own: what has all of its secrets. */
  readonly secrets?: string;
}

/**
 * Merges the two sides of a lock file that has git's conflict markers.
 * @param file relative to the repository
 * @returns null where the text has no markers
 */
export function resolveLock(root: string, file: string, text: string, options: ResolveOptions): ResolvedLock | null {
  if (!hasMarkers(text)) return null;
  const conflict = splitConflict(text);
  const sides = conflict && findSides(root, file, conflict);
  if (conflict === null || sides === null) return { problems: [describeBroken(file, text)] };
  const { ours, theirs } = sides;
  const twice = findTwice(ours.text, ours.value) ?? findTwice(theirs.text, theirs.value);
  if (twice !== null) return { problems: [describeTwice(file, { ...twice, line: conflict.lines[0] ?? 1 })] };
  const prepared = options.prepare({
    ours: ours.value,
    theirs: theirs.value,
    ...(sides.base && { base: { value: sides.base.value } }),
  });
  const { value, clashes } = mergeLocks(prepared.ours, prepared.theirs, prepared.base);
  if (clashes.length > 0) {
    const added = sides.staged && sides.base === null ? options.secrets : undefined;
    const hint = (clash: LockClash) =>
      added === undefined ? hintDecide(file, clash, sides) : hintWhole(file, added, conflict);
    return { problems: clashes.map((clash) => describeClash(file, text, conflict, clash, hint(clash))) };
  }
  return { value, problems: [describeMerged(file, conflict, [prepared.ours, prepared.theirs], value)] };
}

function describeBroken(file: string, text: string): Problem {
  const lines = text.split("\n").flatMap((line, index) => (hasMarkers(line) ? [index + 1] : []));
  const message = `has conflict markers in ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}, and its sides are not JSON`;
  const hint = `bring git's own text back with \`git checkout --merge ${file}\`: meshflake merges it by itself`;
  return problemAt("lock-syntax", file, { line: lines[0] ?? 1, column: 1 }, message, hint);
}

function describeClash(
  file: string,
  text: string,
  { ours, theirs, lines }: Conflict,
  clash: LockClash,
  hint: string,
): Problem {
  const message = `${clash.path.join(".")} is ${show(clash.ours)} in ${ours.label}, and ${show(clash.theirs)} in ${theirs.label}`;
  return problemAt("lock-conflict", file, find(text, clash) ?? { line: lines[0] ?? 1, column: 1 }, message, hint);
}

function hintDecide(file: string, clash: LockClash, { base }: Sides): string {
  return [
    "decide it in the file: keep the lines of one side, and the blocks of both elsewhere, until no marker is left",
    ...(isAboutFiles(clash) ? [`keep that side's files in secrets/ as well, then run meshflake secrets rekey`] : []),
    ...(base !== null ? [] : [`or let git add what both came from: \`git checkout --conflict=diff3 ${file}\``]),
  ].join("; ");
}

/** A host that both sides added has two sets of keys, and no half of one fits the other. */
function hintWhole(file: string, secrets: string, { ours, theirs }: Conflict): string {
  const take = (side: string) => `\`git checkout --${side} ${file} ${secrets}\``;
  return `both added this host: keep one side's whole, ${take("ours")} for ${ours.label} or ${take("theirs")} for ${theirs.label}, then generate; or rename one of the two hosts before they are merged`;
}

/** Public halves. */
const KEYS: ReadonlySet<string> = new Set(Object.values(KEY_FIELDS));

/** Whether the encrypted files of one side contradict the other's. */
function isAboutFiles({ path }: LockClash): boolean {
  const isKey = path[0] === "hosts" && path.length === 3 && KEYS.has(path[2] ?? "");
  return path[0] === "admins" || ["secrets", "admins", "apart"].includes(path[2] ?? "") || isKey;
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? value.map(String).join(", ") : JSON.stringify(value);
}

/** The line of our value, which is in the text as it is printed. */
function find(text: string, { path, ours }: LockClash): Position | null {
  const start = `${JSON.stringify(path.at(-1))}: ${typeof ours === "string" ? JSON.stringify(ours) : ""}`;
  const index = text.split("\n").findIndex((line) => line.trimStart().startsWith(start));
  const line = text.split("\n")[index];
  return line === undefined ? null : { line: index + 1, column: line.length - line.trimStart().length + 1 };
}

function describeMerged(file: string, { ours, theirs, lines }: Conflict, sides: readonly unknown[], merged: unknown) {
  const [ourNames, theirNames] = sides.map(namesOf) as [Names, Names];
  const kept = namesOf(merged);
  const alone = [
    ...describeAlone(ours.label, ourNames, theirNames, kept),
    ...describeAlone(theirs.label, theirNames, ourNames, kept),
  ].join(", ");
  const message = `git left its conflict markers here, and both sides are taken${alone === "" ? "" : `: ${alone}`}`;
  const hint =
    "run meshflake generate, which writes the merged lock and all that is derived from it; then `git add` what it wrote";
  const problem = problemAt("lock-merged", file, { line: lines[0] ?? 1, column: 1 }, message, hint);
  return { ...problem, severity: "warning" } as const;
}

type Names = ReadonlySet<string>;

/** Names of a lock's hosts and devices. */
function namesOf(lock: unknown): Names {
  const entries = ["hosts", "devices"].map((kind) => (isObject(lock) ? lock[kind] : undefined));
  return new Set(entries.flatMap((named) => (isObject(named) ? Object.keys(named) : [])));
}

/** What one side has, the other has not, and was not removed. */
function describeAlone(label: string, names: Names, others: Names, kept: Names): string[] {
  const alone = [...names].filter((name) => !others.has(name) && kept.has(name));
  return alone.length === 0 ? [] : [`${alone.join(" and ")} of ${label}`];
}
