import { compileFleet } from "../../generators/compile.js";
import { ENVIRONMENTS_FOLDER, listEnvironments } from "../../generators/load/files.js";
import { suggestName } from "../../generators/load/nearest.js";
import type { Lock } from "../../generators/model/lock.js";
import { FleetError, type Problem, UserError } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import type { Proof } from "../../generators/proof/prove.js";
import type { HostViews } from "../../generators/render/types.js";
import type { Context } from "../context.js";

/** A valid fleet, or one of its environments. */
export interface Target {
  /** Null for the fleet itself. */
  readonly environment: string | null;
  /** The lock as it is on disk. */
  readonly lock: Lock;
  /** Its file, relative to the repository. */
  readonly lockFile: string;
  readonly plan: FleetPlan;
  readonly views: ReadonlyMap<string, HostViews>;
  readonly proof: Proof;
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

/** A problem that shows in an environment alone, and lies in a file that others read too. */
export interface EnvironmentProblem extends Problem {
  readonly environment: string;
}

/** Says which environment was looked at, where the file does not tell. */
function nameEnvironment(problems: readonly Problem[], environment: string | null): readonly Problem[] {
  if (environment === null) return problems;
  // The environment's file, and its lock beside it.
  const own = `${ENVIRONMENTS_FOLDER}/${environment}.`;
  return problems.map((problem): Problem | EnvironmentProblem =>
    problem.origins[0]?.file.startsWith(own) === true ? problem : { ...problem, environment },
  );
}

async function chooseEnvironments({ options, root }: Context, all: boolean): Promise<(string | null)[]> {
  if (options.env === undefined && !all) return [null];
  const environments = listEnvironments(root());
  if (options.env === undefined) return [null, ...environments];
  if (environments.includes(options.env)) return [options.env];
  const hint =
    environments.length === 0 ? `write hosts/environments/${options.env}.ts` : suggestName(options.env, environments);
  throw new UserError(`no environment is named \`${options.env}\``, hint);
}

/**
 * Loads, validates, plans and proves what a command works on.
 * @param all without `--env`, every environment as well as the fleet
 * @param mends codes of warnings about what the command mends itself
 * @throws FleetError with all problems, where any stops the work
 * @throws UserError where `--env` names none
 */
export async function compileTargets(
  context: Context,
  all: boolean,
  mends: ReadonlySet<string> = new Set(),
): Promise<Targets> {
  const strict = context.options.strict === true;
  const targets: Target[] = [];
  const problems: Problem[] = [];
  let fatal = false;
  for (const environment of await chooseEnvironments(context, all)) {
    context.progress.step(environment === null ? "planning the fleet" : `planning environment ${environment}`);
    try {
      const compiled = await compileFleet(context.root(), {
        strict,
        mends,
        ...(environment !== null && { environment }),
      });
      problems.push(...nameEnvironment(compiled.problems, environment));
      const { lock, lockFile } = compiled.repository;
      targets.push({ environment, lock, lockFile, plan: compiled.plan, views: compiled.views, proof: compiled.proof });
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      fatal = true;
      problems.push(...nameEnvironment(error.problems, environment));
    }
  }
  context.progress.clear();
  if (fatal) throw new FleetError(problems);
  return { targets, problems };
}

/** The one target of commands that show a single plan. */
export async function compileTarget(context: Context): Promise<{ target: Target; problems: readonly Problem[] }> {
  const { targets, problems } = await compileTargets(context, false);
  const [target] = targets;
  if (target === undefined) throw new FleetError(problems);
  return { target, problems };
}
