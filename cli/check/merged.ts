import { type Problem, UserError } from "../../generators/model/problem.js";
import { listMerged, type TreeOptions } from "../../generators/tree/diff.js";
import { nameSome } from "../summary/words.js";
import type { Target } from "../targets/targets.js";
import { treeOf } from "../targets/trees.js";
import { count } from "../terminal/words.js";

/** None of a manifest that is damaged: `generate` and `diff` say so. */
function findMerged(root: string, tree: TreeOptions): string[] {
  try {
    return listMerged(root, tree);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/**
 * Trees that were generated on two branches: git joins such files line by line, without a conflict, and what comes out is
 * neither branch's. The flake refuses to evaluate it.
 * @returns a warning for each tree
 */
export function findMergedTrees(root: string, targets: readonly Target[]): Problem[] {
  return targets.flatMap(({ environment }) => {
    const tree = treeOf(environment);
    const files = findMerged(root, tree);
    if (files.length === 0) return [];
    const message = `git merged ${count(files.length, "generated file")} of two branches: ${nameSome(files)}`;
    const hint = "run meshflake generate, which writes them anew, and commit what it wrote";
    return [
      {
        code: "tree-merged",
        severity: "warning",
        origins: [{ file: tree.manifestPath, path: [] }],
        message,
        hint,
        line: 1,
        column: 1,
      },
    ];
  });
}
