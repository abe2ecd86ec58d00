/** What of a generated Nix file a machine reads: everything but lines of comments. */

/** How many times an indented string begins or ends in a line; `'''`, `''$` and `''\\` are escapes inside one. */
function countQuotes(line: string): number {
  let quotes = 0;
  for (let at = line.indexOf("''"); at >= 0; at = line.indexOf("''", at + 2)) {
    const next = line[at + 2];
    if (next === "'" || next === "$" || next === "\\") at++;
    else quotes++;
  }
  return quotes;
}

/** The text without its lines of comments; inside of indented strings, which may be scripts, every line stays. */
export function stripComments(text: string): string {
  let inString = false;
  return text
    .split("\n")
    .filter((line) => {
      if (!inString && line.trimStart().startsWith("#")) return false;
      if (countQuotes(line) % 2 === 1) inString = !inString;
      return true;
    })
    .join("\n");
}
