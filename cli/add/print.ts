/** Prints host files as Biome and Prettier would format them. */

/** A literal of a host file; `undefined` fields are left out. */
export type Literal = string | number | boolean | readonly Literal[] | { readonly [key: string]: Literal | undefined };

const LINE_WIDTH = 100;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value);
}

function printEntries(value: Literal, indent: number): string[] {
  if (typeof value !== "object") return [];
  if (isList(value)) return value.map((item) => printLiteral(item, indent));
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return [];
    const name = IDENTIFIER.test(key) ? key : JSON.stringify(key);
    return [`${name}: ${printLiteral(item, indent, name.length + 3)}`];
  });
}

/**
 * @param indent blanks before the line that the literal begins on
 * @param taken characters of that line, beside the indent, that are not the literal's
 */
export function printLiteral(value: Literal, indent = 0, taken = 0): string {
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"];
  const entries = printEntries(value, indent + 2);
  if (entries.length === 0) return open + close;
  const blank = isList(value) ? "" : " ";
  const flat = `${open}${blank}${entries.join(", ")}${blank}${close}`;
  if (!flat.includes("\n") && indent + taken + flat.length <= LINE_WIDTH) return flat;
  const inner = " ".repeat(indent + 2);
  return `${open}\n${entries.map((entry) => `${inner}${entry},\n`).join("")}${" ".repeat(indent)}${close}`;
}

/**
 * A host file that calls a builder.
 * @param fleetImport how the file imports the fleet, e.g. `./fleet`
 */
export function printHostFile(fleetImport: string, platform: string, fields: Literal): string {
  const call = `export default fleet.${platform}(`;
  return `import fleet from "${fleetImport}";\n\n${call}${printLiteral(fields, 0, call.length + 2)});\n`;
}
