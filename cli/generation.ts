import { readFileSync } from "node:fs";
import { join } from "node:path";
import { locateProblems } from "../generators/load/source/locate.js";
import { EMPTY_LOCK, type Lock } from "../generators/model/lock.js";
import { FleetError } from "../generators/model/problem.js";
import { planFleet } from "../generators/plan/plan.js";
import type { FleetPlan } from "../generators/plan/types.js";
import { renderFleet } from "../generators/render/fleet.js";
import type { RenderedFile } from "../generators/render/types.js";
import { viewFleet } from "../generators/render/views/fleet.js";
import { inspectSecrets, type SecretState } from "../generators/secrets/key-files.js";
import { type MadeKeys, type MissingKeys, makeKeys, planKeys } from "../generators/secrets/keys.js";
import { formatLock } from "../generators/secrets/lock-file.js";
import { type Change, diffTree, type TreeOptions } from "../generators/tree/diff.js";
import { errorCode } from "../generators/tree/paths.js";
import type { Target } from "./targets.js";
import { treeOf } from "./trees.js";

/** What `generate` would do to one tree: everything up to the first write. */
export interface Generation {
  readonly target: Target;
  readonly tree: TreeOptions;
  /** Hosts without keys, and what they lack. */
  readonly missing: readonly MissingKeys[];
  /** The keys, where they were made; null where somebody only looks. */
  readonly made: MadeKeys | null;
  /** What killed runs and removed hosts left in `secrets/`. */
  readonly secrets: SecretState;
  /** The plan that was rendered: with the new keys, where they were made. */
  readonly plan: FleetPlan;
  readonly files: readonly RenderedFile[];
  /** Changes of the lock and of the tree; the lock comes first. */
  readonly changes: readonly Change[];
}

function diffLock(root: string, path: string, lock: Lock): Change[] {
  const after = formatLock(lock);
  try {
    const before = readFileSync(join(root, path), "utf8");
    return before === after ? [] : [{ kind: "update", path, before, after }];
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return lock === EMPTY_LOCK ? [] : [{ kind: "create", path, after }];
  }
}

/**
 * Plans again with new keys. What the proof said of the placeholders holds for the keys as well, as long as no two hosts
 * share one: nothing else of a plan depends on them.
 */
function planWithKeys({ plan }: Target, lock: Lock): Pick<Target, "plan" | "views"> {
  const keys = Object.values(lock.hosts).map(({ wireguard }) => wireguard);
  if (new Set(keys).size < keys.length) throw new Error("two hosts got the same WireGuard key");
  const next = planFleet(plan.fleet, lock);
  return { plan: next, views: viewFleet(next) };
}

/**
 * Renders a target and compares it with the disk.
 * @param make makes missing keys, in memory; otherwise placeholders stand for them
 * @throws FleetError where a secret half is missing on disk
 */
export async function prepareGeneration(root: string, target: Target, make: boolean): Promise<Generation> {
  const { fleet } = target.plan;
  const secrets = inspectSecrets(root, fleet, target.lock);
  if (secrets.problems.length > 0) throw new FleetError(await locateProblems(secrets.problems, root));
  const missing = planKeys(fleet, target.plan.lock);
  const made = make && missing.length > 0 ? await makeKeys(fleet, target.plan.lock, missing) : null;
  const { plan, views } = made === null ? target : planWithKeys(target, made.lock);
  const files = renderFleet(plan, views);
  const tree = treeOf(target.environment);
  const changes = [...diffLock(root, target.lockFile, plan.lock), ...(await diffTree(root, files, tree))];
  return { target, tree, missing, made, secrets, plan, files, changes };
}

/** Whether `generate` would write anything. */
export function isPending({ changes, missing, secrets }: Generation): boolean {
  return changes.length + missing.length + secrets.finish.length + secrets.discard.length > 0;
}
