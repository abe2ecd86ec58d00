import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostInput } from "../../generators/model/input.js";
import { Cidr } from "../../generators/model/net.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { randomFleets } from "../support/arbitrary.js";
import { FLEET, pi, planOf } from "../support/fleets.js";

/** What holds for any fleet. */

const properties = suite("plan: properties");

function addressesOf(plan: FleetPlan): Record<string, string> {
  return Object.fromEntries([...plan.hosts].map(([name, { mesh }]) => [name, mesh.ip]));
}

properties("addresses are unique and inside the range", () => {
  fc.assert(
    fc.property(randomFleets(40), ({ fleet, hosts }) => {
      const ips = Object.values(addressesOf(planOf(fleet, hosts)));
      assert.is(new Set(ips).size, Object.keys(hosts).length);
      const range = Cidr.of(fleet.mesh.ipv4);
      for (const ip of ips) assert.ok(range.contains(ip), ip);
    }),
  );
});

properties("an address stays when hosts come and go", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(names, fc.nat(), fc.constantFrom("10.10.0.0/16", "10.10.0.0/25"), (all, seed, range) => {
      const fleet = { ...FLEET, mesh: { ...FLEET.mesh, ipv4: range } };
      const cut = 1 + (seed % (all.length - 1));
      const hostsOf = (some: readonly string[]): Record<string, HostInput> =>
        Object.fromEntries(some.map((name) => [name, pi("cgnat")]));
      const before = planOf(fleet, hostsOf(all.slice(0, cut)));
      const grown = planOf(fleet, hostsOf(all), before.lock);
      const shrunk = planOf(fleet, hostsOf(all.slice(1)), grown.lock);
      const after = addressesOf(shrunk);
      for (const [name, ip] of Object.entries(addressesOf(before))) assert.is(addressesOf(grown)[name], ip);
      for (const name of all.slice(1)) assert.is(after[name], addressesOf(grown)[name]);
    }),
  );
});

properties("nothing depends on the order of hosts", () => {
  fc.assert(
    fc.property(randomFleets(20), ({ fleet, hosts }) => {
      const reversed = Object.fromEntries(Object.entries(hosts).reverse());
      const plain = (plan: FleetPlan) =>
        JSON.stringify([...plan.hosts.values()].map(({ mesh, firewall }) => [mesh, firewall]));
      assert.is(plain(planOf(fleet, hosts)), plain(planOf(fleet, reversed)));
    }),
  );
});

properties("no address is allowed for two peers of one interface", () => {
  fc.assert(
    fc.property(randomFleets(40), ({ fleet, hosts }) => {
      for (const { mesh } of planOf(fleet, hosts).hosts.values()) {
        for (const { peers, name } of mesh.interfaces) {
          const allowed = peers.flatMap((peer) => peer.allowedIps);
          assert.is(new Set(allowed).size, allowed.length, `${mesh.ip} ${name}`);
          assert.ok(name.length <= 15, name);
        }
      }
    }),
  );
});

properties("a direct link has both sides as peers, one of them with an endpoint", () => {
  fc.assert(
    fc.property(randomFleets(25), ({ fleet, hosts }) => {
      const plan = planOf(fleet, hosts);
      const cluster = plan.clusters.get("cats");
      const peerOf = (from: string, to: string) =>
        plan.hosts
          .get(from)
          ?.mesh.interfaces.flatMap(({ peers }) => peers)
          .find((peer) => peer.name === to);
      for (const a of plan.hosts.keys()) {
        for (const b of plan.hosts.keys()) {
          if (a >= b || cluster?.linkOf(a, b).kind !== "direct") continue;
          const [there, back] = [peerOf(a, b), peerOf(b, a)];
          assert.ok(there !== undefined && back !== undefined, `${a} ${b}`);
          assert.ok(there?.endpoint !== undefined || back?.endpoint !== undefined, `${a} ${b}`);
          if (there?.endpoint === undefined) assert.ok(back?.keepalive !== undefined, `${b} must keep alive to ${a}`);
        }
      }
    }),
  );
});

properties.run();
