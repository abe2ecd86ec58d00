#!/usr/bin/env node
// Builds, runs the test suites and sums them up in one line.
//   node scripts/test.mjs [--update] [--real] [--strict] [--again] [PART…]     PART is part of a test file's path, e.g. `plan` or `cli/generate`
// `--real` runs test/real/, which boots fleets, and nothing else: a file that fails is tried once more. What cannot be tried on a
// machine counts as skipped there; in CI, where everything is installed, that is a failure. `--strict` makes it one for other tests too.
// `--again` tries other files that fail once more as well.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runOneByOne, runTogether } from "./test/run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const update = process.argv.includes("--update");
const real = process.argv.includes("--real");
const strict = process.argv.includes("--strict");
const again = process.argv.includes("--again");
const isReal = (file) => file.startsWith(join("test", "real"));

const built = spawnSync(process.execPath, [join(root, "scripts/build.mjs")], { cwd: root, stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const files = readdirSync(join(root, "test"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((file) => isReal(file) === real)
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  console.error("no test file matches");
  process.exit(1);
}

const env = update ? { UPDATE_GOLDEN: "1" } : {};
process.exitCode = real
  ? await runOneByOne({ root, files, env, complete: Boolean(process.env.CI) })
  : await runTogether({ root, files, env, strict, again });
