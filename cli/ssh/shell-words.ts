/** A word as a POSIX shell reads it back. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}

/** A command as a line for a POSIX shell. */
export function quoteLine(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}
