import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyReference, makeFolder, type Run, runCli } from "../process.js";

/** The reference fleet with an admin whose key the test has, as the built command made it; and Debian's `age` to look inside. */

export interface Repository {
  readonly root: string;
  /** The first admin's identity. */
  readonly identity: string;
  /** Runs `meshflake ARGS` with the admin's identity in the variable. */
  readonly run: (...args: readonly string[]) => Promise<Run>;
  /** The same, with this on stdin. */
  readonly pipe: (input: string | Uint8Array, ...args: readonly string[]) => Run;
}

export interface Key {
  readonly file: string;
  readonly recipient: string;
}

/** Made by age-keygen. */
export function makeKey(folder = makeFolder()): Key {
  const file = join(folder, "identity.txt");
  execFileSync("age-keygen", ["-o", file], { stdio: "ignore" });
  return { file, recipient: execFileSync("age-keygen", ["-y", file], { encoding: "utf8" }).trim() };
}

/** A value's file in the clear, by the real age; null where the identity cannot read it. */
export function readWithAge(root: string, name: string, identity: string): string | null {
  try {
    const file = join(root, "secrets", `${name}.age`);
    return execFileSync("age", ["-d", "-i", identity, file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
}

/** A host's identity, as it lies on the host. */
export function identityOf({ root, identity }: Repository, host: string): string {
  const file = join(makeFolder(), host);
  writeFileSync(file, readWithAge(root, `${host}/identity`, identity) ?? "", { mode: 0o600 });
  return file;
}

/** Names of all files in secrets/. */
export function listSecrets(root: string): string[] {
  const entries = readdirSync(join(root, "secrets"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => `${entry.parentPath.split("/").at(-1)}/${entry.name.replace(/\.age$/, "")}`).sort();
}

/** Replaces text in a file of the repository. @throws where it is not there */
export function edit(root: string, file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(root, file), "utf8");
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not have ${from}`);
  writeFileSync(join(root, file), after);
}

/** Names the admins and their recipients in hosts/fleet.ts. */
export function setAdmins(root: string, admins: Readonly<Record<string, readonly string[]>>): void {
  const entries = Object.entries(admins).map(
    ([name, age]) =>
      `${name}: { sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ"], age: ${JSON.stringify(age)} },`,
  );
  edit(root, "hosts/fleet.ts", /admins: \{[\s\S]*?\n {2}\},/, `admins: {\n    ${entries.join("\n    ")}\n  },`);
}

let generated: Promise<{ readonly root: string; readonly key: Key }> | undefined;

async function generateOnce() {
  const root = copyReference();
  const key = makeKey();
  setAdmins(root, { nico: [key.recipient] });
  edit(root, "hosts/fleet.ts", "\n  sites:", '\n  secrets: { shared: { hosts: ["ari", "cosmo"] } },\n  sites:');
  edit(root, "hosts/cosmo.ts", "site:", "secrets: { photos: {} },\n  site:");
  const { code, stderr } = await runCli(["generate"], { cwd: root });
  if (code !== 0) throw new Error(`generate failed: ${stderr}`);
  return { root, key };
}

/** A copy of the generated fleet: `cosmo/photos` and `cats/shared` are declared, and have no value. */
export async function copyFleet(): Promise<Repository> {
  generated ??= generateOnce();
  const { root: from, key } = await generated;
  const root = makeFolder();
  cpSync(from, root, { recursive: true });
  const env = { MESHFLAKE_IDENTITY: key.file };
  return {
    root,
    identity: key.file,
    run: (...args) => runCli(args, { cwd: root, env }),
    pipe: (input, ...args) => pipeCli(input, args, root, env),
  };
}

/** Runs the built command with something on stdin. */
export function pipeCli(
  input: string | Uint8Array,
  args: readonly string[],
  cwd: string,
  more: Record<string, string>,
): Run {
  const main = new URL("../../../dist/cli/main.js", import.meta.url).pathname;
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: "/nonexistent", ...more };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    env,
    input,
    encoding: "utf8",
  });
  return { code: status ?? -1, stdout, stderr };
}

/** Takes a host out of the fleet. */
export function removeHost(root: string, host: string): void {
  rmSync(join(root, `hosts/${host}.ts`));
}

const runtimeFolders: string[] = [];
process.on("exit", () => {
  for (const folder of runtimeFolders) rmSync(folder, { recursive: true, force: true });
});

/** Where an editor's file lies while a test runs: in memory, as on a desktop. */
export function makeRuntimeFolder(): string {
  const folder = join("/dev/shm", `meshflake-test-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder, { mode: 0o700 });
  runtimeFolders.push(folder);
  return folder;
}
