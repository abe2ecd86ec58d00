import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proveFleet, proveWorld } from "../../generators/proof/prove.js";
import { expectFinding, findingsOf } from "./support/expect.js";
import { dropPeer, hostNamed, peerNamed } from "./support/mutations.js";
import { buildWorld } from "./support/world-builder.js";
import type { HostSpec, TestHost, WorldSpec } from "./support/world-types.js";
import { CGNAT, DIRECT, hubOf, NAT, SINGLE_RELAY } from "./support/worlds.js";

const relays = suite("proof: what a relay takes along, and what waits for an address");

/** One relay has IPv6 alone, which a house with IPv4 alone does not reach. */
const APART: WorldSpec = {
  sites: {
    cloud: { ipv4: "public", ipv6: "public" },
    modern: { ipv4: "none", ipv6: "public" },
    london: { ipv4: "cgnat", ipv6: "public" },
    madrid: { ipv4: "cgnat", ipv6: "none" },
  },
  hosts: [
    { name: "bianco", site: "madrid" },
    { name: "cosmo", site: "cloud", server: true },
    { name: "miki", site: "modern", server: true },
    { name: "tigre", site: "madrid" },
    { name: "zar", site: "cloud" },
  ],
  relays: ["cosmo", "miki"],
};

relays("a host that only one of two relays reaches is warned of once", () => {
  const proof = proveWorld(buildWorld(APART));
  assert.equal(
    proof.findings.map(({ code, severity, hop, relayDown, message }) => [code, severity, hop, relayDown, message]),
    ["bianco", "tigre"].map((name) => [
      "proof-single-relay",
      "warning",
      name,
      "cosmo",
      `${name} loses 2 other hosts while cosmo is down: no other way joins them`,
    ]),
  );
  assert.is(proof.survivesEveryRelay, false);
  assert.is(proof.pairs, 20);
  assert.is(proof.relays, 2);
});

relays("two relays that everybody reaches take nothing along", () => {
  const { findings, pending, survivesEveryRelay } = proveWorld(buildWorld(CGNAT));
  assert.equal([findings, pending, survivesEveryRelay], [[], 0, true]);
});

relays("a hub whose hosts share no second relay names only some of them", () => {
  const hub = hubOf(60);
  const single: WorldSpec = {
    ...hub,
    sites: { ...hub.sites, cloud4: { ipv4: "public", ipv6: "none" } },
    hosts: hub.hosts.map((host, i) => (i === 1 ? { ...host, site: "cloud4" } : host)),
  };
  const proof = proveWorld(
    buildWorld({ ...single, sites: { ...single.sites, office: { ipv4: "none", ipv6: "public" } } }),
  );
  const warnings = proof.findings.filter(({ code }) => code === "proof-single-relay");
  assert.is(warnings.length, 10);
  assert.ok(warnings.every(({ severity, relayDown }) => severity === "warning" && relayDown === "h00000"));
  assert.is(warnings.at(-1)?.more, 19);
  assert.is(proof.survivesEveryRelay, false);
});

relays("a cluster's only relay is another rule's business, yet nothing survives it", () => {
  for (const spec of [SINGLE_RELAY, hubOf(12, 1)]) {
    const { findings, survivesEveryRelay } = proveWorld(buildWorld(spec));
    assert.equal(findings, []);
    assert.is(survivesEveryRelay, false);
  }
});

relays("without relays, and with one that nobody needs, everything survives", () => {
  assert.is(proveWorld(buildWorld(DIRECT)).survivesEveryRelay, true);
  assert.is(proveWorld(buildWorld({ ...NAT, relays: ["ben"] })).survivesEveryRelay, true);
});

relays("a second relay that waits for its address is no warning", () => {
  const hosts: HostSpec[] = CGNAT.hosts.map((host) => ({ ...host, pending: host.name === "miki" }));
  const { findings, survivesEveryRelay } = proveWorld(buildWorld({ ...CGNAT, hosts }));
  assert.equal(findings, []);
  assert.is(survivesEveryRelay, false);
});

const WAITING: WorldSpec = {
  ...NAT,
  hosts: [...NAT.hosts, { name: "new", site: "cloud", pending: true }],
};

relays("pairs that wait for an address are counted", () => {
  const { findings, pending, pairs } = proveWorld(buildWorld(WAITING));
  assert.equal([findings, pending, pairs], [[], 2, 6]);
});

relays("only a provider's machine waits for its address", () => {
  const found = findingsOf(WAITING, (world) => {
    hostNamed(world, "new").platform = "bareMetal";
  });
  expectFinding(found, { from: "new", to: "ari", severity: "error" });
});

relays("what a missing address does not explain is found all the same", () => {
  const keepalive = findingsOf(WAITING, (world) => delete peerNamed(world, "new", "mesh", "ben").PersistentKeepalive);
  expectFinding(keepalive, { code: "proof-keepalive", from: "ben", to: "new" });
  const allowed = findingsOf(WAITING, (world) => {
    peerNamed(world, "ben", "mesh", "new").AllowedIPs = [];
  });
  expectFinding(allowed, { from: "new", to: "ben", code: "proof-allowed-ips" });
  const dropped = findingsOf(WAITING, (world) => dropPeer(world, "new", "mesh", "ben"));
  expectFinding(dropped, { code: "proof-peer", from: "new", to: "ben" });
  assert.not(dropped.some(({ from, to }) => from === "new" && to === "ari"));
});

const IPV6: WorldSpec = {
  sites: { here: { ipv4: "none", ipv6: "public" }, there: { ipv4: "none", ipv6: "public" } },
  hosts: [
    { name: "ari", site: "here", server: true },
    { name: "ben", site: "there" },
  ],
};

relays("a provider's machine has IPv6 only where the uplink is given an address and a gateway", () => {
  const world = buildWorld(IPV6);
  const ben = hostNamed(world, "ben");
  ben.platform = "contaboVm";
  const uplink: TestHost["views"]["network"]["networks"][string] = {
    matchConfig: { Name: "eth0" },
    address: ["2001:db8::2/64"],
    routes: [{ Gateway: "fe80::1" }],
  };
  ben.views.network.networks["10-uplink"] = uplink;
  assert.equal(proveFleet(world), []);
  for (const lacking of [
    { ...uplink, routes: [] },
    { ...uplink, address: ["192.0.2.1/24"] },
  ]) {
    ben.views.network.networks["10-uplink"] = lacking;
    expectFinding(proveFleet(world), {
      code: "proof-link",
      from: "ari",
      to: "ben",
      says: /one of the two does not have/,
    });
    expectFinding(proveFleet(world), { code: "proof-link", from: "ben", to: "ari" });
  }
});

relays.run();
