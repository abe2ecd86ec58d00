import { formatColumns } from "../../terminal/columns.js";

/** Matrices of hosts, which fit on a terminal: columns are letters, and cells get shorter where there are many. */

/** A cell: in full, and as one sign. */
export interface Cell {
  readonly text: string;
  readonly sign: string;
  /** Colours it. */
  readonly tint?: (text: string) => string;
}

/** `a` to `z`, then `aa`, `ab`, and so on. */
export function letterOf(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

function widthOf(rows: readonly (readonly string[])[]): number {
  return Math.max(0, ...formatColumns(rows).map((line) => line.length));
}

/**
 * @param names of rows and columns
 * @param cellOf of a row's name and a column's; never asked where both are one
 * @param width characters of a line
 */
export function formatMatrix(
  names: readonly string[],
  cellOf: (row: string, column: string) => Cell,
  width: number,
): string[] {
  const letters = names.map((_, index) => letterOf(index));
  const cells = names.map((row) =>
    names.map((column): Cell => (row === column ? { text: "·", sign: "·" } : cellOf(row, column))),
  );
  const plain = (key: "text" | "sign") => [
    ["", "", ...letters],
    ...cells.map((row, index) => [letters[index] ?? "", names[index] ?? "", ...row.map((cell) => cell[key])]),
  ];
  const key = widthOf(plain("text")) <= width ? "text" : "sign";
  const right = letters.map((_, index) => index + 2);
  const tinted = plain(key).map((row, r) => row.map((text, c) => cells[r - 1]?.[c - 2]?.tint?.(text) ?? text));
  return formatColumns(tinted, right);
}
