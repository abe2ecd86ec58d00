import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { packageRoot } from "../../generators/load/package.js";
import { UserError } from "../../generators/model/problem.js";
import type { RenderedFile } from "../../generators/render/types.js";
import type { CommandOptions, CommandResult, Context } from "../context.js";
import { renderExampleFleet } from "../init/fleet.js";
import { PROGRAM_FOLDER, type ProgramVersions, renderProgram } from "../init/program.js";
import { renderProject } from "../init/project.js";
import { type InitSettings, readSettings } from "../init/settings.js";
import { count } from "../terminal/words.js";

/** What the package itself brings along, relative to both repositories. */
const COPIED = [
  "flake.nix",
  "flake.lock",
  `${PROGRAM_FOLDER}/Pulumi.yaml`,
  "modules/images",
  "modules/platforms",
  "modules/services",
];

function checkEmpty(root: string, force: boolean): void {
  if (!existsSync(root)) return;
  const names = readdirSync(root).filter((name) => name !== ".git");
  if (names.length === 0 || force) return;
  throw new UserError(`${root} is not empty`, "name another folder, or write over it with --force");
}

function readCopied(path: string): RenderedFile[] {
  const from = join(packageRoot, path);
  if (!path.startsWith("modules/")) return [{ path, text: readFileSync(from, "utf8") }];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(nix|sh)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(packageRoot, file).split(sep).join("/"), text: readFileSync(file, "utf8") }));
}

function readVersions(): { meshflake: string; typescript: string } {
  const { version, dependencies } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
    dependencies: { typescript: string };
  };
  return { meshflake: version, typescript: dependencies.typescript };
}

/** One place for these versions: what meshflake's own program is tested with. */
function readProgramVersions(): ProgramVersions {
  const file = join(packageRoot, PROGRAM_FOLDER, "package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies: ProgramVersions };
  return dependencies;
}

function writeFiles(root: string, files: readonly RenderedFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Whether there is a git repository now: flakes read what git knows. A folder inside another one gets none of its own. */
function initGit(root: string): boolean {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, stdio: "ignore" });
  try {
    git("rev-parse", "--git-dir");
    return true;
  } catch {
    // Not inside one yet, or no git at all.
  }
  try {
    git("-c", "init.defaultBranch=main", "init", "--quiet");
    return true;
  } catch {
    return false;
  }
}

function describe(
  context: Context,
  { root, name, admin, sshKey, age }: InitSettings,
  files: number,
  git: boolean,
): string {
  const { bold, green, dim } = context.colors;
  const folder = relative(context.cwd, root) || ".";
  const key = sshKey.split(" ").slice(2).join(" ") || "the SSH key";
  const steps = [
    ...(folder === "." ? [] : [`cd ${folder}`]),
    "npm install",
    `npx meshflake generate   ${dim("# keys, addresses, and the modules of every host")}`,
    ...(git ? ["git add --all"] : []),
  ];
  return [
    `${green("✓")} ${bold(name)} is in ${folder}: ${count(files, "file")}, three example hosts in hosts/ to edit`,
    `  ${admin} logs in with ${key}, and decrypts secrets with ${age === sshKey ? "it too" : age}`,
    "",
    "Next:",
    ...steps.map((step) => `  ${step}`),
  ].join("\n");
}

export async function run(
  context: Context,
  [dir = "."]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const settings = await readSettings(context, dir, options);
  const { root, name } = settings;
  checkEmpty(root, options.force === true);
  const files = [
    ...renderExampleFleet(settings),
    ...renderProject(settings, readVersions()),
    ...renderProgram(name, readProgramVersions()),
    ...COPIED.flatMap(readCopied),
  ];
  writeFiles(root, files);
  const git = initGit(root);
  return {
    exitCode: 0,
    text: () => describe(context, settings, files.length, git),
    data: () => ({ root, name, git, files: files.map(({ path }) => path).sort() }),
    problems: [],
  };
}
