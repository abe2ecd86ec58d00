import { compileFleet } from "../../generators/compile.js";
import type { Lock } from "../../generators/model/lock.js";
import type { Problem } from "../../generators/model/problem.js";
import { treeFolder } from "../../generators/render/paths.js";
import type { Change } from "../../generators/tree/diff.js";
import type { Context } from "../context.js";
import { prepareGeneration } from "../generate/generation.js";
import type { Target } from "../targets/targets.js";

/** What another lock changes in the generated tree. */

/** A host, and which of its modules change. */
export interface ModuleChange {
  readonly host: string;
  /** E.g. `mesh`; sorted. */
  readonly modules: readonly string[];
}

/** A fleet as it is with another lock. */
export interface Relocked {
  readonly target: Target;
  /** By host; sorted. */
  readonly modules: readonly ModuleChange[];
  /** Warnings about it. */
  readonly problems: readonly Problem[];
}

/**
 * Compiles the target anew with another lock, in memory.
 * @throws FleetError where the fleet is wrong with it
 */
export async function compileWithLock(context: Context, { environment }: Target, lock: Lock): Promise<Relocked> {
  const { repository, plan, views, proof, problems } = await compileFleet(context.root(), {
    lock,
    strict: context.options.strict === true,
    ...(environment !== null && { environment }),
  });
  const target = { environment, lock, lockFile: repository.lockFile, plan, views, proof };
  const { changes } = await prepareGeneration(context.root(), target, false);
  return { target, modules: groupByHost(changes, treeFolder({ environment })), problems };
}

function groupByHost(changes: readonly Change[], folder: string): ModuleChange[] {
  const hosts = new Map<string, string[]>();
  for (const { path } of changes) {
    const [host, module] = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split("/") : [];
    if (host === undefined || module === undefined) continue;
    hosts.set(host, [...(hosts.get(host) ?? []), module.replace(/\.nix$/, "")]);
  }
  return [...hosts]
    .map(([host, modules]) => ({ host, modules: modules.sort() }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}
