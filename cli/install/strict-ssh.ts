import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { quoteLine } from "../ssh/shell-words.js";
import { strictOptions } from "../ssh/strict.js";
import type { HostKey } from "./host-key.js";

/**
 * nixos-anywhere (1.13) starts every ssh with StrictHostKeyChecking=no, and ssh takes an option's first value: no option of
 * nixos-anywhere's makes it check. It takes `ssh` from PATH, though, so an `ssh` of ours stands there, and gives the real one
 * the strict options first. Two things make sure that no other `ssh` gets through: the target's name means something to ours
 * alone, and nixos-anywhere is told to pass a KnownHostsCommand that always fails, which ours overrules.
 */

/** What nixos-anywhere calls the machine. */
export function aliasOf(host: string): string {
  return `meshflake-install-${host}`;
}

export interface StrictSsh {
  /** For the front of PATH. */
  readonly bin: string;
  /** For nixos-anywhere's `--ssh-option`; without blanks, which do not survive NIX_SSHOPTS. */
  readonly option: string;
}

export interface StrictTarget {
  readonly alias: string;
  readonly address: string;
  readonly keys: readonly HostKey[];
  /** The real ssh, absolute. */
  readonly ssh: string;
}

/** Connections to other machines, e.g. git's for an input of the flake, are the person's own affair. */
function wrapperScript({ alias, address, ssh }: StrictTarget, knownHosts: string): string {
  const strict = [...strictOptions(knownHosts, alias), "-o", `HostName=${address.replace(/%/g, "%%")}`];
  return `#!/bin/sh
for word do
  case $word in
  ${alias} | *@${alias}) exec ${quoteLine([ssh, ...strict])} "$@" ;;
  esac
done
exec ${quoteLine([ssh])} "$@"
`;
}

const REFUSE = `#!/bin/sh
echo "meshflake: an ssh that does not check host keys was started, and refused" >&2
exit 1
`;

function isExecutable(file: string): boolean {
  try {
    execFileSync(file, ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Scripts must be executable where they lie: some systems forbid that in memory, or in /tmp. */
function writeScripts(folder: string, target: StrictTarget): StrictSsh | null {
  const bin = join(folder, "bin");
  mkdirSync(bin, { mode: 0o700 });
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, target.keys.map(({ text }) => `${target.alias} ${text}\n`).join(""), { mode: 0o600 });
  writeFileSync(join(bin, "ssh"), wrapperScript(target, knownHosts), { mode: 0o700 });
  const refuse = join(folder, "refuse");
  writeFileSync(refuse, REFUSE, { mode: 0o700 });
  if (/[\s%]/.test(folder) || !isExecutable(join(bin, "ssh"))) return null;
  return { bin, option: `KnownHostsCommand=${refuse}` };
}

/**
 * Runs `use` with an ssh that knows the target, and checks it.
 * @param folder private; where its scripts cannot run, they lie in the system's folder for temporary files
 * @throws UserError where scripts can run in neither
 */
export async function withStrictSsh<Result>(
  folder: string,
  target: StrictTarget,
  use: (ssh: StrictSsh) => Promise<Result>,
): Promise<Result> {
  const inside = join(folder, "ssh");
  mkdirSync(inside, { mode: 0o700 });
  const own = writeScripts(inside, target);
  if (own !== null) return use(own);
  const other = mkdtempSync(join(tmpdir(), "meshflake-install-ssh-"));
  try {
    const scripts = writeScripts(other, target);
    if (scripts !== null) return await use(scripts);
    throw new UserError(
      `scripts cannot be run in ${inside}, nor in ${other}`,
      "set TMPDIR to a folder without blanks in its name, where programs may run",
      1,
    );
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}
