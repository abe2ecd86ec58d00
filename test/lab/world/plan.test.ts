import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../../generators/model/input.js";
import { EMPTY_LOCK } from "../../../generators/model/lock.js";
import { Cidr, familyOf } from "../../../generators/model/net.js";
import { viewFleet } from "../../../generators/render/views/fleet.js";
import type { Attachment, SiteSpec, WorldSpec } from "../../../lab/spec.js";
import { planWorld } from "../../../lab/world/plan.js";
import { randomFleets } from "../../support/arbitrary.js";
import { FLEET, pi, planOf, publicHost, SIX, SIX_FLEET } from "../../support/fleets.js";

/** What a world is made of, from the fleet's files alone. */

type Hosts = Readonly<Record<string, HostInput>>;

function worldOf(fleet: FleetInput, hosts: Hosts, previous?: WorldSpec, lock = EMPTY_LOCK): WorldSpec {
  const plan = planOf(fleet, hosts, lock);
  return planWorld(plan, viewFleet(plan), {}, previous);
}

function siteOf(world: WorldSpec, name: string): SiteSpec {
  const site = world.sites.find((one) => one.name === name);
  if (site === undefined) throw new Error(`no site ${name}`);
  return site;
}

function attachmentOf({ sites }: WorldSpec, host: string): Attachment {
  const found = sites.flatMap(({ attachments }) => attachments).find((one) => one.host === host);
  if (found === undefined) throw new Error(`no host ${host}`);
  return found;
}

const plain = (cidr: string): string => Cidr.of(cidr).address;
const sites = (more: FleetInput["sites"]): FleetInput => ({ ...FLEET, sites: { ...FLEET.sites, ...more } });

const plans = suite("lab world: plan");

plans("a line is as its site says, else as all say, else as usual; and stays so", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const wishes = { delayMs: 5, lossPercent: 2, sites: { cgnat: { delayMs: 80 }, home6: { rateMbit: 3 } } };
  const world = planWorld(plan, viewFleet(plan), wishes);
  assert.equal(siteOf(world, "cgnat").conditions, { delayMs: 80, lossPercent: 2, rateMbit: null });
  assert.equal(siteOf(world, "home6").conditions, { delayMs: 5, lossPercent: 2, rateMbit: 3 });
  assert.equal(siteOf(worldOf(SIX_FLEET, SIX), "home6").conditions, { delayMs: 10, lossPercent: 0, rateMbit: null });
  assert.equal(planWorld(plan, viewFleet(plan), {}, world).sites, world.sites);
});

plans("providers' hosts keep their addresses, and routers are what hosts call their gateway", () => {
  const world = worldOf(SIX_FLEET, SIX);
  const dc = siteOf(world, "dc");
  assert.equal(dc.gateways, ["203.0.113.1/32", "fe80::1/64"]);
  assert.ok(dc.routed.includes("203.0.113.10/32") && dc.routed.includes("2001:db8:a::10/128"));
  assert.is(attachmentOf(world, "cosmo").lease4, undefined);
  assert.is(attachmentOf(world, "cosmo").lease6, undefined);
});

plans("a static address without a gateway gets one by advertisement", () => {
  const { lease6, lease4 } = attachmentOf(worldOf(SIX_FLEET, SIX), "ari");
  assert.equal(lease6, { address: "2001:db8:c::31/64", gateway: "fe80::1" });
  assert.ok(lease4?.address.startsWith("192.168."));
});

plans("what DHCP gives is what the host file says, and else free", () => {
  const world = worldOf(sites({ home: { ipv4: "nat", ipv6: "none", lan: "192.168.7.0/24" } }), {
    given: pi("home", { address: { lan: "192.168.7.100" } }),
    named: pi("home", { address: { lan: "named.lan", mac: "02:00:00:00:00:09" } }),
    fixed: pi("home", { address: { ipv4: "192.168.7.101/24", gateway4: "192.168.7.254" } }),
  });
  assert.is(attachmentOf(world, "given").lease4?.address, "192.168.7.100/24");
  assert.equal(attachmentOf(world, "named").lease4, { address: "192.168.7.102/24", gateway: "192.168.7.254" });
  assert.is(attachmentOf(world, "named").mac, "02:00:00:00:00:09");
  assert.equal(siteOf(world, "home").names, [{ name: "named.lan", address: "192.168.7.102" }]);
  assert.equal(siteOf(world, "home").gateways, ["192.168.7.254/32"]);
});

plans("addresses that a provider gave are in the lock, and one that it has not given yet is for documentation", () => {
  const hosts: Hosts = { known: publicHost(0, { address: {} }), fresh: publicHost(0, { address: {} }) };
  const lock = { ...EMPTY_LOCK, hosts: { known: { facts: { ipv4: "203.0.113.77" } } } };
  const world = worldOf(FLEET, hosts, undefined, lock);
  assert.equal(attachmentOf(world, "known").lease4, { address: "203.0.113.77/32", gateway: "172.31.1.1" });
  assert.match(attachmentOf(world, "fresh").lease4?.address ?? "", /^198\.51\.100\.\d+\/32$/);
});

plans("endpoints lead to their hosts", () => {
  const world = worldOf(
    sites({
      door: { ipv4: "portForwarded", ipv6: "none", dynamic: true },
      gate: { ipv4: "portForwarded", ipv6: "none" },
    }),
    {
      one: pi("door", { mesh: { endpoint: "door.example.net:4001" } }),
      two: pi("door", { mesh: { endpoint: "door.example.net:4002" } }),
      literal: pi("gate", { mesh: { endpoint: "192.0.2.9:4001" } }),
      named: publicHost(9, { mesh: { endpoint: "named.example.net:55820" } }),
      moved: publicHost(8, { mesh: { endpoint: "moved.example.net:4001" } }),
    },
  );
  const door = siteOf(world, "door");
  const inside = (host: string) => plain(attachmentOf(world, host).lease4?.address ?? "");
  assert.equal(door.forwardings, [
    { port: 4001, protocol: "udp", to: inside("one"), toPort: 55820 },
    { port: 4002, protocol: "udp", to: inside("two"), toPort: 55820 },
  ]);
  assert.is(siteOf(world, "gate").wan4, "192.0.2.9");
  const name = (text: string) => world.names.filter((one) => one.name === text && one.family === "ipv4");
  assert.equal(name("door.example.net"), [
    { name: "door.example.net", family: "ipv4", address: door.wan4, site: "door" },
  ]);
  assert.is(name("named.example.net")[0]?.address, "203.0.113.9");
  // Another port of a public host's own address is forwarded there; nothing is to be done about its own.
  assert.equal(
    siteOf(world, "dc").forwardings.map(({ address, port, to, toPort }) => [address, port, to, toPort]),
    [
      ["2001:db8:a::8", 4001, "2001:db8:a::8", 55820],
      ["203.0.113.8", 4001, "203.0.113.8", 55820],
    ],
  );
  assert.is(door.spare4.length, 2);
  assert.equal(siteOf(world, "gate").spare4, []);
});

plans("interfaces have names that their units match", () => {
  const at = (address: HostInput["address"]) =>
    attachmentOf(worldOf(FLEET, { host: pi("nat", { address: address ?? {} }) }), "host");
  assert.is(at({}).interface, "eth0");
  assert.is(at({ interface: "ens18" }).interface, "ens18");
  assert.is(at({ interface: "eth0.20", mac: "02:00:00:00:00:07" }).interface, "eth0.20");
  assert.is.not(at({ interface: "eth0.20", mac: "02:00:00:00:00:07" }).mac, "02:00:00:00:00:07");
  assert.match(at({}).mac, /^02:00:0a:0a:/);
});

plans("resolvers are all that anybody of the fleet asks outside", () => {
  const upstream = ["192.0.2.53@853#dns.example.net", "2001:db8:53::1@8853#other.example.net"];
  const hosts: Hosts = {
    vps: publicHost(4, { address: { ipv4: "203.0.113.4/24", gateway4: "203.0.113.1", dns: ["192.0.2.99"] } }),
    home: pi("nat", { address: { ipv4: "192.168.1.4/24", gateway4: "192.168.1.1", dns: ["192.168.1.2"] } }),
  };
  const world = worldOf({ ...FLEET, dns: { upstream } }, hosts);
  assert.equal(world.resolvers, [
    { address: "192.0.2.53", port: 853, tlsName: "dns.example.net" },
    { address: "192.0.2.99", port: 53, tlsName: null },
    { address: "2001:db8:53::1", port: 8853, tlsName: "other.example.net" },
  ]);
  assert.ok(siteOf(world, "nat").gateways.includes("192.168.1.2/32"), "a LAN's own resolver is its router");
});

/** Whatever the world knows by one address: hosts that it reaches, routers, resolvers. */
function publicAddresses({ sites: all, resolvers }: WorldSpec): string[] {
  const own = all.flatMap(({ wan4, wan6, spare4, routed }) => [wan4, wan6, ...spare4, ...routed.map(plain)]);
  return [...own.filter((address) => address !== null), ...new Set(resolvers.map(({ address }) => address))];
}

function twice(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

plans("no address is given twice, and every host has the way out that its site has", () => {
  fc.assert(
    fc.property(randomFleets(12), ({ fleet, hosts }) => {
      const plan = planOf(fleet, hosts);
      const world = planWorld(plan, viewFleet(plan));
      assert.equal(twice(publicAddresses(world)), []);
      for (const { attachments, gateways, ...site } of world.sites) {
        const local = [...attachments.flatMap(({ addresses }) => addresses), ...gateways].map(plain);
        assert.equal(twice(local), []);
        assert.equal(twice(attachments.map(({ mac }) => mac)), []);
        for (const { host, lease4, lease6, addresses } of attachments) {
          const has = addresses.map((one) => familyOf(plain(one)));
          const reaches = plan.hosts.get(host)?.host.reaches;
          for (const family of ["ipv4", "ipv6"] as const) assert.is(has.includes(family), reaches?.[family] ?? false);
          for (const lease of [lease4, lease6])
            assert.ok(lease === undefined || gateways.some((one) => plain(one) === lease.gateway));
        }
        assert.is(site.wan4 === null, site.ipv4 === "none");
      }
    }),
    { numRuns: 40 },
  );
});

plans("with more hosts, nothing moves that was there", () => {
  fc.assert(
    fc.property(randomFleets(8), fc.nat(7), ({ fleet, hosts }, which) => {
      const names = Object.keys(hosts);
      const late = names[which % names.length];
      const before = worldOf(fleet, Object.fromEntries(Object.entries(hosts).filter(([name]) => name !== late)));
      const after = worldOf(fleet, hosts, before);
      for (const site of before.sites) {
        const grown = siteOf(after, site.name);
        assert.equal([grown.wan4, grown.wan6, grown.spare4], [site.wan4, site.wan6, site.spare4]);
        for (const { host, lease4, lease6 } of site.attachments) {
          const { lease4: next4, lease6: next6 } = attachmentOf(after, host);
          assert.equal(
            [next4, next6].map((one) => one?.address),
            [lease4, lease6].map((one) => one?.address),
          );
        }
      }
    }),
    { numRuns: 40 },
  );
});

plans.run();
