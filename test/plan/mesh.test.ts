import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostMesh } from "../../generators/plan/types.js";
import { FLEET, pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";

function meshOf(plan: ReturnType<typeof planOf>, name: string): HostMesh {
  const host = plan.hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host.mesh;
}

function peersOf(mesh: HostMesh, name: string): string[] {
  return (mesh.interfaces.find((one) => one.name === name)?.peers ?? []).map((peer) => peer.name);
}

const mesh = suite("plan: mesh");

mesh("links directly what can reach each other, and over every relay what cannot", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const bianco = meshOf(plan, "bianco");
  assert.equal(
    bianco.interfaces.map(({ name }) => name),
    ["mesh", "to-cosmo", "to-miki"],
  );
  assert.equal(peersOf(bianco, "mesh"), ["maco"]);
  const [, toCosmo] = bianco.interfaces;
  const ips = ["cosmo", "ari", "ziggy"].map((name) => `${meshOf(plan, name).ip}/32`);
  assert.equal(toCosmo?.peers[0]?.allowedIps, ips);
  assert.is(toCosmo?.peers[0]?.keepalive, 25);
  assert.equal(toCosmo?.peers[0]?.endpoint, { host: "203.0.113.10", port: 55820 });
  assert.is(toCosmo?.listenPort, undefined);
});

mesh("uses IPv6 first where both have it, and IPv4 where one does not", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const endpoint = (from: string, to: string) =>
    meshOf(plan, from).interfaces[0]?.peers.find((peer) => peer.name === to)?.endpoint?.host;
  assert.is(endpoint("cosmo", "maco"), "2001:db8:a::11");
  assert.is(endpoint("ari", "ziggy"), "2001:db8:c::32");
  assert.is(endpoint("bianco", "maco"), "203.0.113.11");
  assert.is(endpoint("maco", "bianco"), undefined);
});

mesh("a relay keeps one interface, forwards and answers BFD for those that fail over", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const cosmo = meshOf(plan, "cosmo");
  assert.is(cosmo.interfaces.length, 1);
  assert.is(cosmo.forwards, true);
  assert.equal(
    cosmo.bird?.neighbors.map(({ name }) => name),
    ["ari", "bianco", "ziggy"],
  );
  assert.equal(peersOf(cosmo, "mesh"), ["ari", "bianco", "maco", "miki", "ziggy"]);
  assert.is(cosmo.interfaces[0]?.peers[1]?.endpoint, undefined);
  const maco = meshOf(plan, "maco");
  assert.is(maco.forwards, false);
  assert.is(maco.bird, null);
});

mesh("prefers the first relay and gives the same routes to each", () => {
  const relays = meshOf(planOf(SIX_FLEET, SIX), "ari").bird?.relays ?? [];
  assert.equal(
    relays.map(({ relay, preference }) => [relay, preference]),
    [
      ["cosmo", 200],
      ["miki", 199],
    ],
  );
  assert.equal(relays[0]?.routes, relays[1]?.routes);
});

mesh("a single relay needs neither BIRD nor a second interface", () => {
  const plan = planOf({ ...FLEET, mesh: { ...FLEET.mesh, relays: ["cosmo"] } }, SIX);
  const bianco = meshOf(plan, "bianco");
  assert.is(bianco.interfaces.length, 1);
  assert.is(bianco.bird, null);
  const allowed = bianco.interfaces[0]?.peers.find((peer) => peer.name === "cosmo")?.allowedIps;
  assert.equal(
    allowed,
    ["cosmo", "ari", "ziggy"].map((name) => `${meshOf(plan, name).ip}/32`),
  );
  assert.is(meshOf(plan, "cosmo").forwards, true);
});

mesh("without a relay, pairs with no path are reported once a host", () => {
  const plan = planOf(FLEET, SIX);
  assert.equal(plan.clusters.get("cats")?.unreachable, [
    { a: "ari", b: "bianco" },
    { a: "bianco", b: "ziggy" },
  ]);
});

mesh("hosts of one site meet over its LAN", () => {
  const plan = planOf(FLEET, {
    one: pi("nat", { address: { lan: "pi1.lan" } }),
    two: pi("nat", { address: { ipv4: "192.168.1.12/24" } }),
  });
  assert.equal(meshOf(plan, "two").interfaces[0]?.peers[0]?.endpoint, { host: "pi1.lan", port: 55820 });
  assert.equal(meshOf(plan, "one").interfaces[0]?.peers[0]?.endpoint, { host: "192.168.1.12", port: 55820 });
  assert.is(meshOf(plan, "two").namedEndpoints.length, 1);
  assert.is(meshOf(plan, "one").namedEndpoints.length, 0);
});

mesh("a cloud host without an address is pending, not unreachable", () => {
  const plan = planOf(FLEET, { pi: pi("cgnat"), cloud: publicHost(1, { address: {} }) });
  assert.equal(plan.clusters.get("cats")?.linkOf("pi", "cloud"), { kind: "pending" });
  assert.equal(plan.clusters.get("cats")?.unreachable, []);
  // Its provider's firewall is made before anybody knows the address.
  assert.equal(plan.hosts.get("cloud")?.firewall.world.udp, [55820]);
});

mesh("above 64 hosts, spokes know their relays only", () => {
  const hosts = Object.fromEntries([
    ...["r1", "r2"].map((name, i) => [name, publicHost(10 + i)] as const),
    ...Array.from({ length: 70 }, (_, i) => [`pi${i}`, pi("cgnat")] as const),
  ]);
  const plan = planOf({ ...FLEET, mesh: { ...FLEET.mesh, relays: ["r1", "r2"] } }, hosts);
  const spoke = meshOf(plan, "pi0");
  assert.equal(
    spoke.interfaces.map(({ name, peers }) => [name, peers.length]),
    [
      ["mesh", 0],
      ["to-r1", 1],
      ["to-r2", 1],
    ],
  );
  assert.equal(spoke.interfaces[1]?.peers[0]?.allowedIps, ["10.10.0.0/16"]);
  assert.equal(
    spoke.bird?.relays.map(({ routes }) => routes),
    [["10.10.0.0/16"], ["10.10.0.0/16"]],
  );
  assert.is(meshOf(plan, "r1").interfaces[0]?.peers.length, 71);
});

mesh("a device is behind the first relay", () => {
  const publicKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const plan = planOf({ ...SIX_FLEET, devices: { phone: { publicKey } } }, SIX);
  const ip = plan.clusters.get("cats")?.devices[0]?.ip;
  const allowed = (host: string, at: number, peer: string) =>
    meshOf(plan, host).interfaces[at]?.peers.find(({ name }) => name === peer)?.allowedIps ?? [];
  assert.equal(allowed("cosmo", 0, "phone"), [`${ip}/32`]);
  assert.ok(allowed("maco", 0, "cosmo").includes(`${ip}/32`));
  assert.ok(allowed("bianco", 1, "cosmo").includes(`${ip}/32`));
  assert.not(allowed("bianco", 2, "miki").includes(`${ip}/32`));
});

mesh.run();
