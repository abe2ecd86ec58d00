/** `1 host`, `2 hosts`. */
export function count(many: number, word: string, plural = `${word}s`): string {
  return `${many} ${many === 1 ? word : plural}`;
}
