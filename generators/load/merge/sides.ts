import { execFileSync } from "node:child_process";
import type { Conflict } from "./conflict.js";

/** A JSON file as it is written, and what it says. */
export interface ParsedText {
  readonly text: string;
  readonly value: unknown;
}

/** What the sides say, ready to be merged. */
export interface PreparedSides {
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly base?: { readonly value: unknown };
}

/** Both sides of a merge, and what they came from where that is known. */
export interface Sides {
  readonly ours: ParsedText;
  readonly theirs: ParsedText;
  readonly base: ParsedText | null;
  /** Whether git has them in its index, where a side can be checked out whole. */
  readonly staged: boolean;
}

/**
 * Finds the two sides of a file with conflict markers. Git keeps them whole in its index until the conflict is settled;
 * otherwise the text has to do, in which changes that did not collide are mixed already.
 * @param file relative to the repository
 * @returns null where a side is not JSON
 */
export function findSides(root: string, file: string, conflict: Conflict): Sides | null {
  const [base, ours, theirs] = ["1", "2", "3"].map((stage) => parse(readStage(root, file, stage)));
  if (ours != null && theirs != null) return { ours, theirs, base: base ?? null, staged: true };
  const [our, their] = [parse(conflict.ours.text), parse(conflict.theirs.text)];
  return our === null || their === null
    ? null
    : { ours: our, theirs: their, base: parse(conflict.base), staged: false };
}

function parse(text: string | null): ParsedText | null {
  if (text === null) return null;
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** @param stage `1` is what both came from, `2` ours, `3` theirs (gitrevisions(7)) */
function readStage(root: string, file: string, stage: string): string | null {
  try {
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return execFileSync("git", ["show", `:${stage}:./${file}`], { cwd: root, encoding: "utf8", stdio: [...stdio] });
  } catch {
    return null;
  }
}
