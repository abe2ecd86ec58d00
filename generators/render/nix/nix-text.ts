// biome-ignore-all lint/suspicious/noTemplateCurlyInString: antiquotations of Nix, not of JavaScript

/** The Nix printer's words: strings, names, numbers and paths, each with the quotes and escapes that Nix's lexer wants. */

/** Columns of a level. */
export const STEP = 2;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_'-]*$/;
/** `or` is no keyword of the lexer's, but a special case of the parser's. */
const KEYWORDS = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"]);
/** What makes a string more than its characters between quotes. */
const SPECIAL = /["\\\n\r\t\0]|\$\{/;
/** Text with these is easier to read between two single quotes, where they stand for themselves ... */
const QUOTE_OR_BACKSLASH = /["\\]/;
/** ... unless it holds something that does not: an escape, a control character, or a space that would be indentation. */
const NOT_PLAIN = /''|\$\{|[\n\r\t\0]|^ |'$/;
/** Multi-line text whose indented form would need more than the two usual escapes, or would lose or move characters. */
const NOT_INDENTED = /[\r\0]|'\$\{|'''|^[ \t]+$/m;
/** What a path may hold without quotes. */
const PLAIN_PATH = /^[\w+.-]+(?:\/[\w+.-]+)*$/;

const spaces: string[] = [];

/** So many spaces. */
export function pad(columns: number): string {
  const known = spaces[columns];
  if (known !== undefined) return known;
  const made = " ".repeat(columns);
  spaces[columns] = made;
  return made;
}

/** Prints the name of an attribute, quoted where it must be. */
export function printAttribute(name: string): string {
  return IDENTIFIER.test(name) && !KEYWORDS.has(name) ? name : quoteEscaped(name);
}

/** Prints text as a string on one line. */
export function quote(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  if (QUOTE_OR_BACKSLASH.test(text) && !NOT_PLAIN.test(text)) return `''${text}''`;
  return quoteEscaped(text);
}

/** Names of attributes have no other form. */
function quoteEscaped(text: string): string {
  if (text.includes("\0")) throw new TypeError("Nix strings cannot hold the character NUL");
  const escaped = text
    .replace(/["\\]|\$(?=\{)/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/**
 * Prints a path of the repository.
 * @param up the way to the repository's root, e.g. `../..`
 * @param file relative to the root
 */
export function printPath(up: string, file: string): string {
  const path = file.startsWith("./") ? file.slice("./".length) : file;
  return PLAIN_PATH.test(path) ? `${up}/${path}` : `(${up} + ${quote(`/${path}`)})`;
}

/** The smallest float with full precision; Nix rejects smaller ones. */
const SMALLEST = 2 ** -1022;

/** Nix's integers have 64 bits; its floats need a point. */
export function printNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < SMALLEST) throw new TypeError(`Nix cannot express ${value}`);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  const text = Math.abs(value) >= 2 ** 63 ? value.toExponential() : String(value);
  const [mantissa = "", exponent] = text.split("e");
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent}`;
}

/** Whether text is written as an indented string: it has lines, and the last one ends. */
export function isIndented(text: string): boolean {
  return text.length > 1 && text.endsWith("\n") && !NOT_INDENTED.test(text) && !isShifted(text);
}

/** Whether every line begins with a space, which Nix would take for indentation. */
function isShifted(text: string): boolean {
  return text.split("\n").every((line) => line === "" || line.startsWith(" "));
}

/** Prints text as a string, over several lines where it has several. */
export function printString(text: string, indent: number): string {
  if (!text.endsWith("\n") || !isIndented(text)) return quote(text);
  const inner = pad(indent + STEP);
  const lines = text.slice(0, -1).replaceAll("''", "'''").replaceAll("${", "''${").split("\n");
  return `''\n${lines.map((line) => (line === "" ? "" : inner + line)).join("\n")}\n${pad(indent)}''`;
}
