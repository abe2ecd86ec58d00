#!/usr/bin/env node
// Builds Pulumi's command line, which Debian and npm have no package of, with Go at the version that pulumi/tools/pulumi pins. Minutes the
// first time; nothing where the pins are those of the last time.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TARGET = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const module = fileURLToPath(new URL("../pulumi/tools/pulumi", import.meta.url));
const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "meshflake/tools");
const [program, stamp] = [join(folder, "pulumi"), join(folder, ".pulumi.sha256")];

const mod = readFileSync(join(module, "go.mod"), "utf8");
const [, version] = /github\.com\/pulumi\/pulumi\/sdk\/v3 (v\S+)/.exec(mod) ?? [];
if (version === undefined) throw new Error("pulumi/tools/pulumi/go.mod pins no Pulumi");
// Without tables of symbols, a third smaller. The version is what the SDK asks the command line for.
const flags = `-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;

const sum = readFileSync(join(module, "go.sum"));
const pins = createHash("sha256").update([mod, flags, process.arch].join("\0")).update(sum).digest("hex");
if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, "utf8") === pins) process.exit(0);

mkdirSync(folder, { recursive: true });
// Beside its place first: a program that runs cannot be written to.
const file = `${program}.${process.pid}`;
const { status } = spawnSync("go", ["-C", module, "build", flags, "-o", file, TARGET], {
  stdio: ["ignore", "inherit", "inherit"],
});
if (status !== 0) {
  rmSync(file, { force: true });
  process.exit(1);
}
renameSync(file, program);
writeFileSync(stamp, pins);
console.log(program);
