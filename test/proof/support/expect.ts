import * as assert from "uvu/assert";
import { proveFleet } from "../../../generators/proof/prove.js";
import type { ProofFinding } from "../../../generators/proof/world.js";
import { buildWorld } from "./world-builder.js";
import type { TestWorld, WorldSpec } from "./world-types.js";

/** What a mutation of a world that works leads to. */
export function findingsOf(spec: WorldSpec, breakIt: (world: TestWorld) => void): ProofFinding[] {
  const world = buildWorld(spec);
  assert.equal(proveFleet(world), [], "works before");
  breakIt(world);
  return proveFleet(world);
}

export function expectFinding(found: readonly ProofFinding[], wanted: Partial<ProofFinding> & { says?: RegExp }): void {
  const { says, ...fields } = wanted;
  const matches = found.filter((one) =>
    Object.entries(fields).every(([key, value]) => one[key as keyof ProofFinding] === value),
  );
  const texts = found.map(({ code, message }) => `${code}: ${message}`).join("\n");
  assert.ok(matches.length > 0, `no finding like ${JSON.stringify(fields)} in:\n${texts}`);
  if (says !== undefined)
    assert.ok(
      matches.some(({ message }) => says.test(message)),
      `none says ${says}:\n${texts}`,
    );
}
