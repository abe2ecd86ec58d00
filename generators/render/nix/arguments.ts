import type { Printable } from "./nix.js";

/** What a module may take from its caller; `inputs` are the flake's. */
const ARGUMENTS = ["config", "inputs", "lib", "modulesPath", "pkgs"] as const;

const NO_WORDS: ReadonlySet<string> = new Set();
/** Names, less those inside paths and behind a dot. */
const WORD = /(?<![\w./'-])[A-Za-z_][\w'-]*/g;

/** The words of parts that hosts share are collected once. */
const collected = new WeakMap<object, ReadonlySet<string>>();

function wordsOf(value: Printable): ReadonlySet<string> {
  if (typeof value !== "object" || value === null) return NO_WORDS;
  const known = collected.get(value);
  if (known !== undefined) return known;
  const words = new Set<string>();
  collectWords(value, words);
  collected.set(value, words);
  return words;
}

function collectWords(value: Printable, words: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if ("$nix" in value && typeof value.$nix === "string") {
    for (const [word] of value.$nix.matchAll(WORD)) words.add(word);
    return;
  }
  for (const part of Object.values(value)) collectWords(part, words);
}

/**
 * The head of a module's function: the arguments that its expressions name, or nothing where they name none.
 * @returns nixfmt's layout, with the line's end
 */
export function printArguments(...values: readonly Printable[]): string {
  const words = values.map(wordsOf);
  const names = ARGUMENTS.filter((name) => words.some((set) => set.has(name)));
  if (names.length === 0) return "";
  return names.length > 2
    ? `{\n${names.map((name) => `  ${name},\n`).join("")}  ...\n}:\n`
    : `{ ${names.join(", ")}, ... }:\n`;
}
