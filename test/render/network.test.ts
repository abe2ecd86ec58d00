import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostInput } from "../../generators/model/input.js";
import { viewFleet, viewHost } from "../../generators/render/views/fleet.js";
import { viewReresolve } from "../../generators/render/views/network/tools.js";
import { FLEET, pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";
import { viewOf } from "./plans.js";

/** The uplink of a host, as networkd's options. */
function uplinkOf(input: HostInput) {
  return viewOf(input).network.networks["10-uplink"];
}

const views = suite("render: views of networks");

views("a static uplink asks nobody", () => {
  assert.equal(uplinkOf(publicHost(10)), {
    matchConfig: { Name: "en* eth*" },
    address: ["203.0.113.10/24", "2001:db8:a::10/64"],
    routes: [{ Gateway: "203.0.113.1" }, { Gateway: "fe80::1" }],
    networkConfig: { IPv6AcceptRA: false },
    linkConfig: { RequiredForOnline: "routable" },
  });
});

views("a gateway outside the network is on the link", () => {
  const address = {
    ipv4: "198.51.100.20/32",
    gateway4: "172.31.1.1",
    ipv6: "2001:db8:b::20/64",
    gateway6: "2001:db8::1",
  };
  assert.equal(uplinkOf(publicHost(1, { address }))?.routes, [
    { Gateway: "172.31.1.1", GatewayOnLink: true },
    { Gateway: "2001:db8::1", GatewayOnLink: true },
  ]);
});

views("what is not static comes from DHCP and router advertisements, for families that the site has", () => {
  const without6 = uplinkOf(pi("cgnat"));
  assert.is(without6?.DHCP, "ipv4");
  assert.equal(without6?.networkConfig, { IPv6AcceptRA: false });
  const both = uplinkOf(pi("home6", { address: { ipv6: "2001:db8:c::31/64" } }));
  assert.is(both?.DHCP, "ipv4");
  assert.equal(both?.networkConfig, { IPv6AcceptRA: true });
  const sites = { ...FLEET.sites, six: { ipv4: "none", ipv6: "public" } } as const;
  const only6 = viewOf(pi("six"), { ...FLEET, sites }).network.networks["10-uplink"];
  assert.is(only6?.DHCP, undefined);
});

views("an interface is found by name or by MAC address; a dotted name is a VLAN", () => {
  assert.equal(uplinkOf(pi("nat", { address: { interface: "end0" } }))?.matchConfig, { Name: "end0" });
  assert.equal(uplinkOf(pi("nat", { address: { mac: "DC:A6:32:00:00:21" } }))?.matchConfig, {
    MACAddress: "dc:a6:32:00:00:21",
    Type: "ether",
  });
  const { netdevs, networks } = viewOf(pi("nat", { address: { interface: "eth0.20" } })).network;
  assert.equal(netdevs["05-vlan"], { netdevConfig: { Name: "eth0.20", Kind: "vlan" }, vlanConfig: { Id: 20 } });
  assert.equal(networks["05-trunk"]?.vlan, ["eth0.20"]);
  assert.equal(networks["10-uplink"]?.matchConfig, { Name: "eth0.20" });
  const byMac = viewOf(pi("nat", { address: { interface: "eth0.20", mac: "02:00:00:00:00:01" } })).network.networks;
  assert.equal(byMac["05-trunk"]?.matchConfig, { PermanentMACAddress: "02:00:00:00:00:01" });
  assert.equal(byMac["10-uplink"]?.matchConfig, { Name: "eth0.20" });
});

views("a relay forwards from mesh to mesh, and containers beside it", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const relay = viewHost(plan, "cosmo");
  assert.ok(relay.network.firewall.filterForward);
  assert.equal(relay.network.firewall.extraForwardRules, [
    'iifname "mesh" oifname "mesh" accept',
    'iifname { "docker0", "nomad" } accept',
    'iifname "br-*" accept',
  ]);
  assert.is(relay.mesh.sysctl["net.ipv4.ip_forward"], 1);
  assert.is(relay.mesh.sysctl["net.ipv4.conf.mesh.send_redirects"], 0);
  assert.is(relay.network.firewall.checkReversePath, true);
  const other = viewHost(plan, "maco");
  assert.equal(other.network.firewall.extraForwardRules, [
    'iifname { "docker0", "nomad" } accept',
    'iifname "br-*" accept',
  ]);
  const quiet = viewOf(pi("nat", { nomad: false })).network.firewall;
  assert.equal([quiet.filterForward, quiet.extraForwardRules], [false, []]);
  assert.equal(other.mesh.sysctl, {});
  assert.is(other.mesh.bird, null);
});

views("a host that needs relays has an interface for each, loose filters, and routes by preference", () => {
  const leaf = viewHost(planOf(SIX_FLEET, SIX), "bianco");
  assert.equal(Object.keys(leaf.mesh.netdevs), ["40-mesh", "40-to-cosmo", "40-to-miki"]);
  assert.is(leaf.network.firewall.checkReversePath, "loose");
  assert.equal(Object.keys(leaf.network.firewall.interfaces), ["mesh", "to-cosmo", "to-miki", "docker0", "nomad"]);
  assert.ok(leaf.network.firewall.interfaces["to-miki"]?.allowedUDPPorts?.includes(3784));
  assert.is(leaf.mesh.sysctl["net.ipv4.conf.all.rp_filter"], 2);
  assert.equal(
    leaf.mesh.bird?.statics.map(({ name, preference }) => [name, preference]),
    [
      ["cosmo", 200],
      ["miki", 199],
    ],
  );
  const [address] = leaf.mesh.networks["40-to-cosmo"]?.addresses ?? [];
  assert.match(address?.Peer ?? "", /^10\.10\.\d+\.\d+\/32$/);
});

views("keys that are not made yet differ from host to host", () => {
  const keys = viewHost(planOf(FLEET, SIX), "cosmo").mesh.netdevs["40-mesh"]?.wireguardPeers.map(
    (peer) => peer.PublicKey,
  );
  assert.is(new Set(keys).size, keys?.length);
  assert.ok(keys?.includes("<made by meshflake generate: maco>"));
});

views("endpoints that are names are looked up again", () => {
  const plan = planOf(
    FLEET,
    {
      a: publicHost(1),
      b: publicHost(2, { mesh: { endpoint: "b.example.org:55820" } }),
    },
    { version: 2, hosts: { b: { mesh: "10.10.0.2", wireguard: "KEY" } } },
  );
  const { mesh } = viewHost(plan, "a");
  assert.equal(mesh.reresolve, [{ interface: "mesh", publicKey: "KEY", endpoint: "b.example.org:55820" }]);
  assert.match(JSON.stringify(viewReresolve(mesh)), /look_up mesh \\"KEY\\" \\"b\.example\.org:55820\\"/);
  assert.is(viewReresolve(viewHost(plan, "b").mesh), null);
});

views("a fleet's views are those of its hosts", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const all = viewFleet(plan);
  assert.equal([...all.keys()], [...plan.hosts.keys()]);
  for (const [name, view] of all) assert.equal(view, viewHost(plan, name));
  const stranger = "nobody";
  assert.throws(() => viewHost(plan, stranger), /no host nobody/);
});

views.run();
