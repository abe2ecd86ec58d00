import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { treeFolder } from "../../generators/render/paths.js";
import type { TreeOptions } from "../../generators/tree/diff.js";

/** Where generated trees are: one of the fleet, one of each environment. */

const ENVIRONMENTS = "modules/environments";

/** @param environment null for the fleet itself */
export function treeOf(environment: string | null): TreeOptions {
  const folder = treeFolder({ environment });
  return { manifestPath: `${folder}/.meshflake.json`, generatedRoots: [folder] };
}

/** Environments that have a generated tree and no file any more, sorted. */
export function findOrphanTrees(root: string, environments: readonly string[]): string[] {
  const folder = join(root, ENVIRONMENTS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !environments.includes(name) && existsSync(join(root, treeOf(name).manifestPath)))
    .sort();
}

/** Takes away what an emptied tree leaves: its manifest, and folders if nothing else is in them. */
export function removeEmptyTree(root: string, environment: string): void {
  rmSync(join(root, treeOf(environment).manifestPath), { force: true });
  for (const folder of [treeFolder({ environment }), ENVIRONMENTS]) {
    if (readdirSync(join(root, folder)).length > 0) return;
    rmdirSync(join(root, folder));
  }
}
