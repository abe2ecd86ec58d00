import type { Fleet } from "../generators/model/fleet.js";
import type { FleetInputs, LoadedRepository } from "../generators/model/inputs.js";
import type { Problem } from "../generators/model/problem.js";
import type { FleetPlan } from "../generators/plan/types.js";
import type { HostViews, RenderedFile } from "../generators/render/types.js";

// Stubs by signature, until the stages land.
export interface Compiled {
  readonly repository: LoadedRepository;
  readonly inputs: FleetInputs | null;
  readonly fleet: Fleet | null;
  readonly plan: FleetPlan | null;
  readonly views: ReadonlyMap<string, HostViews> | null;
  readonly problems: readonly Problem[];
}
export async function compileFleet(
  _root: string,
  _options: { environment?: string; strict?: boolean },
): Promise<Compiled> {
  throw new Error("not here yet");
}
export function renderFleet(_plan: FleetPlan): RenderedFile[] {
  throw new Error("not here yet");
}
export async function listEnvironments(_root: string): Promise<string[]> {
  throw new Error("not here yet");
}
export async function findTypeErrors(_root: string): Promise<Problem[]> {
  throw new Error("not here yet");
}
