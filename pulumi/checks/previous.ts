import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../generators/model/problem.js";
import { OUTPUT_NAME } from "../outputs.js";
import type { CloudView } from "../plan/types.js";
import { stackProblem } from "./problem.js";

/** What the stack was before this update. */

/** Whose stack it was, and what it had. */
export interface PreviousStack {
  readonly fleet: string;
  readonly environment: string | null;
  readonly cluster: string | null;
  /** Hosts whose machines may not be deleted; sorted. */
  readonly protected: readonly string[];
}

/**
 * Asks the engine for the stack's own outputs.
 * @returns null where it has none, as before the first update
 */
export async function readPreviousStack(): Promise<PreviousStack | null> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The engine calls it an error where a stack was never updated.
  const result: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }).catch(() => null);
  const outputs = fieldOf(result, "outputs");
  const own = fieldOf(outputs, OUTPUT_NAME);
  const [fleet, environment, cluster] = [fieldOf(own, "fleet"), fieldOf(own, "environment"), fieldOf(own, "cluster")];
  if (typeof fleet !== "string") return null;
  const hosts = Object.entries(fieldOf(own, "hosts") ?? {});
  const kept = hosts.filter(([, host]) => fieldOf(host, "protected") === true).map(([name]) => name);
  return { fleet, environment: toText(environment), cluster: toText(cluster), protected: kept.sort() };
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/**
 * Whether the update would delete what it must not. Pulumi's own protection would refuse that as well, but only after it has begun.
 */
export function checkPreviousStack(previous: PreviousStack | null, view: CloudView): Problem[] {
  if (previous === null) return [];
  const [before, now] = [describe(previous), describe(view)];
  if (before !== now) {
    const hint = "select this fleet's stack (pulumi stack select), or make one for it (pulumi stack init)";
    return [stackProblem(`this stack holds ${before}, and the program would make ${now}`, hint)];
  }
  const gone = previous.protected.filter((host) => !view.machines.some((machine) => machine.host === host));
  return gone.map((host) => {
    const hint = `bring the host file back; meshflake remove ${host} lifts the protection`;
    return stackProblem(`${host} is gone from the fleet, but its machine is protected`, hint);
  });
}

function describe({ fleet, environment, cluster }: Omit<PreviousStack, "protected">): string {
  return [
    `the fleet ${fleet}`,
    environment === null ? "" : `, environment ${environment}`,
    cluster === null ? "" : `, cluster ${cluster} alone`,
  ].join("");
}
