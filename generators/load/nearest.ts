import { distance } from "fastest-levenshtein";

/** How many letters of a name another one has not: none where letters are swapped, which counts as two edits. */
function countForeign(name: string, other: string): number {
  const left = [...other];
  return [...name].filter((letter) => {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
}

/** The candidates, the most alike first, and of those the ones with the same letters; alike ones stay in their order. */
export function sortByNearness(name: string, candidates: Iterable<string>): string[] {
  const lower = name.toLowerCase();
  return [...candidates]
    .map((candidate) => {
      const other = candidate.toLowerCase();
      return { candidate, edits: distance(lower, other), foreign: countForeign(lower, other) };
    })
    .sort((a, b) => a.edits - b.edits || a.foreign - b.foreign)
    .map(({ candidate }) => candidate);
}

/**
 * Finds what a misspelt name was meant to be.
 * @returns the nearest candidate, or null where none is near: a third of the letters may differ, and always the two of a
 *   swapped pair, except in names as short as three letters
 */
export function findNearest(name: string, candidates: Iterable<string>): string | null {
  const [nearest] = sortByNearness(name, candidates);
  if (nearest === undefined) return null;
  const edits = distance(name.toLowerCase(), nearest.toLowerCase());
  const length = Math.max(name.length, nearest.length);
  return edits <= Math.max(length > 3 ? 2 : 1, Math.floor(length / 3)) ? nearest : null;
}

/** How many names a hint lists at most. */
const MOST = 12;

/** Writes names into a sentence, e.g. `` `full` or `hub` ``; a long list ends in how many more there are. */
export function listNames(names: readonly string[], conjunction: "and" | "or"): string {
  const shown = names.length > MOST ? names.slice(0, MOST - 1) : names;
  const quoted = shown.map((name) => `\`${name}\``);
  if (shown.length < names.length) quoted.push(`${names.length - shown.length} more`);
  const last = quoted.pop() ?? "nothing";
  return quoted.length === 0 ? last : `${quoted.join(", ")} ${conjunction} ${last}`;
}

/** What to do about a name that does not exist: the nearest one, and otherwise all that there are. */
export function suggestName(name: string, candidates: Iterable<string>): string {
  const names = sortByNearness(name, candidates);
  const nearest = findNearest(name, names);
  if (nearest !== null) return `did you mean \`${nearest}\`?`;
  return names.length === 0 ? "there is none yet" : `choose ${listNames(names.sort(), "or")}`;
}
