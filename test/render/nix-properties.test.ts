// biome-ignore-all lint/suspicious/noTemplateCurlyInString: antiquotations of Nix, not of JavaScript

import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Printable, printNix } from "../../generators/render/nix/nix.js";
import { readNix } from "./nix-reader.js";

/** Whatever is printed reads back as the same value, by our own reader, and by Nix and nixfmt where they are installed. */

/** How many values Nix and nixfmt get in one run. */
const BATCH = 300;

/** Strings that escaping is about come more often than by chance. */
const TRICKY = ["$", "{", "}", "${", "'", "''", '"', "\\", "\n", "\r", "\t", " ", "  ", "a", "b\n", "#", "é", "\n\n"];
const text = fc.oneof(
  fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0")),
  fc.array(fc.constantFrom(...TRICKY), { maxLength: 8 }).map((parts) => parts.join("")),
  fc
    .array(fc.constantFrom("one", "  two", "", "${three}", "''", "a'"), { maxLength: 4 })
    .map((lines) => `${lines.join("\n")}\n`),
);
const name = fc.oneof(fc.constantFrom("a", "b-c", "d.e", "in", "or", "rec", "", "1", "f'"), text);
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((number) => number === 0 || Math.abs(number) >= 2 ** -1022),
  text,
);
const { value } = fc.letrec<{ value: Printable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** `-0` is 0 in Nix; `__proto__` as a name is JavaScript's trouble, not the printer's. */
function plain(input: Printable): Printable {
  return JSON.parse(JSON.stringify(input));
}

function has(command: string): boolean {
  return spawnSync(command, ["--version"]).status === 0;
}

const properties = suite("render: Nix printer's properties");

properties("reads back as the same value", () => {
  fc.assert(
    fc.property(value, (input) => {
      assert.equal(plain(readNix(printNix(input))), plain(input));
    }),
    { numRuns: 2000 },
  );
});

properties("no line is wider than 100 columns because of a list or a set that could be broken", () => {
  fc.assert(
    fc.property(value, (input) => {
      for (const line of printNix(input).split("\n")) {
        if (line.length > 100) assert.not.match(line, /^[^"']*\[ [^\]]|^ *\{ \S/);
      }
    }),
  );
});

properties("Nix reads the same value", () => {
  if (!has("nix-instantiate")) {
    console.log(`  skipped: ${BATCH} values for Nix, which is not installed`);
    return;
  }
  const values = fc.sample(value, BATCH);
  const expression = `[\n${values.map((input) => `(${printNix(input)})`).join("\n")}\n]`;
  const json = execFileSync("nix-instantiate", ["--eval", "--strict", "--json", "-"], {
    input: expression,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  assert.equal(JSON.parse(json), plain(values));
});

properties("nixfmt changes nothing", () => {
  if (!has("nixfmt")) {
    console.log(`  skipped: ${BATCH} values for nixfmt, which is not installed`);
    return;
  }
  const values = fc.sample(value, BATCH);
  const input = `${printNix(Object.fromEntries(values.map((input, index) => [`v${index}`, input])))}\n`;
  assert.is(execFileSync("nixfmt", ["-"], { input, encoding: "utf8", maxBuffer: 1 << 26 }), input);
});

properties.run();
