import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../../generators/model/input.js";
import { FAMILIES } from "../../../generators/model/vocabulary.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";
import { addressIn, MIRROR, SharedWorld } from "./raised.js";

/** Who reaches whom over each kind of uplink, as the vocabulary says it, and what the world sees of whom. */

const SITES: FleetInput["sites"] = {
  open: { ipv4: "public", ipv6: "public" },
  twin: { ipv4: "public", ipv6: "public" },
  forwarded: { ipv4: "portForwarded", ipv6: "none", lan: "192.168.7.0/24" },
  home: { ipv4: "nat", ipv6: "firewalled", lan: "192.168.8.0/24", mtu: 1492 },
  mobile: { ipv4: "cgnat", ipv6: "public" },
  office: { ipv4: "firewalled", ipv6: "nat" },
  modern: { ipv4: "none", ipv6: "public" },
};

const HOSTS: Readonly<Record<string, HostInput>> = {
  // Two sites in one provider's networks, and a gateway on the link.
  alpha: publicHost(10, { site: "open" }),
  beta: publicHost(20, { site: "twin" }),
  gamma: publicHost(0, {
    site: "twin",
    address: { ipv4: "198.51.100.20/32", gateway4: "172.31.1.1", ipv6: "2001:db8:b::20/64", gateway6: "fe80::1" },
  }),
  cellar: pi("forwarded", { mesh: { endpoint: "cellar.example.net:4500" } }),
  attic: pi("forwarded"),
  desk: pi("home", { address: { ipv4: "192.168.8.9/24", gateway4: "192.168.8.1" } }),
  phone: pi("mobile"),
  shelf: pi("office", { address: { ipv4: "203.0.113.40/24", gateway4: "203.0.113.1" } }),
  rack: pi("modern"),
};

const plan = planOf({ ...FLEET, sites: SITES }, HOSTS);
const uplinks = suite("world: uplinks");

/** One world for all tests, raised by the first. */
const world = new SharedWorld(plan);
uplinks.after(() => world.end());

uplinks("every host reaches the internet, and others where their uplinks let it", () =>
  world.use(async (raised) => {
    const { spec } = raised.world;
    const wrong: string[] = [];
    const names = Object.keys(HOSTS);
    const tries = names.flatMap((from) =>
      names.flatMap((to) =>
        FAMILIES.map(async (family) => {
          const address = addressIn(spec, to, family);
          if (from === to || address === null) return;
          const [here, there] = [plan.fleet.hosts.get(from)?.site, plan.fleet.hosts.get(to)?.site];
          if (here === undefined || there === undefined) throw new Error("a host without a site");
          const may = here === there || (here[family] !== "none" && there[family] === "public");
          const took = await raised.ping(from, address);
          if ((took !== null) !== may) wrong.push(`${from} → ${to} ${address}: ${took === null ? "no" : "yes"}`);
        }),
      ),
    );
    await Promise.all(tries);
    assert.equal(wrong, []);
    for (const { name, ipv4, ipv6, attachments } of spec.sites) {
      const [host] = attachments;
      if (ipv4 !== "none") assert.ok(await raised.ping(host?.host ?? "", "9.9.9.9"), `${name} has a way out by IPv4`);
      if (ipv6 !== "none") assert.ok(await raised.ping(host?.host ?? "", "2620:fe::fe"), `${name} has one by IPv6`);
    }
  }),
);

uplinks("carriers give each destination another port and let nobody in", () =>
  world.use(async (raised) => {
    const mirrors = [`9.9.9.9@${MIRROR}`, `1.1.1.1@${MIRROR}`];
    const carried = Object.values(await raised.ask("phone", 5000, ...mirrors));
    const wan4 = raised.world.spec.sites.find(({ name }) => name === "mobile")?.wan4;
    assert.is(carried.length, 2);
    assert.ok(carried.every((seen) => seen.startsWith(`${wan4}@`)));
    assert.is.not(carried[0], carried[1]);
    // A home router keeps the port, whoever is asked.
    const homely = Object.values(await raised.ask("desk", 5000, ...mirrors));
    assert.is(new Set(homely).size, 1);
    assert.ok(homely[0]?.endsWith("@5000"));
    // Its mapping is known now, and is of no use to anybody else.
    await raised.listen("host:phone", 5000);
    assert.equal(await raised.ask("alpha", 6000, carried[0] ?? ""), {});
  }),
);

uplinks("a forwarded port leads to its host, from outside and from its own site", () =>
  world.use(async (raised) => {
    const { wan4 } = raised.world.spec.sites.find(({ name }) => name === "forwarded") ?? {};
    await raised.listen("host:cellar", plan.clusters.get("cats")?.cluster.mesh.port ?? 0);
    const door = `${wan4}@4500`;
    assert.equal(await raised.ask("alpha", 6000, door), { [door]: "203.0.113.10@6000" });
    assert.equal(await raised.ask("attic", 6000, door), { [door]: `${wan4}@6000` });
    assert.equal(await raised.ask("alpha", 6000, `${wan4}@4501`), {});
    // Whoever uses that port inside does not take it outside.
    const mirror = `9.9.9.9@${MIRROR}`;
    const seen = (await raised.ask("attic", 4500, mirror))[mirror] ?? "";
    assert.ok(seen.startsWith(`${wan4}@`) && seen !== door, seen);
    assert.equal(await raised.ask("alpha", 6001, door), { [door]: "203.0.113.10@6001" });
  }),
);

uplinks("a firewall lets answers in, and nothing else", () =>
  world.use(async (raised) => {
    const shelf = addressIn(raised.world.spec, "shelf", "ipv4") ?? "";
    await raised.listen("host:shelf", 80);
    await raised.listen("host:alpha", 80);
    const seen = await raised.connect("shelf", "203.0.113.10", 80);
    assert.ok(seen?.startsWith(`${shelf}@`), "with its own address");
    assert.is(await raised.connect("alpha", shelf, 80), null);
    assert.is((await raised.connect("shelf", shelf, 80)) === null, false, "and it listens");
  }),
);

uplinks("a path that takes less says so", () =>
  world.use(async (raised) => {
    const large = ["-M", "do", "-s", String(1500 - 28)];
    assert.is(await raised.ping("desk", "203.0.113.10", large), null);
    assert.ok(await raised.ping("desk", "203.0.113.10", ["-M", "do", "-s", String(1492 - 28)]));
    assert.ok(await raised.ping("alpha", "198.51.100.20", large));
  }),
);

uplinks.run();
