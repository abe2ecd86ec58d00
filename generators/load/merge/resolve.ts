import type { Problem } from "../../model/problem.js";
import { isObject } from "../json.js";
import { type Position, problemAt } from "../problems.js";
import { type Conflict, hasMarkers, splitConflict } from "./conflict.js";
import { type LockClash, mergeLocks } from "./lock-merge.js";
import { findSides } from "./sides.js";
import { findTwice, type TwiceKey } from "./twice.js";

/** A lock that git could not merge. */
export interface ResolvedLock {
  /** Both sides in one; missing where they contradict each other. */
  readonly value?: unknown;
  /** A warning with a value, errors without. */
  readonly problems: readonly Problem[];
}

/**
 * Merges the two sides of a lock that has git's conflict markers.
 * @param file relative to the repository
 * @returns null where the text has no markers
 */
export function resolveLock(root: string, file: string, text: string): ResolvedLock | null {
  if (!hasMarkers(text)) return null;
  const conflict = splitConflict(text);
  const sides = conflict && findSides(root, file, conflict);
  if (conflict === null || sides === null) return { problems: [describeBroken(file, text)] };
  const { ours, theirs, base } = sides;
  const twice = findTwice(ours.text, ours.value) ?? findTwice(theirs.text, theirs.value);
  if (twice !== null) return { problems: [describeTwice(file, { ...twice, line: conflict.lines[0] ?? 1 })] };
  const { value, clashes } = mergeLocks(ours.value, theirs.value, base ?? undefined);
  if (clashes.length > 0) {
    return { problems: clashes.map((clash) => describeClash(file, text, conflict, clash, base !== null)) };
  }
  return { value, problems: [describeMerged(file, conflict, [ours.value, theirs.value], value)] };
}

/** A key that git merged twice. */
export function describeTwice(file: string, { path, line }: TwiceKey): Problem {
  const message = `${path.join(".")} is there twice, as git leaves it where both branches added it`;
  const hint = `keep one of the two, the one whose files in secrets/ you keep`;
  return problemAt("duplicate-key", file, { line, column: 1 }, message, hint);
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
  hasBase: boolean,
): Problem {
  const message = `${clash.path.join(".")} is ${show(clash.ours)} in ${ours.label}, and ${show(clash.theirs)} in ${theirs.label}`;
  const hint = [
    "decide it in the file: keep the lines of one side, and the blocks of both elsewhere, until no marker is left",
    ...(isAboutFiles(clash) ? [`keep that side's files in secrets/ as well, then run meshflake secrets rekey`] : []),
    ...(hasBase ? [] : [`or let git add what both came from: \`git checkout --conflict=diff3 ${file}\``]),
  ].join("; ");
  return problemAt("lock-conflict", file, find(text, clash) ?? { line: lines[0] ?? 1, column: 1 }, message, hint);
}

/** Whether the encrypted files of one side contradict the other's. */
function isAboutFiles({ path }: LockClash): boolean {
  return path[0] === "admins" || ["secrets", "admins", "apart"].includes(path[2] ?? "");
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
