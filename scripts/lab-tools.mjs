#!/usr/bin/env node
// Builds what the lab runs and Debian has no package of, with Go: Consul and Nomad at the versions that lab/tools/ pins, and the lab's own
// program for lines that are slow or lossy. Minutes the first time; nothing where the pins and the sources are those of the last time.
//   node scripts/lab-tools.mjs [NAME…]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** By the program's name: its Go module in lab/tools/, and what of it is built. */
const TOOLS = {
  consul: { module: "consul", target: "github.com/hashicorp/consul" },
  nomad: { module: "nomad", target: "github.com/hashicorp/nomad" },
  "meshflake-line": { module: "line", target: "." },
};
/** Without tables of symbols, a third smaller. */
const FLAGS = ["-ldflags=-s -w"];

const modules = fileURLToPath(new URL("../lab/tools/", import.meta.url));
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const folder = join(cache, "meshflake/tools");

/** Pins and sources; tests are no part of the program. */
function hashOf({ module, target }) {
  const hash = createHash("sha256").update(JSON.stringify([target, FLAGS, process.arch]));
  const files = readdirSync(join(modules, module), { recursive: true }).filter((name) => /\.(go|mod|sum)$/.test(name));
  for (const name of files.filter((one) => !one.endsWith("_test.go")).sort())
    hash.update(`\0${name}\0`).update(readFileSync(join(modules, module, name)));
  return hash.digest("hex");
}

const stampOf = (name) => join(folder, `.${name}.sha256`);

function isBuilt(name, hash) {
  if (!existsSync(join(folder, name)) || !existsSync(stampOf(name))) return false;
  return readFileSync(stampOf(name), "utf8") === hash;
}

/** Beside its place first: a program that runs cannot be written to. @returns whether it worked */
function build(name, { module, target }, hash) {
  const file = join(folder, `${name}.${process.pid}`);
  const args = ["-C", join(modules, module), "build", ...FLAGS, "-o", file, target];
  const { status } = spawnSync("go", args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) {
    rmSync(file, { force: true });
    return false;
  }
  renameSync(file, join(folder, name));
  writeFileSync(stampOf(name), hash);
  return true;
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in TOOLS));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; there are ${Object.keys(TOOLS).join(", ")}`);
  process.exit(2);
}
const all = Object.entries(TOOLS)
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .map(([name, tool]) => ({ name, tool, hash: hashOf(tool) }));
const due = all.filter(({ name, hash }) => !isBuilt(name, hash));
for (const { name } of all.filter((one) => !due.includes(one))) console.log(`${name}: built already`);
if (due.length > 0 && spawnSync("go", ["version"]).status !== 0) {
  const names = due.map(({ name }) => name).join(", ");
  console.error(
    `Go is not installed, and ${names} ${due.length === 1 ? "is" : "are"} to be built with it: https://go.dev/doc/install`,
  );
  console.error("With Nix, `nix develop` has Consul and Nomad.");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const failed = due.filter(({ name, tool, hash }) => {
  console.log(`${name}: building${tool.target === "." ? "" : ", which takes minutes the first time"}`);
  const start = Date.now();
  const worked = build(name, tool, hash);
  console.log(`${name}: ${worked ? "built" : "FAILED"} after ${Math.round((Date.now() - start) / 1000)} s`);
  return !worked;
});
console.log(`in ${folder}`);
process.exit(failed.length === 0 ? 0 : 1);
