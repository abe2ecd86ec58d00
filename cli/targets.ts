import { FleetError, isFatal, type Problem, UserError } from "../generators/model/problem.js";
import type { FleetPlan } from "../generators/plan/types.js";
import type { HostViews } from "../generators/render/types.js";
import type { Context } from "./context.js";
import { compileFleet, listEnvironments } from "./core.js";
import { suggest } from "./terminal/words.js";

/** A valid fleet, or one of its environments. */
export interface Target {
  /** Null for the fleet itself. */
  readonly environment: string | null;
  readonly plan: FleetPlan;
  readonly views: ReadonlyMap<string, HostViews>;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** Warnings; errors are thrown. */
  readonly problems: readonly Problem[];
}

/** The fleet's name, and the environment's where there is one. */
export function describeTarget({ environment, plan }: Target): string {
  return environment === null ? plan.fleet.name : `${plan.fleet.name} (${environment})`;
}

async function chooseEnvironments({ options, root }: Context, all: boolean): Promise<(string | null)[]> {
  if (options.env === undefined && !all) return [null];
  const environments = await listEnvironments(root());
  if (options.env === undefined) return [null, ...environments];
  if (environments.includes(options.env)) return [options.env];
  const hint = suggest(options.env, environments) ?? `write hosts/environments/${options.env}.ts`;
  throw new UserError(`no environment ${options.env}`, hint);
}

/**
 * Loads, validates, plans and proves what a command works on.
 * @param all without `--env`, every environment as well as the fleet
 * @throws FleetError with all problems, where any stops the work
 * @throws UserError where `--env` names none
 */
export async function compileTargets(context: Context, all: boolean): Promise<Targets> {
  const strict = context.options.strict === true;
  const targets: Target[] = [];
  const problems: Problem[] = [];
  for (const environment of await chooseEnvironments(context, all)) {
    context.progress.step(environment === null ? "planning the fleet" : `planning environment ${environment}`);
    const compiled = await compileFleet(context.root(), { strict, ...(environment !== null && { environment }) });
    problems.push(...compiled.problems);
    const { plan, views } = compiled;
    if (plan !== null && views !== null) targets.push({ environment, plan, views });
  }
  context.progress.clear();
  if (isFatal(problems, strict)) throw new FleetError(problems);
  return { targets, problems };
}

/** The one target of commands that show a single plan. */
export async function compileTarget(context: Context): Promise<{ target: Target; problems: readonly Problem[] }> {
  const { targets, problems } = await compileTargets(context, false);
  const [target] = targets;
  if (target === undefined) throw new FleetError(problems);
  return { target, problems };
}
