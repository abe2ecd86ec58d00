import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readMesh } from "../../generators/proof/host/nodes.js";
import { Tables } from "../../generators/proof/host/tables.js";
import { linkMesh } from "../../generators/proof/link/underlay.js";
import { sweepMesh } from "../../generators/proof/prove.js";
import type { ProofWorld } from "../../generators/proof/world.js";
import { applyDamage, type Damage } from "./support/mutations.js";
import { describeFailure, proveByReference, type ReferenceProof } from "./support/reference.js";
import { buildWorld } from "./support/world-builder.js";
import type { WorldSpec } from "./support/world-types.js";
import { CGNAT, hubOf, LANS, SINGLE_RELAY } from "./support/worlds.js";

const reference = suite("proof: the sweep against a naive reference");

function proveBySweep(world: ProofWorld): ReferenceProof {
  const mesh = readMesh(world);
  linkMesh(mesh);
  const found: string[] = [];
  const { losses } = sweepMesh(mesh, new Tables(mesh), (failure) => found.push(describeFailure(failure)));
  return {
    failures: found.sort(),
    losses: losses.list().map(({ host, relay, count }) => `${host.name} without ${relay.name}: ${count}`),
    survives: !losses.any,
    pending: losses.waiting,
  };
}

const uplink = fc.constantFrom("public", "nat", "cgnat", "firewalled", "none");
const randomSpec: fc.Arbitrary<WorldSpec> = fc
  .record({
    home: fc.record({ ipv4: uplink, ipv6: uplink }),
    office: fc.record({ ipv4: uplink, ipv6: uplink, dynamic: fc.boolean() }),
    hosts: fc.array(
      fc.record({ site: fc.constantFrom("home", "office", "cloud"), server: fc.boolean(), pending: fc.boolean() }),
      { minLength: 1, maxLength: 7 },
    ),
    relays: fc.integer({ min: 0, max: 3 }),
    topology: fc.constantFrom("full", "hub"),
    filterForward: fc.boolean(),
  })
  .map(({ home, office, hosts, relays, topology, filterForward }) => ({
    sites: { cloud: { ipv4: "public", ipv6: "public" }, home, office },
    hosts: [
      ...Array.from({ length: relays }, (_, i) => ({ name: `r${i}`, site: "cloud", server: true })),
      ...hosts.map((host, i) => ({ name: `h${i}`, ...host, pending: host.pending && i === 0 })),
    ],
    relays: Array.from({ length: relays }, (_, i) => `r${i}`),
    topology: relays === 0 ? "full" : topology,
    filterForward,
  }));
const spec = fc.oneof(
  fc.constantFrom<WorldSpec>(CGNAT, SINGLE_RELAY, LANS, hubOf(7), hubOf(6, 1), hubOf(8, 3)),
  randomSpec,
);
const number = fc.integer({ min: 0, max: 1000 });
const damages: fc.Arbitrary<Damage[]> = fc.array(fc.record({ kind: number, a: number, b: number, c: number }), {
  maxLength: 4,
});

reference("both find the same packets lost in broken worlds", () => {
  fc.assert(
    fc.property(spec, damages, (base, broken) => {
      const world = buildWorld(base);
      for (const damage of broken) applyDamage(world, damage);
      const [swept, walked] = [proveBySweep(world), proveByReference(world)];
      assert.equal(swept.failures, walked.failures);
      assert.is(swept.pending, walked.pending);
      // What a relay takes along is counted for a fleet that works otherwise.
      if (walked.failures.length === 0) assert.equal({ ...swept, losses: swept.losses.sort() }, walked);
    }),
    { numRuns: Number(process.env.PROOF_RUNS ?? 300) },
  );
});

reference.run();
