import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectFinding, findingsOf } from "./support/expect.js";
import { closePort, hostNamed, peerNamed, wireNamed } from "./support/mutations.js";
import type { WorldSpec } from "./support/world-types.js";
import { CGNAT, DIRECT, hubOf, NAT, SINGLE_RELAY } from "./support/worlds.js";

/** Every world here works before it is broken. */
const mutations = suite("proof: mutations of routes, relays and clusters are noticed");

mutations("forwarding that is off", () => {
  const found = findingsOf(SINGLE_RELAY, (world) => {
    hostNamed(world, "cosmo").views.mesh.sysctl = {};
  });
  expectFinding(found, { code: "proof-forwarding", hop: "cosmo", from: "ari", to: "bianco" });
});

mutations("a forward rule that is missing", () => {
  const found = findingsOf(hubOf(8), (world) => {
    hostNamed(world, "h00000").views.network.firewall.extraForwardRules = [];
  });
  expectFinding(found, { code: "proof-forwarding", hop: "h00000", says: /forwards nothing/ });
});

mutations("a strict reverse-path filter with asymmetric paths", () => {
  const found = findingsOf(CGNAT, (world) => {
    const [first, second] = hostNamed(world, "ari").views.mesh.bird?.statics ?? [];
    if (first === undefined || second === undefined) throw new RangeError("ari has no BIRD");
    [first.preference, second.preference] = [second.preference, first.preference];
    hostNamed(world, "ari").views.network.firewall.checkReversePath = true;
  });
  expectFinding(found, { code: "proof-reverse-path", from: "bianco", to: "ari", hop: "ari" });
});

mutations("asymmetric paths alone are fine", () => {
  const found = findingsOf(CGNAT, (world) => {
    const [first, second] = hostNamed(world, "ari").views.mesh.bird?.statics ?? [];
    if (first === undefined || second === undefined) throw new RangeError("ari has no BIRD");
    [first.preference, second.preference] = [second.preference, first.preference];
  });
  assert.equal(found, []);
});

mutations("BFD that is closed", () => {
  const found = findingsOf(CGNAT, (world) => closePort(hostNamed(world, "miki"), 3784, "udp"));
  expectFinding(found, { code: "proof-route", relayDown: "cosmo", hop: "ari", says: /miki keeps udp 3784 closed/ });
});

mutations("a neighbour that one relay lacks", () => {
  const found = findingsOf(hubOf(8), (world) => {
    hostNamed(world, "h00000").views.mesh.bird?.neighbors.splice(0, 1);
  });
  expectFinding(found, { code: "proof-route", relayDown: "h00001", says: /h00000 does not answer its BFD/ });
});

mutations("an MTU that is too large", () => {
  const found = findingsOf(DIRECT, (world) => {
    wireNamed(hostNamed(world, "ben"), "mesh").netdevConfig.MTUBytes = "1460";
  });
  expectFinding(found, { code: "proof-mtu", from: "ben", to: "ari", says: /1520 bytes/ });
});

mutations("an MTU that only IPv4 has room for", () => {
  const found = findingsOf(NAT, (world) => {
    for (const name of ["ari", "ben"]) wireNamed(hostNamed(world, name), "mesh").netdevConfig.MTUBytes = "1440";
  });
  assert.equal(found, []);
});

mutations("allowed IPs of two peers that are the same", () => {
  const found = findingsOf(CGNAT, (world) => {
    peerNamed(world, "cosmo", "mesh", "miki").AllowedIPs.push(`${hostNamed(world, "ari").ip}/32`);
  });
  expectFinding(found, { code: "proof-overlap", hop: "cosmo", says: /for two peers of mesh, ari and miki/ });
  expectFinding(found, { from: "cosmo", to: "ari" });
});

mutations("a relay that is a peer of two interfaces", () => {
  const found = findingsOf(CGNAT, (world) => {
    const relay = peerNamed(world, "ari", "to-cosmo", "cosmo");
    wireNamed(hostNamed(world, "ari"), "mesh").wireguardPeers.push({ ...relay, AllowedIPs: [] });
  });
  expectFinding(found, { code: "proof-peer", from: "ari", to: "cosmo", says: /on both mesh and to-cosmo/ });
});

mutations("a missing route", () => {
  const found = findingsOf(hubOf(8), (world) => {
    const bird = hostNamed(world, "h00004").views.mesh.bird;
    if (bird !== null) bird.statics = [];
  });
  expectFinding(found, { code: "proof-route", from: "h00004", hop: "h00004" });
});

mutations("a key that another host has", () => {
  const found = findingsOf(DIRECT, (world) => {
    peerNamed(world, "ari", "mesh", "ben").PublicKey = "key-of-nobody";
  });
  expectFinding(found, { code: "proof-peer", from: "ari", to: "ben", says: /a key that no host has/ });
});

mutations("a LAN that takes packets out of the mesh", () => {
  const found = findingsOf(DIRECT, (world) => {
    const { networks } = hostNamed(world, "ari").views.network;
    networks["10-eth0"] = { matchConfig: { Name: "eth0" }, address: ["10.10.0.9/24"] };
  });
  expectFinding(found, { code: "proof-route", from: "ari", to: "ben", says: /out of the mesh/ });
});

mutations("clusters that touch", () => {
  const two: WorldSpec = {
    ...DIRECT,
    hosts: [
      ...DIRECT.hosts,
      { name: "cleo", site: "here", cluster: "dogs" },
      { name: "dina", site: "there", cluster: "dogs" },
    ],
  };
  const found = findingsOf(two, (world) => {
    peerNamed(world, "cleo", "mesh", "dina").AllowedIPs.push("10.10.0.0/24");
    peerNamed(world, "ari", "mesh", "ben").PublicKey = "key-of-cleo";
    const { consul } = hostNamed(world, "dina").views;
    if (consul !== null) consul.retry_join = ["10.10.0.1"];
  });
  expectFinding(found, { code: "proof-cluster", from: "cleo", to: "ari", says: /holds 10\.10\.0\.1 of ari/ });
  expectFinding(found, { code: "proof-cluster", from: "ari", to: "cleo", says: /a peer of another cluster/ });
  expectFinding(found, { code: "proof-cluster", from: "dina", to: "ari", says: /joins ari/ });
});

mutations("a host without an address yet is no problem, its closed ports are", () => {
  const pending: WorldSpec = {
    ...CGNAT,
    hosts: CGNAT.hosts.map((host) => (host.name === "maco" ? { ...host, pending: true } : host)),
  };
  assert.equal(
    findingsOf(pending, () => {}),
    [],
  );
  const relays: WorldSpec = {
    ...pending,
    hosts: pending.hosts.map((host) => ({ ...host, pending: host.site === "cloud" })),
  };
  assert.equal(
    findingsOf(relays, () => {}),
    [],
  );
});

mutations("a cause is told a few times only", () => {
  const found = findingsOf(hubOf(40), (world) => {
    for (const relay of ["h00000", "h00001"]) hostNamed(world, relay).views.mesh.sysctl = {};
  });
  assert.ok(found.length <= 8, `${found.length} findings`);
  assert.ok(found.some(({ more }) => more > 100));
});

mutations.run();
