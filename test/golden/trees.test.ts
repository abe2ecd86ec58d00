import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../generators/compile.js";
import { renderFleet } from "../../generators/render/fleet.js";

/**
 * Whole generated trees against test/fixtures/CASE/expected. `npm run test:update` writes them anew; their diff is read like
 * code. Every fixture has a lock, so that no key is made.
 */

const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));

async function render(root: string): Promise<Map<string, string>> {
  const environments = join(root, "hosts/environments");
  const names = existsSync(environments)
    ? readdirSync(environments).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []))
    : [];
  const files = new Map<string, string>();
  for (const environment of [undefined, ...names]) {
    const { plan } = await compileFleet(root, environment === undefined ? {} : { environment });
    for (const { path, text } of renderFleet(plan)) files.set(path, text);
  }
  return files;
}

function readTree(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path), readFileSync(path, "utf8")];
    }),
  );
}

function writeTree(root: string, files: ReadonlyMap<string, string>): void {
  rmSync(root, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const golden = suite("golden trees");

for (const name of readdirSync(fixtures).filter((one) => existsSync(join(fixtures, one, "hosts")))) {
  golden(name, async () => {
    const root = join(fixtures, name);
    const expected = join(root, "expected");
    const files = await render(root);
    if (process.env.UPDATE_GOLDEN === "1") writeTree(expected, files);
    const wanted = readTree(expected);
    assert.equal([...files.keys()].sort(), [...wanted.keys()].sort());
    for (const [path, text] of files) assert.is(text, wanted.get(path), path);
  });
}

golden.run();
