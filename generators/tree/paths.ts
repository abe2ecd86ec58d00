/** Which paths a generated tree may touch: nothing outside its roots, nothing through a symbolic link. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/problem.js";

/** Why a path from a manifest must not be touched; undefined where it may be. */
export function findPathFault(path: string, roots: readonly string[]): string | undefined {
  if (path.startsWith("/")) return "it is absolute";
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code < 32 || code === 92 || code === 127) return "it holds a backslash or a control character";
  }
  if (`/${path}/`.includes("/../")) return "it leads upwards";
  if (`/${path}/`.includes("//") || `/${path}/`.includes("/./")) return "it is not in its shortest form";
  if (!roots.some((root) => path.startsWith(`${root}/`))) return `it is outside of ${roots.join(" and ")}`;
  return undefined;
}

/**
 * Remembers which folders below `root` were found to be plain folders, so that a tree of thousands of files costs one
 * look a folder.
 */
export class FolderGuard {
  readonly #known = new Map<string, boolean>();

  constructor(readonly root: string) {}

  /**
   * Whether the folder exists, with every component below the root a plain folder.
   * @param folder relative to the root
   * @throws UserError on a symbolic link, or on something that is no folder
   */
  exists(folder: string): boolean {
    if (folder === "" || folder === ".") return true;
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const cut = folder.lastIndexOf("/");
    const found = (cut < 0 || this.exists(folder.slice(0, cut))) && this.#look(folder);
    this.#known.set(folder, found);
    return found;
  }

  /** Says that the folder was made, or taken away, since. */
  note(folder: string, exists: boolean): void {
    this.#known.set(folder, exists);
  }

  #look(folder: string): boolean {
    const stats = lstatSync(join(this.root, folder), { throwIfNoEntry: false });
    if (stats === undefined) return false;
    if (stats.isSymbolicLink()) throw refuseLink(folder);
    if (!stats.isDirectory()) throw new UserError(`${folder} is in the way: a folder belongs there`, undefined, 1);
    return true;
  }
}

/** The error for a symbolic link where a generated file or folder belongs. */
export function refuseLink(path: string): UserError {
  return new UserError(
    `${path} is a symbolic link, and generated files are never written through one`,
    "remove the link, then generate again",
    1,
  );
}

/** The folder of a path with forward slashes; empty for the root. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}

/** Sorts by code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The `code` of a file system error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
