import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatEndpoint, parseEndpoint } from "../../generators/model/endpoint.js";
import { Cidr, familyOf, formatIpv4, parseIpv4 } from "../../generators/model/net.js";

const net = suite("model: addresses");

const ipv4 = fc.ipV4();
const prefix = fc.integer({ min: 0, max: 32 });

net("CIDR notation round-trips and keeps the host's own address", () => {
  fc.assert(
    fc.property(ipv4, prefix, (address, length) => {
      const cidr = Cidr.of(`${address}/${length}`);
      assert.is(cidr.toString(), `${address}/${length}`);
      assert.ok(cidr.contains(address));
      assert.is(cidr.size, 1n << BigInt(32 - length));
      assert.is(Cidr.of(cidr.network).network, cidr.network);
    }),
  );
});

net("two networks overlap exactly if one holds the other's first address", () => {
  fc.assert(
    fc.property(ipv4, prefix, ipv4, prefix, (a, m, b, n) => {
      const [one, two] = [Cidr.of(`${a}/${m}`), Cidr.of(`${b}/${n}`)];
      assert.is(one.overlaps(two), one.contains(two.at(0n)) || two.contains(one.at(0n)));
    }),
  );
});

net("numbers and text of IPv4 addresses agree", () => {
  fc.assert(fc.property(ipv4, (address) => assert.is(formatIpv4(parseIpv4(address)), address)));
});

net("IPv6 prints in its shortest form and never overlaps IPv4", () => {
  assert.is(Cidr.of("2001:0db8:000a::0010/64").toString(), "2001:db8:a::10/64");
  assert.is(Cidr.of("2001:db8::10/64").network, "2001:db8::/64");
  assert.not(Cidr.of("::/0").overlaps(Cidr.of("0.0.0.0/0")));
});

net("what is not CIDR notation is none", () => {
  for (const text of [
    "10.0.0.1",
    "10.0.0.1/33",
    "10.0.0/8",
    "10.0.0.256/8",
    "2001:db8::/129",
    "a/8",
    "10.0.0.1/",
    "",
    "010.0.0.1/8",
  ])
    assert.is(Cidr.parse(text), null, text);
  assert.throws(() => Cidr.of("10.0.0.1"), /not CIDR notation: 10.0.0.1/);
});

net("addresses by place", () => {
  assert.is(Cidr.of("10.1.2.3/16").at(258n), "10.1.1.2");
  assert.throws(() => Cidr.of("10.1.2.3/30").at(4n), /outside 10.1.2.0\/30/);
});

net("families", () => {
  assert.is(familyOf("192.168.1.1"), "ipv4");
  assert.is(familyOf("fe80::1"), "ipv6");
  for (const text of ["192.168.1", "pi1.lan", "fe80::1%eth0", "10.0.0.1/8"]) assert.is(familyOf(text), null, text);
});

net("endpoints", () => {
  assert.equal(parseEndpoint("[2001:db8::1]:51820"), { host: "2001:db8::1", port: 51820 });
  assert.equal(parseEndpoint("home.example.org:1"), { host: "home.example.org", port: 1 });
  for (const text of ["home.example.org", "2001:db8::1:51820", "a:0", "a:70000", "[pi]:1", ":1"])
    assert.is(parseEndpoint(text), null, text);
  assert.is(formatEndpoint({ host: "2001:db8::1", port: 1 }), "[2001:db8::1]:1");
});

net.run();
