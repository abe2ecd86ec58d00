import type { Problem } from "../generators/model/problem.js";
import type { FleetPlan } from "../generators/plan/types.js";
import type { RenderedFile } from "../generators/render/types.js";

// Stubs by signature, until the stages land.
export function renderFleet(_plan: FleetPlan): RenderedFile[] {
  throw new Error("not here yet");
}
export async function findTypeErrors(_root: string): Promise<Problem[]> {
  throw new Error("not here yet");
}
