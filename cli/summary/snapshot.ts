import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFleet } from "../../generators/compile.js";
import { listEnvironments } from "../../generators/load/files.js";
import { FleetError, UserError } from "../../generators/model/problem.js";
import { renderFleet } from "../../generators/render/fleet.js";
import { treeFolder } from "../../generators/render/paths.js";
import type { Change } from "../../generators/tree/diff.js";
import { holdsFleet } from "../root.js";
import type { Target } from "../targets/targets.js";
import { count } from "../terminal/words.js";
import type { Snapshot } from "./types.js";

/** Fleets at two points in time, read from disk. */

/** The generated files of a checked-out revision. */
function readTree(root: string, folder: string): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(join(root, folder))) return files;
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name.startsWith(".meshflake")) continue;
    files.set(path.slice(root.length + 1), readFileSync(path, "utf8"));
  }
  return files;
}

/** Why a revision has no plan; undefined where the fault is not the fleet's. */
function explainInvalid(error: unknown): string | undefined {
  if (error instanceof UserError) return `the fleet of that revision cannot be compiled (${error.message})`;
  if (!(error instanceof FleetError)) return undefined;
  const errors = error.problems.filter(({ severity }) => severity === "error");
  return `the fleet of that revision cannot be compiled (${count(errors.length, "error")})`;
}

/** A fleet as a revision had it; its committed modules where there are any, since those are what ran. */
export async function readSnapshot(root: string, target: Target): Promise<Snapshot & { note?: string }> {
  const { environment } = target;
  const committed = readTree(root, treeFolder({ environment }));
  const missing = environment !== null && !listEnvironments(root).includes(environment);
  if (!holdsFleet(root) || missing) {
    return { plan: { clusters: new Map(), hosts: new Map() }, views: new Map(), files: committed };
  }
  try {
    const base = await compileFleet(root, environment === null ? {} : { environment });
    return { plan: base.plan, views: base.views, files: committed.size > 0 ? committed : toFiles(base) };
  } catch (error) {
    const reason = explainInvalid(error);
    if (reason === undefined) throw error;
    return { plan: null, views: new Map(), files: committed, note: `${reason}: only its generated files are compared` };
  }
}

/** Rendered files by path. */
export function toFiles({ plan, views }: Pick<Target, "plan" | "views">): Map<string, string> {
  return new Map(renderFleet(plan, views).map(({ path, text }) => [path, text]));
}

/** Files that differ, sorted by path. */
export function toChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): Change[] => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    if (was === undefined) return is === undefined ? [] : [{ kind: "create", path, after: is }];
    return is === undefined
      ? [{ kind: "delete", path, before: was }]
      : [{ kind: "update", path, before: was, after: is }];
  });
}
