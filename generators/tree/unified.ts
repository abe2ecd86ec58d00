/** A change as `git diff` would show it. */
import { formatPatch, structuredPatch } from "diff";
import pc from "picocolors";
import type { Change } from "./diff.js";

/** Lines of context around a hunk, as in git. */
const CONTEXT = 3;

/**
 * Prints a change as a unified diff with `a/` and `b/` paths, ending with a newline. Lines that a person wrote and that
 * would be lost start with a minus.
 * @param options.color whether to colour it; the caller knows whether anybody looks
 */
export function unifiedDiff(change: Change, options: { readonly color: boolean }): string {
  const created = change.before === undefined;
  const deleted = change.after === undefined;
  const patch = structuredPatch(
    created ? "/dev/null" : `a/${change.path}`,
    deleted ? "/dev/null" : `b/${change.path}`,
    change.before ?? "",
    change.after ?? "",
    undefined,
    undefined,
    { context: CONTEXT },
  );
  const text = formatPatch({ ...patch, isGit: true, isCreate: created, isDelete: deleted });
  return options.color ? colorDiff(text) : text;
}

function colorDiff(text: string): string {
  const colors = pc.createColors(true);
  let inHunk = false;
  const paint = (line: string): string => {
    if (line.startsWith("@@")) {
      inHunk = true;
      return colors.cyan(line);
    }
    if (!inHunk) return line === "" ? line : colors.bold(line);
    if (line.startsWith("+")) return colors.green(line);
    return line.startsWith("-") ? colors.red(line) : line;
  };
  return text.split("\n").map(paint).join("\n");
}
