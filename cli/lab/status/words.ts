/** Lengths of time and lists, short. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** `12s`, `3m`, `2h`. @param seconds a length of time */
export function shortTime(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)}s`;
  return seconds < 2 * HOUR ? `${Math.round(seconds / MINUTE)}m` : `${Math.round(seconds / HOUR)}h`;
}

/** Joins words to lines of at most `width` characters, where the words allow it; later lines are indented. */
export function wrapWords(first: string, words: readonly string[], width: number): string[] {
  const indent = " ".repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of words) {
    if (!empty && line.length + 2 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : `, ${word}`;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}
