#!/usr/bin/env node
// Type-checks the toolkit, and each fleet as its own project: host names of one fleet are not those of another.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const projects = [
  "tsconfig.json",
  ...examples.map(({ name }) => `examples/${name}/tsconfig.json`),
  "test/nixos/cluster/tsconfig.json",
];
const failed = projects.filter((project) => {
  if (!existsSync(join(root, project))) return true;
  return (
    spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
      cwd: root,
      stdio: "inherit",
    }).status !== 0
  );
});
if (failed.length > 0) console.error(`does not type-check: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
