import { locateProblems } from "../../generators/load/source/locate.js";
import type { Lock } from "../../generators/model/lock.js";
import { FleetError, isFatal, type Problem } from "../../generators/model/problem.js";
import { planFleet } from "../../generators/plan/plan.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { renderFleet } from "../../generators/render/fleet.js";
import type { RenderedFile } from "../../generators/render/types.js";
import { viewFleet } from "../../generators/render/views/fleet.js";
import { inspectSecrets, type SecretState } from "../../generators/secrets/disk/inspect.js";
import { diffLock } from "../../generators/secrets/disk/lock-files.js";
import { type MadeSecrets, makeSecrets, planSecretWork, type SecretWork } from "../../generators/secrets/make/work.js";
import { type Change, diffTree, type TreeOptions } from "../../generators/tree/diff.js";
import type { Target } from "../targets/targets.js";
import { treeOf } from "../targets/trees.js";

/** What `generate` would do to one tree: everything up to the first write. */
export interface Generation {
  readonly target: Target;
  readonly tree: TreeOptions;
  /** Secrets that are missing, and that are gone. */
  readonly work: SecretWork;
  /** The new secrets, where they were made; null where somebody only looks, or none is missing. */
  readonly made: MadeSecrets | null;
  /** What killed runs left in `secrets/`. */
  readonly secrets: SecretState;
  /** Warnings about files in `secrets/`, with their places. */
  readonly problems: readonly Problem[];
  /** The plan that was rendered: with the new secrets, where they were made. */
  readonly plan: FleetPlan;
  readonly files: readonly RenderedFile[];
  readonly lockChanges: readonly Change[];
  readonly treeChanges: readonly Change[];
  /** All of them; the lock's come first. */
  readonly changes: readonly Change[];
}

/**
 * Plans again with another lock: with new keys, without what is gone. What the proof said of the placeholders holds for the
 * keys as well, as long as no two hosts share one: nothing else that it follows depends on them.
 */
function planAgain({ plan }: Target, lock: Lock): Pick<Target, "plan" | "views"> {
  const keys = Object.values(lock.hosts).flatMap(({ wireguard }) => wireguard ?? []);
  if (new Set(keys).size < keys.length) throw new Error("two hosts got the same WireGuard key");
  const next = planFleet(plan.fleet, lock);
  return { plan: next, views: viewFleet(next) };
}

/**
 * Renders a target and compares it with the disk.
 * @param make makes missing secrets, in memory; otherwise placeholders stand for them
 * @throws FleetError where a secret half is missing on disk
 */
export async function prepareGeneration(root: string, target: Target, make: boolean): Promise<Generation> {
  const { fleet, secrets: specs } = target.plan;
  const secrets = inspectSecrets(root, fleet, specs, target.lock);
  const problems = await locateProblems(secrets.problems, root);
  if (isFatal(problems)) throw new FleetError(problems);
  const work = planSecretWork(fleet, specs, target.lock, target.plan.lock, secrets.lost);
  const made = make && work.missing.length > 0 ? await makeSecrets(fleet, work) : null;
  const lock = (made ?? work).lock;
  const { plan, views } = lock === target.plan.lock ? target : planAgain(target, lock);
  const files = renderFleet(plan, views);
  const tree = treeOf(target.environment);
  const lockChanges = diffLock(root, target.lockFile, plan.lock);
  const treeChanges = await diffTree(root, files, tree);
  const changes = [...lockChanges, ...treeChanges];
  return { target, tree, work, made, secrets, problems, plan, files, lockChanges, treeChanges, changes };
}

/** Whether `generate` would write anything. */
export function isPending({ changes, work, secrets }: Generation): boolean {
  return changes.length + work.missing.length + secrets.finish.length + secrets.discard.length > 0;
}
