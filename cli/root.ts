import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../generators/load/package.js";
import { UserError } from "../generators/model/problem.js";

/** Where things are: the fleet's repository, and this package. */

const EXTENSIONS = ["ts", "mts", "js", "mjs", "json"];

/** Whether a folder is a fleet's repository. */
export function holdsFleet(folder: string): boolean {
  return EXTENSIONS.some((extension) => existsSync(join(folder, `hosts/fleet.${extension}`)));
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
  readonly version: string;
  /** Where to report a bug, if the package says so. */
  readonly bugs?: string;
}

/** What package.json says about the program that is running. */
export function readPackage(): PackageFacts {
  const { version, bugs } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
    bugs?: { url: string };
  };
  return { version, ...(bugs !== undefined && { bugs: bugs.url }) };
}
