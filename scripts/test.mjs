#!/usr/bin/env node
// Runs the test suites and sums them up in one line. uvu exits with 0 when a suite never ran or a file did not match, so the
// counts decide.
//   node scripts/test.mjs [--update] [--real] [--strict] [PART…]     PART is part of a test file's path, e.g. `plan` or `cli/generate`
// `--real` runs test/real/, which boots fleets, and nothing else. What cannot be tried on a machine counts as skipped there; in
// CI, where everything is installed, that is a failure. `--strict` makes it one for other tests too.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const update = process.argv.includes("--update");
const real = process.argv.includes("--real");
const strict = process.argv.includes("--strict");
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

// uvu colours unless it is told not to, whatever its output is.
const colors = process.stdout.isTTY && !process.env.NO_COLOR;
const names = files.map((file) => file.replace(/[.+]/g, "\\$&"));
const uvu = spawn(
  process.execPath,
  [
    ...["--import", "tsx", "node_modules/uvu/bin.js", ".", `^(${names.join("|")})$`, "-i", "node_modules"],
    ...(colors ? [] : ["--no-color"]),
  ],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...(update && { UPDATE_GOLDEN: "1" }),
      ...(!colors && { NO_COLOR: "1" }),
      MESHFLAKE_TEST: "1",
    },
  },
);
let output = "";
uvu.stdout.setEncoding("utf8").on("data", (chunk) => {
  output += chunk;
  process.stdout.write(chunk);
});
uvu.on("close", (code) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the runner
  const plain = output.replace(/\u001b\[\d+m/g, "");
  const count = (label) => Number(plain.match(new RegExp(`^  ${label}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
  const total = count("Total");
  // A test that says so has only returned.
  const notTried = real || strict ? (plain.match(/not tried: /g) ?? []).length : 0;
  const [passed, skipped] = [count("Passed") - notTried, count("Skipped") + notTried];
  const ran = files.filter((file) => plain.includes(file.slice("test/".length)) || files.length === 1).length;
  if (files.length > 1 && ran < files.length)
    console.error(
      `only ${ran} of ${files.length} test files reported: ${files.filter((file) => !plain.includes(file.slice("test/".length))).join(", ")}`,
    );
  const failed = total - passed - notTried;
  const complete = skipped === 0 || (real && !process.env.CI);
  const good = code === 0 && total > 0 && failed === 0 && complete && ran === files.length;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(good ? 0 : 1);
});
