import { stripVTControlCharacters } from "node:util";

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/**
 * Aligns cells with two spaces between columns. Own code because host names, addresses and numbers need neither borders nor
 * wrapping nor wide characters, and the table libraries cost more start-up than the command that would print them.
 * @param rows all of the same length; cells may be coloured
 * @param right indices of columns that are aligned to the right
 * @returns one line a row, without blanks at its end
 */
export function formatColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
    });
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const blanks = " ".repeat((widths[i] ?? 0) - widthOf(cell));
        return right.includes(i) ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd(),
  );
}
