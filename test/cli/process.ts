import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The built command line as a process, on repositories of its own. */

export const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(PACKAGE, "dist/cli/main.js");

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another program than the built one. */
  readonly main?: string;
}

/** Nothing of the person who runs the tests: no colours, no CI, no keys. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", ...more };
}

/** Runs `meshflake ARGS`; never rejects because of its exit code. */
export function runCli(args: readonly string[], { cwd, env, main = MAIN }: RunOptions): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd, env: cleanEnv(env), maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const folders: string[] = [];
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own, removed at the end. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-cli-"));
  folders.push(folder);
  return folder;
}

/** Packages as `npm install` would put them into a repository: this repository's own, and meshflake itself. */
export function linkPackages(root: string, meshflake = PACKAGE): void {
  mkdirSync(join(root, "node_modules"), { recursive: true });
  symlinkSync(meshflake, join(root, "node_modules/meshflake"));
  for (const name of ["@pulumi", "@muhlba91", "tsx"])
    symlinkSync(join(PACKAGE, "node_modules", name), join(root, "node_modules", name));
}

/** The reference fleet as a person wrote it: nothing generated, no keys. */
export function copyReference(): string {
  const root = makeFolder();
  cpSync(join(PACKAGE, "hosts"), join(root, "hosts"), {
    recursive: true,
    filter: (path) => !/\.lock(\.json)?$/.test(path),
  });
  for (const path of ["modules/images", "modules/platforms", "modules/services", "flake.nix", "flake.lock"]) {
    cpSync(join(PACKAGE, path), join(root, path), { recursive: true });
  }
  return root;
}

let generated: Promise<string> | undefined;

async function generateReference(): Promise<string> {
  const root = copyReference();
  const { code, stderr } = await runCli(["generate"], { cwd: root });
  if (code !== 0) throw new Error(`generate failed: ${stderr}`);
  return root;
}

/** A copy of the reference fleet that is up to date; generated once, since it takes a second. */
export async function copyGenerated(): Promise<string> {
  generated ??= generateReference();
  const root = makeFolder();
  cpSync(await generated, root, { recursive: true });
  return root;
}

/** Makes a git repository with everything committed, by nobody in particular. */
export function commitAll(root: string, message = "base"): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: root,
      env: cleanEnv(),
      stdio: "ignore",
    });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
}

/** Contents and times of all files below a folder, git's own aside. */
export function readFolder(root: string): Map<string, { readonly text: string; readonly mtimeMs: number }> {
  const files = new Map<string, { text: string; mtimeMs: number }>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(root, path);
    if (!entry.isFile() || name.startsWith(".git/")) continue;
    files.set(name, { text: readFileSync(path, "utf8"), mtimeMs: statSync(path).mtimeMs });
  }
  return files;
}

/** Paths that differ, sorted, with a sign: `+` new, `-` gone, `~` changed. */
export function compareFolders(
  before: ReadonlyMap<string, { readonly text: string }>,
  after: ReadonlyMap<string, { readonly text: string }>,
): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === undefined) return [`+ ${path}`];
    if (is === undefined) return [`- ${path}`];
    return was.text === is.text ? [] : [`~ ${path}`];
  });
}
