import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import type { Lock } from "../../generators/model/lock.js";
import { Cidr, isLinkLocal, isPrivate, isWithin } from "../../generators/model/net.js";
import { planFleet } from "../../generators/plan/plan.js";
import { resolveFleet } from "../../generators/validate/resolve.js";
import {
  identityFault,
  isWireguardKey,
  recipientFault,
  sshKeyFault,
} from "../../generators/validate/rules/fleet/keys.js";
import { edgeOf } from "../../generators/validate/rules/network/literals.js";
import { findNested } from "../../generators/validate/rules/network/ranges.js";
import { runPlanRules, runRules } from "../../generators/validate/rules.js";
import { FLEET, inputsOf, pi, planOf, publicHost } from "../support/fleets.js";

/** What is right at the edge of a rule, beside the fixtures, which show what is wrong. */

const edges = suite("rules: edges");

const VOTER = { nomad: { server: true }, consul: { server: true } };
const DISKS = { layout: "ext4", device: "/dev/sda" } as const;

/** Codes of what the rules find in a fleet with one voter and the given hosts. */
function codesOf(hosts: Readonly<Record<string, HostInput>>, fleet: Partial<FleetInput> = {}, lock?: Lock): string[] {
  const own: Record<string, HostInput> = { voter: { platform: "bareMetal", site: "dc", disks: DISKS, ...VOTER } };
  const inputs = inputsOf({ ...FLEET, ...fleet }, { ...own, ...hosts }, lock);
  const found = runRules({ inputs, fleet: resolveFleet(inputs) });
  return found.map(({ code }) => code).filter((code) => code !== "admins" && code !== "voters-one");
}

const metal = (rest: Partial<HostInput<"bareMetal">>): HostInput => ({
  platform: "bareMetal",
  site: "dc",
  disks: DISKS,
  ...rest,
});

edges("gateways: on-link ones of a /32, link-local ones, and a router's anycast address are fine", () => {
  const address = (own: HostInput["address"]) => codesOf({ one: metal(own === undefined ? {} : { address: own }) });
  assert.equal(address({ ipv4: "198.51.100.20/32", gateway4: "172.31.1.1" }), []);
  assert.equal(address({ ipv6: "2001:db8::20/64", gateway6: "fe80::1" }), []);
  assert.equal(address({ ipv6: "2001:db8::20/64", gateway6: "2001:db8::" }), []);
  assert.equal(address({ ipv6: "2001:db8::20/128", gateway6: "2001:db8:ffff::1" }), []);
  assert.equal(address({ ipv4: "198.51.100.20/31", gateway4: "198.51.100.21" }), []);
  assert.equal(address({ ipv6: "2001:db8::20/64", gateway6: "2001:db8:1::1" }), ["gateway"]);
  assert.equal(address({ ipv4: "198.51.100.20/24", gateway4: "198.51.100.0" }), ["gateway"]);
});

edges("a host may say its LAN address twice, and two sites may use one private range", () => {
  const home = (name: string, lan: string): HostInput =>
    metal({ site: name, address: { ipv4: `${lan}/24`, gateway4: "192.168.1.1", lan } });
  const sites = { ...FLEET.sites, other: { ipv4: "nat", ipv6: "none", lan: "192.168.1.0/24" } } as const;
  assert.equal(codesOf({ one: home("nat", "192.168.1.7"), two: home("other", "192.168.1.7") }, { sites }), []);
  assert.equal(codesOf({ one: home("nat", "192.168.1.7"), two: home("nat", "192.168.1.7") }, { sites }), [
    "address-twice",
    "address-twice",
  ]);
});

edges("one address in two texts is one address", () => {
  const one = metal({ address: { ipv6: "2001:db8::a/64" } });
  assert.equal(codesOf({ one, two: metal({ address: { ipv6: "2001:DB8:0::000a/64" } }) }), ["address-twice"]);
});

edges("a mesh of another cluster may be the network of a host that never sees it", () => {
  const clusters = {
    prod: { mesh: { ipv4: "10.10.0.0/16", port: 51820 } },
    dev: { mesh: { ipv4: "10.20.0.0/16", port: 51821 } },
  };
  const hosts = (cluster: string): Record<string, HostInput> => ({
    voter: metal({ cluster: "prod", ...VOTER }),
    second: metal({ cluster: "dev", ...VOTER }),
    one: metal({ site: "nat", cluster, address: { ipv4: "10.20.1.5/24", gateway4: "10.20.1.1" } }),
  });
  assert.equal(codesOf(hosts("prod"), { clusters }), []);
  assert.equal(codesOf(hosts("dev"), { clusters }), ["range-overlap"]);
});

edges("a host of an unknown site does not make the count of voters wrong", () => {
  const lost: HostInput = { ...metal({ site: "nowhere", ...VOTER }) };
  assert.equal(codesOf({ lost }), ["unknown-site"]);
});

edges("voters in one place are fine where the whole cluster stands there", () => {
  const voters = { two: metal(VOTER), three: metal(VOTER) };
  assert.equal(codesOf(voters), []);
  const elsewhere = metal({ site: "dc4" });
  assert.equal(codesOf({ ...voters, elsewhere }), ["voters-together", "voters-together"]);
});

edges("the lock of a host whose file does not load is not gone", () => {
  const lock: Lock = { version: 2, hosts: { broken: { mesh: "10.10.0.9" } } };
  const inputs = inputsOf(FLEET, { voter: metal(VOTER) }, lock);
  const codes = (hostNames: ReadonlySet<string>) =>
    runRules({ inputs: { ...inputs, hostNames }, fleet: resolveFleet(inputs) }).map(({ code }) => code);
  assert.not.ok(codes(new Set(["voter", "broken"])).includes("lock-gone"));
  assert.ok(codes(new Set(["voter"])).includes("lock-gone"));
});

edges("a pinned address that the lock already has for the same host is fine", () => {
  const lock: Lock = { version: 2, hosts: { one: { mesh: "10.10.0.9" }, voter: { mesh: "10.10.0.8" } } };
  assert.equal(codesOf({ one: metal({ mesh: { ip: "10.10.0.9" } }) }, {}, lock), []);
  assert.equal(codesOf({ one: metal({ mesh: { ip: "10.10.0.8" } }) }, {}, lock), ["mesh-address"]);
});

edges("time zones: every alias of the tz database, in its own case", () => {
  const zone = (timeZone: string) => codesOf({ one: metal({ timeZone }) });
  for (const name of ["UTC", "Europe/Madrid", "Europe/Kyiv", "Europe/Kiev", "Asia/Calcutta", "Etc/GMT+5"]) {
    assert.equal(zone(name), [], name);
  }
  for (const name of ["utc", "Europe/madrid", "+01:00", "Mars/Base", ""]) assert.equal(zone(name), ["time-zone"], name);
});

edges("keys: whole ones pass, and the ends of options and comments do not matter", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ";
  assert.is(sshKeyFault(key), null);
  assert.is(sshKeyFault(`${key} nico@example.org, at home`), null);
  assert.is(sshKeyFault(`restrict,command="/bin/true now" ${key}`), null);
  assert.match(sshKeyFault(`${key}\n${key}`) ?? "", /several lines/);
  assert.match(sshKeyFault(key.slice(0, -1)) ?? "", /not base64/);
  const age = "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s";
  assert.is(recipientFault(age), null);
  assert.is(recipientFault(key), null);
  assert.match(recipientFault(age.toUpperCase()) ?? "", /neither/);
  assert.match(recipientFault(age.replace("x", "y")) ?? "", /checksum/);
  const hardware = "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t";
  assert.is(recipientFault(hardware), null);
  assert.match(identityFault(hardware) ?? "", /needs a plugin of age, which hosts do not have/);
  assert.is(identityFault(age), null);
  assert.ok(isWireguardKey("OPj6eLrGE48U9yaEI6vuDuWMHqYm+EMeUEqmioEph44="));
  assert.not.ok(isWireguardKey("OPj6eLrGE48U9yaEI6vuDuWMHqYm+EMeUEqmioEph45="));
});

const ipv4 = fc.ipV4();
const cidr4 = fc
  .tuple(ipv4, fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => Cidr.of(`${address}/${prefix}`));
const cidr6 = fc
  .tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }))
  .map(([address, prefix]) => Cidr.parse(`${address}/${prefix}`));

edges("the quick arithmetic agrees with Cidr's", () => {
  fc.assert(
    fc.property(cidr4, ipv4, (cidr, address) => {
      assert.is(isWithin(cidr, address), cidr.contains(address));
      const last = cidr.size > 1n && cidr.address === cidr.at(cidr.size - 1n);
      assert.is(edgeOf(cidr), cidr.address === cidr.at(0n) ? "first" : last ? "last" : null);
      assert.is(isLinkLocal(address), Cidr.of("169.254.0.0/16").contains(address));
    }),
  );
  fc.assert(
    fc.property(cidr6, (cidr) => {
      if (cidr === null) return;
      assert.is(edgeOf(cidr), cidr.address === cidr.at(0n) ? "first" : null);
      assert.is(isLinkLocal(cidr.address), Cidr.of("fe80::/10").contains(cidr.address));
      assert.is(isPrivate(cidr.address), Cidr.of("fc00::/7").contains(cidr.address));
    }),
  );
  for (const address of ["fe80::1", "febf::1", "fec0::1", "fe8::1", "fd00::1", "fc::1", "fb00::1"]) {
    assert.is(isLinkLocal(address), Cidr.of("fe80::/10").contains(address), address);
    assert.is(isPrivate(address), Cidr.of("fc00::/7").contains(address), address);
  }
});

edges("the sweep finds exactly the pairs that overlap", () => {
  // Few addresses, so that many nest.
  const near = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 8, max: 32 }))
    .map(([a, b, prefix]) => ({ cidr: Cidr.of(`10.${a}.${b}.0/${prefix}`) }));
  fc.assert(
    fc.property(fc.array(near, { maxLength: 20 }), (ranges) => {
      const naive = ranges.flatMap((a, i) => ranges.slice(i + 1).filter((b) => a.cidr.overlaps(b.cidr))).length;
      const found = [...findNested(ranges)];
      assert.is(found.length, naive);
      for (const [a, b] of found) assert.ok(a.cidr.overlaps(b.cidr));
    }),
  );
});

edges("no text makes a rule throw", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom(
      "",
      "/",
      "0.0.0.0/0",
      "::/0",
      "1.2.3.4/33",
      "::ffff:1.2.3.4/96",
      "fe80::1%eth0",
      "a.b.",
      ":1",
      "[::1]:0",
    ),
  );
  const lock = (mesh: string): Lock => ({ version: 2, hosts: { one: { mesh, wireguard: mesh, age: mesh } } });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const one = metal({
        address: { ipv4: a, gateway4: b, ipv6: c, gateway6: a, lan: b, mac: c, interface: a, dns: [a, b] },
        mesh: { ip: a, endpoint: b },
        nomad: { datacenter: a, nodePool: b, reserved: { ports: c }, hostNetworks: { [a]: { cidr: b, interface: c } } },
        consul: { services: [{ name: a, port: 1, checks: [{ http: b, tcp: c }], meta: { [a]: b } }], meta: { [c]: a } },
        dns: { records: { [a]: b, [c]: [a] }, blocklists: [a] },
        disks: b,
        imports: [a, c],
        sshKeys: [a],
        users: { [b]: { sshKeys: [c] } },
        timeZone: a,
        nixos: { [b]: c },
      });
      const fleet = { domain: a, mesh: { ipv4: b, relays: [c] }, admins: { [a]: { sshKeys: [b], age: c } } };
      assert.ok(codesOf({ one }, { ...fleet, devices: { [c]: { publicKey: a, ip: b } } }, lock(a)).length > 0);
    }),
    { numRuns: 50 },
  );
});

edges("an address that was removed from the lock is given anew, and the keys stay", () => {
  const keys = { wireguard: "OPj6eLrGE48U9yaEI6vuDuWMHqYm+EMeUEqmioEphSM=" };
  const lock: Lock = { version: 2, hosts: { voter: { mesh: "10.10.0.9" }, one: keys }, devices: { phone: {} } };
  const fleet = { devices: { phone: { publicKey: "vjvMgDWHtlyJjfFyOz3sYIBWMTvSQ8Ck2HYq1rDQlWo=" } } };
  assert.equal(codesOf({ one: metal({}) }, fleet, lock), ["device-relay"]);
  const planned = planOf(FLEET, { one: metal({}) }, lock).lock.hosts.one;
  assert.is(planned?.wireguard, keys.wireguard);
  assert.match(planned?.mesh ?? "", /^10\.10\./);
});

edges(
  "neighbours need no relay where one of them says its LAN address, and in a hub they are meant to have one",
  () => {
    const relays = { alpha: publicHost(10), beta: publicHost(11) };
    const found = (topology: "full" | "hub", hosts: Readonly<Record<string, HostInput>>) => {
      const inputs = inputsOf(
        { ...FLEET, mesh: { ...FLEET.mesh, topology, relays: ["alpha", "beta"] } },
        { ...relays, ...hosts },
      );
      const fleet = resolveFleet(inputs);
      const problems = runPlanRules({ inputs, fleet, plan: planFleet(fleet, inputs.lock) });
      return problems.filter(({ code }) => code === "site-relayed").map(({ message }) => message);
    };
    const lan = pi("nat", { address: { lan: "192.168.1.2" } });
    assert.equal(found("full", { a: pi("cgnat"), b: pi("cgnat"), c: pi("cgnat") }), [
      "a and b stand at one site, cgnat, and meet over alpha and beta",
      "a and c stand at one site, cgnat, and meet over alpha and beta",
    ]);
    assert.equal(found("hub", { a: pi("cgnat"), b: pi("cgnat") }), []);
    assert.equal(found("full", { a: pi("nat"), b: lan }), []);
    assert.is(found("full", { a: pi("nat"), b: lan, c: pi("nat") }).length, 1);
    assert.equal(found("full", { a: pi("cgnat"), b: pi("nat"), c: pi("home6"), d: pi("home6") }), []);
  },
);

edges.run();
