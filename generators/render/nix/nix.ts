import type { NixExpression } from "../../model/input.js";
import { isIndented, pad, printAttribute, printNumber, printString, quote, STEP } from "./nix-text.js";

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

/** Expressions that need no parentheses as an element of a list: selections, paths, and what brackets already enclose. */
const ATOMIC = /^(?:[A-Za-z_][\w'.-]*|\.{0,2}\/[\w./+-]+|"[^"\\$]*"|\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\})$/;

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
  if (isCommented(value)) return null;
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
    lines.push(isCommented(element) ? printCommented(element, indent + STEP) : printElement(element, indent + STEP));
  }
  return `[${inner}${lines.join(inner)}\n${pad(indent)}]`;
}

/** Commented elements are WireGuard's peers: a full mesh has a million, in a few thousand kinds that hosts share. */
const printed = new WeakMap<Commented, Map<number, string>>();

function isCommented(value: Printable): value is Commented {
  return typeof value === "object" && value !== null && COMMENT in value;
}

function printCommented(element: Commented, indent: number): string {
  const texts = printed.get(element) ?? new Map<number, string>();
  if (texts.size === 0) printed.set(element, texts);
  const known = texts.get(indent);
  if (known !== undefined) return known;
  const text = `# ${element[COMMENT]}\n${pad(indent)}${printElement(element, indent)}`;
  texts.set(indent, text);
  return text;
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
