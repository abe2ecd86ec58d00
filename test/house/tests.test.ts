import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** What the test runner itself does not notice. */

const tests = fileURLToPath(new URL("..", import.meta.url));
const files = readdirSync(tests, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
  .map((entry) => join(entry.parentPath, entry.name));

/** Why a test file would pass without having tested anything; empty where it would not. */
function findFlaws(text: string): string[] {
  const suites = [...text.matchAll(/^const (\w+) = suite\(/gm)].map(([, name]) => name);
  return [
    ...(suites.length === 0 ? ["has no suite"] : []),
    ...suites
      .filter((name) => !new RegExp(`^${name}\\.run\\(\\);`, "m").test(text))
      .map((name) => `${name}.run() is missing`),
    ...(/\.(only|skip)\(/.test(text.replace(/.*findFlaws\(.*/g, "")) ? ["leaves tests out"] : []),
    ...(/assert\.throws\([^\n]*,\s*["'`][^\n]*\);$/m.test(text.replace(/.*findFlaws\(.*/g, ""))
      ? ["throws() ignores a text"]
      : []),
  ];
}

const house = suite("house: tests");

house("every test file runs its suites, leaves none out and asserts what is thrown", () => {
  assert.ok(files.length > 5);
  for (const file of files) assert.equal(findFlaws(readFileSync(file, "utf8")), [], file);
});

house("the search finds a planted flaw", () => {
  assert.equal(findFlaws('const a = suite("a");\n'), ["a.run() is missing"]);
  assert.equal(findFlaws("a.run();\n"), ["has no suite"]);
  assert.equal(findFlaws('const a = suite("a");\na.only("x", f);\na.run();\n'), ["leaves tests out"]);
  assert.equal(findFlaws('const a = suite("a");\nassert.throws(f, "text");\na.run();\n'), ["throws() ignores a text"]);
});

house.run();
