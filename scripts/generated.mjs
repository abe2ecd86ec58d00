#!/usr/bin/env node
// Fails where a committed generated tree is not what `generate` would write: the reference fleet, every example, and the fleet of the test of NixOS.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist/cli/main.js");
const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const fleets = [root, ...examples.map((entry) => join(root, "examples", entry.name)), join(root, "test/nixos/cluster")];
const stale = fleets.filter(
  (fleet) => spawnSync(process.execPath, [cli, "-C", fleet, "generate", "--check"], { stdio: "inherit" }).status !== 0,
);
console.log(`${fleets.length} fleets, ${stale.length} out of date`);
process.exit(stale.length === 0 ? 0 : 1);
