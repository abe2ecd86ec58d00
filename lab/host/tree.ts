import type { NixTree, NixValue } from "../../generators/model/input.js";

/** Reads option trees, whose values only NixOS's option types know. */

/** Whether a value has options below it. */
export function isTree(value: NixValue | undefined): value is NixTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The options below a path.
 * @returns an empty tree where nothing is set there
 */
export function treeAt(tree: object | null | undefined, ...path: readonly string[]): NixTree {
  let found: NixValue | undefined = (tree ?? {}) as NixTree;
  for (const key of path) found = isTree(found) ? found[key] : undefined;
  return isTree(found) ? found : {};
}

/**
 * A string that an option has.
 * @throws TypeError where it has none
 */
export function textAt(tree: object | null | undefined, ...path: readonly string[]): string {
  const value = treeAt(tree, ...path.slice(0, -1))[path.at(-1) ?? ""];
  if (typeof value !== "string") throw new TypeError(`the option ${path.join(".")} is no text`);
  return value;
}

/** Two definitions of the same options, merged as NixOS does: lists one after the other, trees key by key. */
export function mergeTrees(first: NixTree, second: NixTree): NixTree {
  const merged = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = merged[key];
    if (isTree(before) && isTree(value)) merged[key] = mergeTrees(before, value);
    else if (Array.isArray(before) && Array.isArray(value)) merged[key] = [...before, ...value];
    else merged[key] = value;
  }
  return merged;
}
