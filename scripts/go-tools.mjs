#!/usr/bin/env node
// Builds programs that Debian and npm have no package of, with Go, at the versions that their modules pin: Consul and Nomad, the lab's own
// program for lines that are slow or lossy, and Pulumi's command line. Minutes the first time; nothing where the pins and the sources are
// those of the last time.
//   node scripts/go-tools.mjs NAME…
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Without tables of symbols, a third smaller. */
const SMALL = "-s -w";
/** The SDK asks the command line for its version, which only its makers' releases know by themselves. */
const PULUMI_VERSION = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** By the program's name: its Go module, what of it is built, and with which flags for the linker. */
const TOOLS = {
  consul: { module: "lab/tools/consul", target: "github.com/hashicorp/consul", ldflags: SMALL },
  nomad: { module: "lab/tools/nomad", target: "github.com/hashicorp/nomad", ldflags: SMALL },
  "meshflake-line": { module: "lab/tools/line", target: ".", ldflags: SMALL },
  pulumi: {
    module: "pulumi/tools/pulumi",
    target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `${SMALL} ${PULUMI_VERSION}=${pinOf("pulumi/tools/pulumi", "github.com/pulumi/pulumi/sdk/v3")}`,
  },
};

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const folder = join(cache, "meshflake/tools");

/** The version of a package that a module pins. */
function pinOf(module, name) {
  const line = readFileSync(join(root, module, "go.mod"), "utf8")
    .split("\n")
    .map((text) =>
      text
        .trim()
        .replace(/^require /, "")
        .split(" "),
    )
    .find(([required]) => required === name);
  if (line === undefined) throw new Error(`${module}/go.mod pins no ${name}`);
  return line[1];
}

/** Pins and sources; tests are no part of the program. */
function hashOf({ module, target, ldflags }) {
  const hash = createHash("sha256").update(JSON.stringify([target, ldflags, process.arch]));
  const files = readdirSync(join(root, module), { recursive: true }).filter((name) => /\.(go|mod|sum)$/.test(name));
  for (const name of files.filter((one) => !one.endsWith("_test.go")).sort())
    hash.update(`\0${name}\0`).update(readFileSync(join(root, module, name)));
  return hash.digest("hex");
}

const stampOf = (name) => join(folder, `.${name}.sha256`);

function isBuilt(name, hash) {
  if (!existsSync(join(folder, name)) || !existsSync(stampOf(name))) return false;
  return readFileSync(stampOf(name), "utf8") === hash;
}

/** Beside its place first: a program that runs cannot be written to. @returns whether it worked */
function build(name, { module, target, ldflags }, hash) {
  const file = join(folder, `${name}.${process.pid}`);
  const args = ["-C", join(root, module), "build", `-ldflags=${ldflags}`, "-o", file, target];
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
if (asked.length === 0 || unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; there are ${Object.keys(TOOLS).join(", ")}`);
  process.exit(2);
}
const all = Object.entries(TOOLS)
  .filter(([name]) => asked.includes(name))
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
