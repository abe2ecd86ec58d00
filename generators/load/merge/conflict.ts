/** A text file that git could not merge: what stood there on each side. */

/** One of the two sides of a merge. */
export interface ConflictSide {
  /** What git calls it behind its marker, such as `HEAD` or a branch. */
  readonly label: string;
  /** The whole file, with every conflict decided for this side. */
  readonly text: string;
}

export interface Conflict {
  readonly ours: ConflictSide;
  readonly theirs: ConflictSide;
  /** What both came from, where git wrote it too (`merge.conflictStyle` `diff3` or `zdiff3`). */
  readonly base: string | null;
  /** Lines that hold markers, 1-based. */
  readonly lines: readonly number[];
}

/** A whole line; git puts a label behind most of its markers, and keeps the file's line ends. */
const MARKER = /^(<{7}|\|{7}|={7}|>{7})(?: (.*?))?\r?$/;

/** Which texts a line belongs to: all of them outside of a conflict. */
type Part = "all" | "ours" | "base" | "theirs";
/** The part that follows each marker, and the parts that it may end. */
const STEPS: Readonly<Record<string, { readonly to: Part; readonly from: readonly Part[] }>> = {
  "<": { to: "ours", from: ["all"] },
  "|": { to: "base", from: ["ours"] },
  "=": { to: "theirs", from: ["ours", "base"] },
  ">": { to: "all", from: ["theirs"] },
};

/** Whether a line is one of git's markers. */
export function isMarker(line: string): boolean {
  return MARKER.test(line);
}

/**
 * Whether a text has any of git's markers, be it only what is left of a conflict: for files in which no such line has a meaning of
 * its own.
 */
export function hasMarkers(text: string): boolean {
  return text.split("\n").some(isMarker);
}

/**
 * Whether a text has a whole conflict of git's, marker after marker. A single marker is not enough where the text may be a person's:
 * a row of equals signs underlines a heading.
 */
export function hasConflict(text: string): boolean {
  const signs = text.split("\n").flatMap((line) => MARKER.exec(line)?.[1]?.charAt(0) ?? []);
  return /<.*=.*>/.test(signs.join(""));
}

/**
 * Takes a text with git's markers apart.
 * @returns null where the markers are not in git's order, because a person removed some of them
 */
export function splitConflict(text: string): Conflict | null {
  const parts = { ours: [] as string[], base: [] as string[], theirs: [] as string[] };
  const labels = { ours: "HEAD", theirs: "theirs" };
  const numbers: number[] = [];
  let part: Part = "all";
  let conflicts = 0;
  let bases = 0;
  for (const [index, line] of text.replaceAll("\r\n", "\n").split("\n").entries()) {
    const [, marker, label = ""] = MARKER.exec(line) ?? [];
    const step = marker === undefined ? undefined : STEPS[marker.charAt(0)];
    if (step === undefined) {
      for (const side of ["ours", "base", "theirs"] as const)
        if (part === "all" || part === side) parts[side].push(line);
      continue;
    }
    if (!step.from.includes(part)) return null;
    part = step.to;
    numbers.push(index + 1);
    if (part === "ours") conflicts++;
    if (part === "base") bases++;
    if (part === "ours" && label !== "") labels.ours = shorten(label);
    if (part === "all" && label !== "") labels.theirs = shorten(label);
  }
  if (part !== "all" || conflicts === 0) return null;
  return {
    ours: { label: labels.ours, text: parts.ours.join("\n") },
    theirs: { label: labels.theirs, text: parts.theirs.join("\n") },
    base: bases === conflicts ? parts.base.join("\n") : null,
    lines: numbers,
  };
}

/** A commit's hash as people read it. */
function shorten(label: string): string {
  return label.replace(/^([0-9a-f]{7})[0-9a-f]{33}\b/, "$1");
}
