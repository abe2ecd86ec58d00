// biome-ignore-all lint/suspicious/noTemplateCurlyInString: antiquotations of Nix, not of JavaScript

import type { NixExpression } from "../model/input.js";

/**
 * The Nix printer: the only code of the project that quotes Nix. Its layout is nixfmt's (RFC 166): two spaces, at most 100
 * columns, a list on one line only where it has one element, a set on one line only inside a list and with one attribute.
 * A set with a single attribute is written as a path (`services.openssh.enable = true;`), as people do.
 *
 * Attributes come in the order of the object: views put them in the order in which they are best read, and what a person
 * wrote keeps the order in which it was written.
 */

/** What can be printed: `NixValue`, whether its parts are readonly or not. Attributes that are undefined are left out. */
export type Printable = null | boolean | number | string | object | undefined;

/** Key of a comment that is printed above an element of a list; a symbol, so that it is no part of the value. */
export const COMMENT = Symbol("comment");

/** Something that may carry a comment. */
export interface Commented {
  readonly [COMMENT]?: string;
}

export interface PrintOptions {
  /** The column at which the value's first line is indented. @default 0 */
  readonly indent?: number;
}

/** nixfmt's default width. */
const WIDTH = 100;
const STEP = 2;

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
/** Expressions that need no parentheses as an element of a list: selections, paths, and what brackets already enclose. */
const ATOMIC = /^(?:[A-Za-z_][\w'.-]*|\.{0,2}\/[\w./+-]+|"[^"\\$]*"|\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\})$/;

/** What a path may hold without quotes. */
const PLAIN_PATH = /^[\w+.-]+(?:\/[\w+.-]+)*$/;

const spaces: string[] = [];

function pad(columns: number): string {
  const known = spaces[columns];
  if (known !== undefined) return known;
  const made = " ".repeat(columns);
  spaces[columns] = made;
  return made;
}

/** Prints a value as an expression. Only its first line is not indented. @throws TypeError for what Nix cannot express */
export function printNix(value: Printable, { indent = 0 }: PrintOptions = {}): string {
  if (isSet(value)) {
    const lines = printBindings(value, { indent: indent + STEP });
    return lines === "" ? "{ }" : `{\n${pad(indent + STEP)}${lines}\n${pad(indent)}}`;
  }
  return inlineOf(value, WIDTH - indent) ?? expand(value, indent);
}

/** Prints the bindings of a set, one under the other, without its braces. Only the first line is not indented. */
export function printBindings(set: object, { indent = 0 }: PrintOptions = {}): string {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(set)) if (value !== undefined) lines.push(binding(key, value, indent));
  return lines.join(`\n${pad(indent)}`);
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

function isExpression(value: Printable): value is NixExpression {
  return typeof value === "object" && value !== null && "$nix" in value && typeof value.$nix === "string";
}

interface AttributeSet {
  readonly [name: string]: Printable;
}

function isSet(value: Printable): value is AttributeSet {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExpression(value);
}

/** Follows sets with a single attribute: the path, and what stands at its end. */
function followPath(key: string, value: Printable): [path: string, value: Printable] {
  let path = printAttribute(key);
  let rest = value;
  while (isSet(rest)) {
    const only = soleEntry(rest);
    if (only === null) break;
    path += `.${printAttribute(only[0])}`;
    rest = only[1];
  }
  return [path, rest];
}

function soleEntry(set: object): [string, Printable] | null {
  let sole: [string, Printable] | null = null;
  for (const entry of Object.entries(set)) {
    if (entry[1] === undefined) continue;
    if (sole !== null) return null;
    sole = entry;
  }
  return sole;
}

function binding(key: string, value: Printable, indent: number): string {
  const [path, end] = followPath(key, value);
  if (typeof end === "string") return `${path} = ${printString(end, indent)};`;
  if (isSet(end)) return `${path} = ${printNix(end, { indent })};`;
  // nixfmt puts a function of several lines below its name.
  if (isExpression(end) && end.$nix.startsWith("\n")) return `${path} =${end.$nix};`;
  return `${path} = ${inlineOf(end, WIDTH - indent - path.length - " = ;".length) ?? expand(end, indent)};`;
}

/** The value on one line, or null where it does not belong there or is wider than `width`. */
function inlineOf(value: Printable, width: number): string | null {
  const text = inlineText(value);
  return text === null || (text.length > width && Array.isArray(value)) ? null : text;
}

function inlineText(value: Printable): string | null {
  if (typeof value === "string") return isIndented(value) ? null : quote(value);
  if (typeof value !== "object" || value === null) return printScalar(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[ ]";
    const element = value.length === 1 ? inlineElement(value[0]) : null;
    return element === null ? null : `[ ${element} ]`;
  }
  return isExpression(value) ? value.$nix : null;
}

/** An element of a list on one line: negative numbers and expressions in parentheses, sets with one attribute in braces. */
function inlineElement(value: Printable): string | null {
  if (typeof value === "number") return value < 0 ? `(${printScalar(value)})` : printScalar(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return inlineText(value);
  if (isExpression(value)) return ATOMIC.test(value.$nix) ? value.$nix : `(${value.$nix})`;
  if (COMMENT in value) return null;
  const sole = soleEntry(value);
  if (sole === null) return hasEntries(value) ? null : "{ }";
  const [path, end] = followPath(...sole);
  const text = isSet(end) ? (hasEntries(end) ? null : "{ }") : inlineText(end);
  return text === null ? null : `{ ${path} = ${text}; }`;
}

function hasEntries(set: object): boolean {
  for (const value of Object.values(set)) if (value !== undefined) return true;
  return false;
}

/** A list or a multi-line string over several lines. */
function expand(value: Printable, indent: number): string {
  if (typeof value === "string") return printString(value, indent);
  if (!Array.isArray(value)) throw new TypeError(`Nix cannot express ${String(value)}`);
  const inner = `\n${pad(indent + STEP)}`;
  const lines: string[] = [];
  for (const element of value as readonly Printable[]) {
    if (typeof element === "object" && element !== null && COMMENT in element) lines.push(`# ${element[COMMENT]}`);
    lines.push(printElement(element, indent + STEP));
  }
  return `[${inner}${lines.join(inner)}\n${pad(indent)}]`;
}

function printElement(element: Printable, indent: number): string {
  const inline = inlineElement(element);
  const breaks = typeof element === "object" && element !== null && !isExpression(element);
  if (inline !== null && (!breaks || inline.length <= WIDTH - indent)) return inline;
  return isSet(element) ? printNix(element, { indent }) : expand(element, indent);
}

function printScalar(value: Printable): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(`Nix cannot express ${String(value)}`);
  return printNumber(value);
}

/** The smallest float with full precision; Nix rejects smaller ones. */
const SMALLEST = 2 ** -1022;

/** Nix's integers have 64 bits; its floats need a point. */
function printNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < SMALLEST) throw new TypeError(`Nix cannot express ${value}`);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  const text = Math.abs(value) >= 2 ** 63 ? value.toExponential() : String(value);
  const [mantissa = "", exponent] = text.split("e");
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent}`;
}

/** Whether text is written as an indented string: it has lines, and the last one ends. */
function isIndented(text: string): boolean {
  return text.length > 1 && text.endsWith("\n") && !NOT_INDENTED.test(text) && !isShifted(text);
}

/** Whether every line begins with a space, which Nix would take for indentation. */
function isShifted(text: string): boolean {
  return text.split("\n").every((line) => line === "" || line.startsWith(" "));
}

function printString(text: string, indent: number): string {
  if (!text.endsWith("\n") || !isIndented(text)) return quote(text);
  const inner = pad(indent + STEP);
  const lines = text.slice(0, -1).replaceAll("''", "'''").replaceAll("${", "''${").split("\n");
  return `''\n${lines.map((line) => (line === "" ? "" : inner + line)).join("\n")}\n${pad(indent)}''`;
}
