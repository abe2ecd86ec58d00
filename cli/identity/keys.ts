/** The text of a host's identity: age keys, one a line; the first is the lock's, older ones open older files of the same host. */

const KEY = /^AGE-SECRET-KEY-\S+$/;

/** The keys of an identity's text, the newest first; comments and blank lines do not count. */
export function parseIdentities(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => KEY.test(line));
}

/** @param keys the newest first */
export function formatIdentities(keys: readonly string[]): string {
  return [...new Set(keys)].map((key) => `${key}\n`).join("");
}
