import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRule } from "../../generators/proof/host/nftables.js";
import { readMesh } from "../../generators/proof/host/nodes.js";
import { WireChecks } from "../../generators/proof/link/wires.js";
import { proveFleet } from "../../generators/proof/prove.js";
import { expectFinding, findingsOf } from "./support/expect.js";
import { closePort, hostNamed } from "./support/mutations.js";
import { buildWorld } from "./support/world-builder.js";
import type { TestWorld } from "./support/world-types.js";
import { CGNAT, DIRECT, hubOf, SINGLE_RELAY } from "./support/worlds.js";

const firewall = suite("proof: rules of the firewall");

function isOpen(change: (rules: string[]) => void): boolean {
  const world = buildWorld(DIRECT);
  change(hostNamed(world, "ari").views.network.firewall.extraInputRules);
  const { clusters, interfaces } = readMesh(world);
  const [cluster] = clusters;
  const [wire] = interfaces;
  if (cluster === undefined || wire === undefined) throw new RangeError("no interface");
  return new WireChecks(cluster).isOpen(wire);
}

firewall("what a LAN may do is nothing to the mesh, what a part of the mesh may not is", () => {
  assert.is(
    isOpen(() => {}),
    true,
  );
  assert.is(
    isOpen((rules) => rules.push("ip saddr 192.168.1.0/24 tcp dport { 53, 8080 } accept")),
    true,
  );
  assert.is(
    isOpen((rules) => rules.push("ip saddr 192.168.1.0/24 drop")),
    true,
  );
  assert.is(
    isOpen((rules) => rules.push("ip saddr 10.10.0.2/32 drop")),
    false,
  );
});

firewall("a rule that lets in one sender says nothing of the others", () => {
  const found = findingsOf(CGNAT, (world) => {
    const cosmo = hostNamed(world, "cosmo");
    closePort(cosmo, 4647, "tcp");
    cosmo.views.network.firewall.extraInputRules.push("ip saddr 10.10.0.1/32 tcp dport 4647 accept");
  });
  expectFinding(found, { code: "proof-port", to: "cosmo", from: "bianco", port: 4647 });
  assert.not(found.some(({ from }) => from === "ari"));
});

const BRIDGES = [
  'iifname { "docker0", "nomad" } accept',
  'iifname "br-*" accept',
  'oifname { "docker0", "br-*" } ct state { established, related } accept',
  'iifname . oifname { "a" . "b" } accept',
  'ip saddr != 10.0.0.0/8 log prefix "x" accept',
  "ct state vmap { established : accept, invalid : drop }",
];

function filterEverywhere(world: TestWorld): void {
  for (const { views } of world.hosts.values()) {
    views.network.firewall.filterForward = true;
    views.network.firewall.extraForwardRules.unshift(...BRIDGES);
  }
}

firewall("rules for containers on every host change nothing for the mesh", () => {
  for (const spec of [SINGLE_RELAY, CGNAT, hubOf(12)]) {
    assert.equal(findingsOf(spec, filterEverywhere), []);
  }
});

firewall("rules for containers do not stand for the mesh's own", () => {
  const found = findingsOf(CGNAT, (world) => {
    for (const { views } of world.hosts.values()) {
      views.network.firewall.filterForward = true;
      views.network.firewall.extraForwardRules = [...BRIDGES];
    }
  });
  expectFinding(found, { code: "proof-forwarding", hop: "cosmo", severity: "error" });
});

firewall("what is not understood is no rule", () => {
  assert.is(parseRule("ip saddr != 10.0.0.0/8 accept"), null);
  assert.is(parseRule('iifname "x" counter packets 0 bytes 0 accept'), null);
  assert.equal(parseRule('iifname "br-*" accept')?.in, ["br-*"]);
});

firewall("that only samples were followed is said", () => {
  const world = buildWorld(hubOf(400));
  for (const relay of ["h00000", "h00001"]) hostNamed(world, relay).views.mesh.sysctl = {};
  const found = proveFleet(world);
  assert.match(found.at(-1)?.message ?? "", /after 100,000 pairs only samples were followed/);
  assert.not.match(found[0]?.message ?? "", /samples/);
});

firewall.run();
