import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Origin, Problem } from "../../model/problem.js";
import { FILE_START, type Position } from "../problems.js";
import type { SourceTree } from "./source-tree.js";

interface Place {
  readonly origin: Origin;
  readonly at: Position;
  /** Whether the file holds the whole path, and not only a parent. */
  readonly exact: boolean;
}

/**
 * Fills in the line and the column of problems that have none, from the source of the files that their values came from. The
 * origin that was found comes first in the result. ts-morph is loaded only where there is something to look for.
 * @param root the repository
 */
export async function locateProblems(problems: readonly Problem[], root: string): Promise<Problem[]> {
  if (problems.every(({ line, origins }) => line !== undefined || origins.length === 0)) return [...problems];
  const { parseSource } = await import("./source-tree.js");
  const trees = new Map<string, SourceTree | null>();
  const treeOf = (file: string) => {
    const known = trees.get(file);
    if (known !== undefined) return known;
    const text = readText(join(root, file));
    const tree = text === null ? null : parseSource(file, text);
    trees.set(file, tree);
    return tree;
  };
  return problems.map((problem) => {
    if (problem.line !== undefined) return problem;
    const place = choosePlace(problem.origins, treeOf);
    if (place === null) return problem;
    const others = problem.origins.filter((origin) => origin !== place.origin);
    return { ...problem, origins: [place.origin, ...others], ...place.at };
  });
}

/** The first origin that holds the whole path; otherwise the nearest parent in the last one, where all fields begin. */
function choosePlace(origins: readonly Origin[], treeOf: (file: string) => SourceTree | null): Place | null {
  let last: Place | null = null;
  for (const origin of origins) {
    const found = treeOf(origin.file)?.find(origin.path);
    last = { origin, at: found?.at ?? FILE_START, exact: found?.exact ?? false };
    if (last.exact) return last;
  }
  return last;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
