import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proveFleet } from "../../generators/proof/prove.js";
import type { ProofFinding } from "../../generators/proof/world.js";
import { closePort, dropPeer, hostNamed, peerNamed, wireNamed } from "./mutations.js";
import { buildWorld, type TestWorld, type WorldSpec } from "./world-builder.js";
import { CGNAT, DIRECT, hubOf, LANS, NAT, SINGLE_RELAY } from "./worlds.js";

/** Every world here works before it is broken: `worlds.test.ts` says so. */
const mutations = suite("proof: mutations are noticed");

function findingsOf(spec: WorldSpec, breakIt: (world: TestWorld) => void): ProofFinding[] {
  const world = buildWorld(spec);
  assert.equal(proveFleet(world), [], "works before");
  breakIt(world);
  return proveFleet(world);
}

function expectFinding(found: readonly ProofFinding[], wanted: Partial<ProofFinding> & { says?: RegExp }): void {
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

mutations("a dropped peer", () => {
  const found = findingsOf(DIRECT, (world) => dropPeer(world, "ari", "mesh", "ben"));
  expectFinding(found, { code: "proof-peer", from: "ari", to: "ben", hop: "ari", says: /no peer on mesh/ });
  expectFinding(found, {
    code: "proof-peer",
    from: "ben",
    to: "ari",
    hop: "ben",
    says: /ari has no peer with its key/,
  });
});

mutations("a peer that a relay lacks, only while the other relay is down", () => {
  const found = findingsOf(CGNAT, (world) => dropPeer(world, "miki", "mesh", "ari"));
  expectFinding(found, { relayDown: "cosmo", from: "ari", to: "bianco", hop: "ari" });
  assert.not(found.some(({ from, to, relayDown }) => from === "ari" && to === "bianco" && relayDown === undefined));
});

mutations("an address that the second relay's interface refuses, named as it should be", () => {
  const found = findingsOf(CGNAT, (world) => {
    peerNamed(world, "ari", "to-miki", "miki").AllowedIPs = [`${hostNamed(world, "miki").ip}/32`];
  });
  expectFinding(found, {
    code: "proof-allowed-ips",
    from: "bianco",
    to: "ari",
    relayDown: "cosmo",
    hop: "ari",
    says: /^bianco cannot reach ari on .* while cosmo is down: stops at ari, which has no peer that accepts 10\.10\.0\.2$/,
  });
});

mutations("two swapped allowed IPs", () => {
  const found = findingsOf(CGNAT, (world) => {
    const [one, two] = [peerNamed(world, "cosmo", "mesh", "ari"), peerNamed(world, "cosmo", "mesh", "maco")];
    [one.AllowedIPs, two.AllowedIPs] = [two.AllowedIPs, one.AllowedIPs];
  });
  expectFinding(found, { from: "cosmo", to: "ari" });
  expectFinding(found, { from: "maco", to: "cosmo", hop: "cosmo", code: "proof-allowed-ips" });
});

mutations("a closed port", () => {
  const found = findingsOf(CGNAT, (world) => closePort(hostNamed(world, "cosmo"), 4647, "tcp"));
  expectFinding(found, { code: "proof-port", to: "cosmo", hop: "cosmo", port: 4647, protocol: "tcp" });
  assert.is(
    found.every(({ code }) => code === "proof-port"),
    true,
  );
});

mutations("a port that is closed on one of several interfaces", () => {
  const found = findingsOf(CGNAT, (world) => {
    delete hostNamed(world, "ari").views.network.firewall.interfaces["to-miki"];
  });
  expectFinding(found, { code: "proof-port", from: "miki", to: "ari", says: /closed on to-miki/ });
});

mutations("a mesh port that is closed to the world", () => {
  const found = findingsOf(NAT, (world) => closePort(hostNamed(world, "ben"), 51820, "udp"));
  expectFinding(found, { code: "proof-link", from: "ari", to: "ben", says: /UDP port closed/ });
});

mutations("a keepalive that is forgotten behind NAT", () => {
  const found = findingsOf(NAT, (world) => {
    delete peerNamed(world, "ari", "mesh", "ben").PersistentKeepalive;
  });
  expectFinding(found, { code: "proof-keepalive", from: "ben", to: "ari", hop: "ben", says: /ari cannot be reached/ });
  assert.is(
    found.some(({ from }) => from === "ari"),
    false,
  );
});

mutations("a wrong endpoint port", () => {
  const found = findingsOf(NAT, (world) => {
    const peer = peerNamed(world, "ari", "mesh", "ben");
    peer.Endpoint = peer.Endpoint?.replace("51820", "51821") ?? "";
  });
  expectFinding(found, { code: "proof-link", from: "ari", says: /a port that nobody listens on/ });
});

mutations("a wrong outside port of a port forwarding", () => {
  const found = findingsOf(LANS, (world) => {
    peerNamed(world, "eva", "mesh", "ari").Endpoint = "home.example.org:51820";
    delete peerNamed(world, "ari", "mesh", "eva").Endpoint;
  });
  expectFinding(found, { code: "proof-link", from: "eva", to: "ari", says: /leads elsewhere/ });
});

mutations("an endpoint in the LAN of another site", () => {
  const found = findingsOf(LANS, (world) => {
    peerNamed(world, "cleo", "mesh", "eva").Endpoint = peerNamed(world, "dina", "mesh", "cleo").Endpoint ?? "";
  });
  expectFinding(found, { code: "proof-link", from: "cleo", to: "eva" });
});

mutations("an endpoint whose name only resolves inside the mesh", () => {
  const found = findingsOf(NAT, (world) => {
    peerNamed(world, "ari", "mesh", "ben").Endpoint = "ben.mesh.cats.example.org:51820";
  });
  expectFinding(found, { code: "proof-link", says: /only resolves inside the mesh/ });
});

mutations("a literal endpoint at a dynamic site", () => {
  const found = findingsOf(DIRECT, (world) => {
    hostNamed(world, "ben").site.dynamic = true;
  });
  expectFinding(found, { from: "ari", to: "ben", code: "proof-keepalive" });
});

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
