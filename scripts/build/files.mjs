import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Writes a file as a whole or not at all, since a test run may read it meanwhile. */
export function writeFile(path, text) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.${process.pid}`, text);
  renameSync(`${target}.${process.pid}`, target);
}

/**
 * Runs a step unless its inputs are those of the last run and its outputs are still there.
 * @param {string} name the step
 * @param {string[]} inputs files that it depends on, relative to the package
 * @param {string[]} outputs files that it makes
 * @param {() => unknown} work the step
 */
export async function unlessUnchanged(name, inputs, outputs, work) {
  const hash = createHash("sha256");
  for (const input of inputs)
    hash
      .update(`${input}\0`)
      .update(readFileSync(join(root, input)))
      .update("\0");
  const digest = hash.digest("hex");
  const stamp = join("node_modules/.cache/meshflake", name);
  const made = outputs.every((output) => existsSync(join(root, output)));
  if (made && existsSync(join(root, stamp)) && readFileSync(join(root, stamp), "utf8") === digest) return;
  await work();
  writeFile(stamp, digest);
}
