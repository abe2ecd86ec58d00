import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../generators/model/problem.js";

/** Where things are: the fleet's repository, and this package. */

const FLEET_FILE = /^fleet\.(?:[cm]?[jt]s|json)$/;

function holdsFleet(folder: string): boolean {
  const hosts = join(folder, "hosts");
  return existsSync(hosts) && readdirSync(hosts).some((name) => FLEET_FILE.test(name));
}

/**
 * The repository a command works on.
 * @param given the folder of `--root`, which must hold a fleet itself; otherwise the search goes upwards from `cwd`
 * @throws UserError where there is no fleet
 */
export function findRoot(cwd: string, given: string | undefined): string {
  if (given !== undefined) {
    const root = resolve(cwd, given);
    if (holdsFleet(root)) return root;
    throw new UserError(`no fleet in ${given}: it has no hosts/fleet.ts`, "meshflake init DIR makes a new one");
  }
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (holdsFleet(folder)) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new UserError(
    "no fleet here: neither this folder nor one above has hosts/fleet.ts",
    "meshflake init DIR makes a new one, and -C DIR names another folder",
  );
}

export interface PackageFacts {
  /** The package's folder, absolute. */
  readonly folder: string;
  readonly version: string;
  /** Where to report a bug, if the package says so. */
  readonly bugs?: string;
}

/** Finds this package from this file, wherever the build put it. */
export function findPackage(): PackageFacts {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const { version, bugs } = JSON.parse(readFileSync(file, "utf8")) as {
      version: string;
      bugs?: string | { url?: string };
    };
    const url = typeof bugs === "string" ? bugs : bugs?.url;
    return { folder, version, ...(url !== undefined && { bugs: url }) };
  }
}
