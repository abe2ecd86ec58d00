import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectFinding, findingsOf } from "./support/expect.js";
import { closePort, dropPeer, hostNamed, peerNamed } from "./support/mutations.js";
import { CGNAT, DIRECT, LANS, NAT } from "./support/worlds.js";

/** Every world here works before it is broken. */
const mutations = suite("proof: mutations of links and ports are noticed");

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

mutations.run();
