import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgePorts, publicAddresses } from "../../../lab/checks/judge/ports.js";
import { statusOfSite } from "../../../lab/run/world/sites.js";
import { host, site, spec, state } from "./lab.js";

/** What somebody outside may find open. */

const ports = suite("lab: ports");

const OPEN = [
  { protocol: "tcp", port: 22 },
  { protocol: "udp", port: 51820 },
] as const;

function attachment(name: string, address: string) {
  return { host: name, interface: "eth0", mac: "", addresses: [address] };
}

const LAB = spec({
  hosts: [
    host("cloud", "10.0.0.1", { site: "cloud", open: OPEN }),
    host("pi", "10.0.0.2", { site: "home", open: OPEN }),
    host("nas", "10.0.0.3", { site: "mobile", open: OPEN }),
  ],
  world: {
    names: [],
    resolvers: [],
    sites: [
      site("cloud", { routed: ["203.0.113.10/32"], attachments: [attachment("cloud", "203.0.113.10/24")] }),
      site("home", {
        ipv4: "portForwarded",
        ipv6: "firewalled",
        wan4: "198.51.100.1",
        routed: ["2001:db8::2/128"],
        forwardings: [
          { port: 40000, protocol: "udp", to: "192.168.1.2", toPort: 51820 },
          { port: 8080, protocol: "tcp", to: "192.168.1.2", toPort: 80 },
        ],
        attachments: [{ ...attachment("pi", "192.168.1.2/24"), addresses: ["192.168.1.2/24", "2001:db8::2/64"] }],
      }),
      site("mobile", { ipv4: "cgnat", wan4: "198.51.100.9", attachments: [attachment("nas", "192.168.2.3/24")] }),
    ],
  },
});

const STATE = state([], {
  sites: LAB.world.sites
    .map(statusOfSite)
    // It has moved since the lab was planned.
    .map((status) => (status.name === "home" ? { ...status, wan4: "198.51.100.2" } : status)),
});

const at = (address: string) => {
  const found = publicAddresses(LAB, STATE).find((one) => one.address === address);
  if (found === undefined) throw new Error(`no public address ${address}`);
  return found;
};

ports("a public host is asked itself, and opens what the plan says", () => {
  const { arrivesAt, openings } = at("203.0.113.10");
  assert.is(arrivesAt, "host:cloud");
  assert.equal(
    openings.map(({ protocol, port }) => `${protocol} ${port}`),
    ["tcp 22", "udp 51820"],
  );
});

ports("a router forwards what it is told to, at the address that it has now, as far as the host opens it", () => {
  assert.equal(
    publicAddresses(LAB, STATE).map(({ address }) => address),
    ["203.0.113.10", "198.51.100.2", "2001:db8::2", "198.51.100.9"],
  );
  assert.equal(at("198.51.100.2"), {
    address: "198.51.100.2",
    site: "home",
    arrivesAt: "site:home",
    openings: [{ protocol: "udp", port: 40000, host: "pi", toPort: 51820 }],
  });
});

ports("nobody gets in at a firewalled address or through a carrier", () => {
  assert.equal(at("2001:db8::2").openings, []);
  assert.is(at("2001:db8::2").arrivesAt, "site:home");
  assert.equal(at("198.51.100.9").openings, []);
  assert.is(at("198.51.100.9").arrivesAt, "carrier:mobile");
});

ports("an open port too many, one too few and one that nothing reached are failures", () => {
  const seen = (admitted: number[], accepted: number[], unreached: number[] = []) =>
    judgePorts(at("203.0.113.10"), "tcp", { unreached, accepted, admitted: new Map([["host:cloud", admitted]]) });
  assert.equal(seen([22], [22]), []);
  assert.equal(
    seen([22, 53], [22]).map(({ seen: found }) => found),
    ["22, 53"],
  );
  assert.equal(
    seen([22, 53], [22, 53]).map(({ seen: found }) => found),
    ["22, 53", "22, 53"],
  );
  assert.is(seen([], []).length, 2);
  assert.is(seen([22], [22], [80]).length, 1);
});

ports("UDP is judged by what is let in, and another host's open port counts as well", () => {
  const seen = (admitted: ReadonlyMap<string, number[]>) =>
    judgePorts(at("198.51.100.2"), "udp", { unreached: [], accepted: [], admitted });
  assert.equal(seen(new Map([["host:pi", [51820]]])), []);
  assert.is(seen(new Map([["host:pi", []]])).length, 1);
  assert.is(
    seen(
      new Map([
        ["host:pi", [51820]],
        ["site:home", [9]],
      ]),
    ).length,
    1,
  );
});

ports.run();
