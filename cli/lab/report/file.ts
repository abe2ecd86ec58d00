import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../../../generators/model/problem.js";

/** Where a report goes, which is settled before the minutes that it takes. */

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The file of `--junit`; null where none is wanted.
 * @throws UserError where no file can be written there
 */
export function reportFile(path: unknown, cwd: string): string | null {
  if (typeof path !== "string") return null;
  const file = resolve(cwd, path);
  const folder = dirname(file);
  const refuse = (why: string, hint?: string) => new UserError(`--junit: ${why}`, hint);
  if (path === "" || isFolder(file)) throw refuse(`${path === "" ? "it" : path} names no file`, "e.g. --junit lab.xml");
  if (!isFolder(folder)) throw refuse(`there is no folder ${folder}`, "make it, or choose another one");
  const written = existsSync(file) ? file : folder;
  if (!isWritable(written)) throw refuse(`${written} cannot be written`);
  return file;
}
