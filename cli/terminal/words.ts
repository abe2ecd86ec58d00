/** `1 host`, `2 hosts`. */
export function count(many: number, word: string, plural = `${word}s`): string {
  return `${many} ${many === 1 ? word : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
