import { readFileSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatRules } from "../../scripts/docs/rules.js";
import { ALL_RULES, checkFixture, expectedFile, listFixtures, readExpected, readSource } from "./repositories.js";

/** Every rule on a real repository that breaks it: the very lines, with file, line and column. */

/** Rules that cannot be broken without breaking another one too; an environment that changes one thing has production's machines. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  "lxc-driver": ["lxc-client"],
  "fleet-name": ["environment-machine"],
  "name-twice": ["environment-machine"],
  "unknown-relay": ["environment-machine"],
};

const fixtures = listFixtures();
const codes = ALL_RULES.map((rule) => rule.code);
const rules = suite("rules: fixtures");

/** All at once: most of the time goes by waiting for esbuild. */
const running = new Map(["base", ...fixtures].map((code) => [code, settle(checkFixture(code))] as const));

async function settle(lines: Promise<readonly string[]>): Promise<readonly string[] | Error> {
  return lines.catch((error: Error) => error);
}

async function linesOf(code: string): Promise<readonly string[]> {
  const lines = await running.get(code);
  if (lines === undefined || lines instanceof Error) throw lines ?? new Error(`no fixture ${code}`);
  return lines;
}

rules("every rule has a fixture, and every fixture a rule", () => {
  assert.equal([...fixtures].sort(), [...codes].sort());
});

rules("codes are unique, stable words", () => {
  assert.is(new Set(codes).size, codes.length);
  for (const code of codes) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
});

rules("texts for people are sentences without a full stop, reasons with one", () => {
  for (const { title, why } of ALL_RULES) {
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.match(why, /[.]$/);
  }
});

rules("the fleet under the fixtures has no problem", async () => {
  assert.equal(await linesOf("base"), []);
});

for (const code of fixtures) {
  rules(`${code} says what is wrong and where`, async () => {
    const text = `${(await linesOf(code)).join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(expectedFile(code), text);
    assert.is(text, readExpected(code));
  });

  rules(`${code} breaks nothing else`, async () => {
    const found = new Set((await linesOf(code)).map((line) => /\[([a-z-]+)\]$/.exec(line)?.[1]));
    assert.ok(found.has(code));
    for (const other of TOGETHER[code] ?? []) found.delete(other);
    assert.equal([...found], [code]);
  });
}

/** What stands in a fixture's source where a line of `check` points to. */
function sourceAt(code: string, line: string): { text: string; path: string } {
  const [, file = "", row, column, rest = ""] = /^(\S+):(\d+):(\d+) {2}(.*)$/.exec(line) ?? [];
  const text = readSource(code, file).split("\n")[Number(row) - 1] ?? "";
  const [, path = ""] = /^((?:\w+|\["[^"]+"\])(?:\.\w+|\[\d+\]|\["[^"]+"\])*): /.exec(rest) ?? [];
  return { text: text.slice(Number(column) - 1), path };
}

rules("every position is that of the very value", async () => {
  let seen = 0;
  for (const code of fixtures) {
    for (const line of await linesOf(code)) {
      const { text, path } = sourceAt(code, line);
      const [, key, quoted, index] = /(?:(\w+)|\["([^"]+)"\]|\[(\d+)\])$/.exec(path) ?? [];
      const name = key ?? quoted;
      const isThere =
        name === undefined
          ? /^["{[\d]/.test(text) || (index === undefined && text.startsWith("fleet."))
          : text.startsWith(name) || text.startsWith(JSON.stringify(name));
      assert.ok(isThere, `${line}\npoints to: ${text}`);
      seen++;
    }
  }
  assert.ok(seen > codes.length);
});

rules("docs/rules.md is up to date", () => {
  const file = new URL("../../docs/rules.md", import.meta.url);
  assert.is(readFileSync(file, "utf8"), formatRules());
});

rules.run();
