import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostPlan } from "../../generators/plan/types.js";
import { FLEET, pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";

/** Roles: ports, quorum, names, MTU. */

const roles = suite("plan: roles");

function hostOf(plan: ReturnType<typeof planOf>, name: string): HostPlan {
  const host = plan.hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
}

roles("servers join each other, clients join all servers, by literal addresses", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const ips = (names: string[]) => names.map((name) => hostOf(plan, name).mesh.ip);
  assert.equal(hostOf(plan, "cosmo").consul?.join, ips(["maco", "miki"]));
  assert.equal(hostOf(plan, "bianco").nomad?.join, ips(["cosmo", "maco", "miki"]));
  assert.is(hostOf(plan, "cosmo").nomad?.bootstrapExpect, 3);
  assert.is(hostOf(plan, "bianco").nomad?.bootstrapExpect, undefined);
  assert.is(hostOf(plan, "bianco").nomad?.datacenter, "cgnat");
  assert.is(hostOf(plan, "bianco").nomad?.region, "cats");
});

roles("a port is open where its role needs it, and the mesh port only to those whom somebody calls", () => {
  const plan = planOf(SIX_FLEET, SIX);
  assert.equal(hostOf(plan, "cosmo").firewall.world, { tcp: [22], udp: [55820] });
  assert.equal(hostOf(plan, "bianco").firewall.world, { tcp: [22], udp: [] });
  assert.equal(hostOf(plan, "cosmo").firewall.mesh.tcp, [53, 4646, 4647, 4648, 8300, 8301, 8500]);
  assert.equal(hostOf(plan, "bianco").firewall.mesh, { tcp: [53, 4646, 8301, 8500], udp: [53, 3784, 8301] });
  assert.equal(hostOf(plan, "maco").firewall.mesh.udp, [53, 4648, 8301]);
});

roles("a host file opens ports to the world, to the mesh or to the LAN", () => {
  const plan = planOf(FLEET, {
    nas: pi("nat", {
      nomad: false,
      consul: {
        services: [
          { name: "nfs", port: 2049 },
          { name: "pve", port: 8006, address: "192.168.1.4" },
        ],
      },
      firewall: { tcp: [443], mesh: { tcp: [445] }, lan: { tcp: [139], udp: [137] } },
      dns: { resolver: true },
    }),
  });
  const { firewall } = hostOf(plan, "nas");
  assert.equal(firewall.world.tcp, [22, 443]);
  assert.equal(firewall.mesh.tcp, [53, 445, 2049, 8301, 8500]);
  assert.equal(firewall.lan, { source: "192.168.1.0/24", ports: { tcp: [53, 139], udp: [53, 137] } });
});

roles("a container runs no jobs unless it is told to, and without Nomad and Consul little is open", () => {
  const lxc = { platform: "proxmoxLxc", node: "pve", site: "nat" } as const;
  const plan = planOf(FLEET, { plain: { ...lxc, consul: false }, client: { ...lxc, nomad: { client: true } } });
  assert.is(hostOf(plan, "plain").nomad, null);
  assert.equal(hostOf(plan, "plain").firewall.mesh, { tcp: [53], udp: [53] });
  assert.is(hostOf(plan, "client").nomad?.client, true);
});

roles("the MTU is what the smallest uplink of the cluster's sites carries", () => {
  const sites = { ...FLEET.sites, pppoe: { ipv4: "nat", ipv6: "none", mtu: 1492 } } as const;
  const fleet = { ...FLEET, sites };
  assert.is(planOf(fleet, { a: publicHost(1) }).clusters.get("cats")?.mtu, 1420);
  assert.is(planOf(fleet, { a: pi("cgnat") }).clusters.get("cats")?.mtu, 1440);
  assert.is(planOf(fleet, { a: pi("pppoe") }).clusters.get("cats")?.mtu, 1432);
  assert.is(planOf(fleet, { a: publicHost(1), b: pi("pppoe") }).clusters.get("cats")?.mtu, 1420);
  assert.is(hostOf(planOf(fleet, { a: pi("cgnat", { mesh: { mtu: 1300 } }) }), "a").containers?.mtu, 1300);
  // Nobody sends more to a host than fits through its uplink.
  assert.is(hostOf(planOf(fleet, { a: pi("cgnat", { mesh: { mtu: 1300 } }), b: publicHost(1) }), "b").mesh.mtu, 1300);
});

roles("every host of a cluster has a name in the mesh's zone", () => {
  const plan = planOf({ ...SIX_FLEET, dns: { records: { "nas.example.org": ["192.168.1.3"] } } }, SIX);
  const records = plan.clusters.get("cats")?.records ?? [];
  assert.is(records.length, 7);
  assert.equal(records[0], { name: "ari.mesh.cats.example.org", address: hostOf(plan, "ari").mesh.ip });
});

roles("a LAN's resolver listens on its LAN address, or on all where DHCP gives it", () => {
  const listen = (address: object) =>
    hostOf(planOf(FLEET, { a: pi("nat", { nomad: false, dns: { resolver: true }, address }) }), "a").dns.listen;
  assert.ok(listen({ ipv4: "192.168.1.2/24" }).includes("192.168.1.2"));
  assert.equal(listen({}), ["0.0.0.0", "::"]);
});

roles("hosts of one LAN at a dynamic site keep no link alive between them", () => {
  const sites = { ...FLEET.sites, home: { ipv4: "nat", ipv6: "none", dynamic: true, lan: "192.168.1.0/24" } } as const;
  const at = (last: number) => pi("home", { address: { ipv4: `192.168.1.${last}/24` } });
  const plan = planOf({ ...FLEET, sites }, { one: at(1), two: at(2), far: publicHost(9) });
  const keepalive = (name: string) =>
    hostOf(plan, "one").mesh.interfaces[0]?.peers.find((peer) => peer.name === name)?.keepalive;
  assert.is(keepalive("two"), undefined);
  assert.is(keepalive("far"), 25);
});

roles("a cloud host has IPv6 only where it is configured: providers send no router advertisements", () => {
  const only4 = { address: { ipv4: "203.0.113.1/24", gateway4: "203.0.113.1" } };
  const plan = planOf(FLEET, { a: publicHost(1, only4), b: publicHost(2), c: pi("home6") });
  const endpoint = (from: string, to: string) =>
    hostOf(plan, from).mesh.interfaces[0]?.peers.find(({ name }) => name === to)?.endpoint?.host;
  assert.is(endpoint("a", "b"), "203.0.113.2");
  assert.is(endpoint("b", "a"), "203.0.113.1");
  assert.is(endpoint("c", "b"), "2001:db8:a::2");
});

roles("clusters share nothing", () => {
  const fleet = {
    ...FLEET,
    clusters: { prod: {}, dev: { mesh: { ipv4: "10.20.0.0/16", port: 51821 }, nomad: { region: "lab" } } },
  };
  const plan = planOf(fleet, { p: publicHost(1, { cluster: "prod" }), d: publicHost(2, { cluster: "dev" }) });
  assert.equal(hostOf(plan, "p").mesh.interfaces[0]?.peers, []);
  assert.equal(hostOf(plan, "d").mesh.interfaces[0]?.peers, []);
  assert.is(hostOf(plan, "d").mesh.interfaces[0]?.listenPort, 51821);
  assert.is(hostOf(plan, "d").nomad?.region, "lab");
  assert.is(hostOf(plan, "d").consul?.datacenter, "dev");
  assert.equal(plan.clusters.get("dev")?.linkOf("p", "d"), { kind: "none" });
});

roles.run();
