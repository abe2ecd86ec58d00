import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { colorsFor } from "../cli/terminal/colors.js";
import { formatProblems, sortProblems } from "../cli/terminal/problems.js";
import { compileFleet } from "../generators/compile.js";
import { locateProblems } from "../generators/load/source/locate.js";
import { FleetError, type Problem, UserError } from "../generators/model/problem.js";
import type { FleetPlan } from "../generators/plan/types.js";
import { ONCE } from "./plan/once.js";
import type { Settings } from "./settings.js";

/** The fleet's plan inside of a Pulumi program, and how a program ends that cannot go on. */

/**
 * Stops the program before it makes anything, where there are problems: one a line, with file, line and column.
 * @throws RunError which Pulumi shows without a stack
 */
export async function refuse(problems: readonly Problem[], root: string): Promise<void> {
  if (problems.length === 0) return;
  const located = sortProblems(await locateProblems(problems, root));
  // Pulumi colours an error by itself.
  const colors = colorsFor({ env: {}, isTty: false, off: true });
  throw new pulumi.RunError(formatProblems(located, { format: "text", colors, prefix: "" }));
}

/**
 * Loads, checks, plans and proves the fleet, as `meshflake check` does.
 * @param root the repository
 * @throws RunError with every problem of the fleet at once
 */
export async function loadPlan(root: string, { environment, cluster, replace }: Settings): Promise<FleetPlan> {
  try {
    const { plan } = await compileFleet(root, environment === undefined ? {} : { environment });
    refuseUnknown("the setting meshflake:cluster", cluster, plan.clusters);
    refuseUnknown(ONCE.replace, replace, plan.hosts);
    return plan;
  } catch (error) {
    if (error instanceof FleetError) await refuse(error.problems, root);
    if (error instanceof UserError)
      throw new pulumi.RunError(error.hint === undefined ? error.message : `${error.message}: ${error.hint}`);
    throw error;
  }
}

function refuseUnknown(what: string, value: string | undefined, known: ReadonlyMap<string, unknown>): void {
  if (value === undefined || known.has(value)) return;
  const hint = `it may be ${[...known.keys()].join(", ")}`;
  throw new UserError(`${what} names ${value}, which the fleet does not have`, hint);
}

/** The repository: the folder above Pulumi's project. */
export function defaultRoot(): string {
  return join(pulumi.getRootDirectory(), "..");
}
