import type { LabSpec } from "../spec.js";
import { applyFleet } from "./apply.js";
import type { Breakage } from "./breakage.js";
import { Held } from "./control/held.js";
import type { Lab } from "./lab.js";

/** A deployment that passes. */

/**
 * Brings a running lab to a larger fleet for as long as the answer is held, and back afterwards. Nobody else changes the lab meanwhile.
 * @throws LabError as `applyFleet` does; the lab is then as it was
 */
export async function tryFleet(lab: Lab, after: LabSpec, breakage: Breakage): Promise<Held> {
  const before = lab.spec;
  const known = new Set(before.hosts.map(({ name }) => name));
  const goBack = () => applyFleet(lab, before, breakage.faults);
  try {
    await applyFleet(lab, after, breakage.faults);
  } catch (error) {
    await goBack();
    throw error;
  }
  return new Held(() =>
    lab.alone(async () => {
      // Whoever tried it may have gone back already.
      if (lab.hosts.some(({ spec }) => !known.has(spec.name))) await goBack();
    }),
  );
}
