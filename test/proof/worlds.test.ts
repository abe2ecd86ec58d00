import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proveFleet } from "../../generators/proof/prove.js";
import { buildWorld } from "./support/world-builder.js";
import { CGNAT, DIRECT, hubOf, LANS, NAT, SINGLE_RELAY } from "./support/worlds.js";

const worlds = suite("proof: worlds that work");

for (const [name, spec] of Object.entries({
  DIRECT,
  NAT,
  CGNAT,
  SINGLE_RELAY,
  LANS,
  HUB: hubOf(12),
  HUB1: hubOf(12, 1),
})) {
  worlds(`finds nothing in ${name}`, () => {
    assert.equal(proveFleet(buildWorld(spec)), []);
  });
}

worlds.run();
