import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PACKAGE } from "../process.js";

/** The commands of old do not pay for the lab's code, and the lab does not know the command line. */

const structure = suite("cli: lab structure");

/** What a module imports at once, types aside; files relative to the repository. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(PACKAGE, file), "utf8");
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)\.js";/gms)].map(
    ([, target = ""]) => `${relative(PACKAGE, join(PACKAGE, dirname(file), target))}.ts`,
  );
}

function allImports(start: string): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (!file.includes("/generated/")) open.push(...importsOf(file));
  }
  return seen;
}

const ofLab = (files: Iterable<string>) => [...files].filter((file) => file.startsWith("lab/"));

structure("what the command line loads at once has nothing of the lab", () => {
  const loaded = allImports("cli/main.ts");
  assert.ok(loaded.has("cli/definitions/lab.ts"));
  assert.equal(ofLab(loaded), []);
  assert.equal(ofLab(allImports("cli/commands/plan.ts")), []);
  assert.equal(ofLab(allImports("cli/completion/names.ts")), []);
});

structure("the search finds what is loaded", () => {
  assert.ok(ofLab(allImports("cli/commands/lab/up.ts")).includes("lab/client/start/start.ts"));
});

structure("the lab imports nothing of the command line", () => {
  const files = readdirSync(join(PACKAGE, "lab"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(PACKAGE, join(entry.parentPath, entry.name)));
  assert.ok(files.length > 10);
  const wrong = files.filter((file) => importsOf(file).some((target) => target.startsWith("cli/")));
  assert.equal(wrong, []);
});

structure.run();
