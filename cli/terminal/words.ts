import { closest, distance } from "fastest-levenshtein";

/** `1 host`, `2 hosts`. */
export function count(many: number, word: string, plural = `${word}s`): string {
  return `${many} ${many === 1 ? word : plural}`;
}

/** `a`, `a and b`, `a, b and c`; the rest is counted beyond `limit`. */
export function listWords(words: readonly string[], limit = 12): string {
  const shown = words.length > limit ? [...words.slice(0, limit), `${words.length - limit} more`] : words;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** `did you mean NAME`, or the names that there are; nothing where there is none. */
export function suggest(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const nearest = closest(word, names);
  if (distance(word, nearest) <= Math.max(1, word.length / 3)) return `did you mean ${nearest}`;
  return `choose ${listWords(names).replace(/ and (?=[^ ]*$)/, " or ")}`;
}
