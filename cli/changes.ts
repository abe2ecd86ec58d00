import type { Change } from "../generators/tree/diff.js";
import type { Colors } from "./context.js";
import { count } from "./terminal/words.js";

/** Changes of files in words. */

/** More files than this are counted, not listed. */
const LIST_LIMIT = 24;

const WORDS = {
  create: { done: "created", pending: "to create" },
  update: { done: "updated", pending: "to update" },
  delete: { done: "deleted", pending: "to delete" },
  conflict: { done: "overwritten", pending: "edited by hand" },
} as const;

/** `3 files created`, `1 file to delete`; the manifest, which nobody reads, is not counted. */
export function summarizeChanges(changes: readonly Change[], done: boolean): string[] {
  const files = changes.filter(({ manifest }) => !manifest);
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((kind) => {
    const many = files.filter((change) => change.kind === kind).length;
    return many === 0 ? [] : [`${count(many, "file")} ${WORDS[kind][done ? "done" : "pending"]}`];
  });
}

/** One line a file, the first ones of many. */
export function describeChanges(changes: readonly Change[], colors: Colors): string[] {
  const signs = {
    create: colors.green("+"),
    update: colors.yellow("~"),
    delete: colors.red("-"),
    conflict: colors.red("!"),
  };
  const files = changes.filter(({ manifest }) => !manifest);
  const lines = files.slice(0, LIST_LIMIT).map(({ kind, path }) => `  ${signs[kind]} ${path}`);
  return files.length > LIST_LIMIT ? [...lines, colors.dim(`  … and ${files.length - LIST_LIMIT} more`)] : lines;
}
