import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fault } from "../../../lab/protocol.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";
import { eventually } from "../support/wait.js";
import { MIRROR, type RaisedWorld, SharedWorld } from "./raised.js";

/** Each fault of the internet changes what is reachable, and nothing else; healed, all is as before. */

const plan = planOf(
  {
    ...FLEET,
    sites: {
      here: { ipv4: "public", ipv6: "public" },
      there: { ipv4: "public", ipv6: "public" },
      third: { ipv4: "public", ipv6: "public" },
      home: { ipv4: "portForwarded", ipv6: "none", dynamic: true, lan: "192.168.7.0/24" },
      mobile: { ipv4: "cgnat", ipv6: "none", dynamic: true },
    },
  },
  {
    ann: publicHost(3, { site: "here" }),
    amy: publicHost(2, { site: "here" }),
    bob: publicHost(11, { site: "there" }),
    cat: publicHost(21, { site: "third" }),
    dan: pi("home", { mesh: { endpoint: "dan.example.net:4500" } }),
    eve: pi("mobile"),
  },
);

const faults = suite("world: faults");
const world = new SharedWorld(plan);
faults.after(() => world.end());

const BOB = { ipv4: "203.0.113.11", ipv6: "2001:db8:a::11" };
const RESOLVER = "9.9.9.9";

/** What a host reaches: `A4` the neighbour, `B4` and `B6` another site, `C4` a third one, `R4` the internet itself. */
async function reached(raised: RaisedWorld, from: string): Promise<string> {
  const targets = { A4: "203.0.113.2", B4: BOB.ipv4, B6: BOB.ipv6, C4: "203.0.113.21", R4: RESOLVER };
  const tries = Object.entries(targets).map(async ([name, address]) => {
    return (await raised.ping(from, address)) === null ? [] : [name];
  });
  return (await Promise.all(tries)).flat().join(" ");
}

const ALL = "A4 B4 B6 C4 R4";

/** Waits until `ann` reaches what is said, and nothing else: neighbours are looked for anew once a line is back. */
function annReaches(raised: RaisedWorld, expected: string): Promise<void> {
  return eventually(`ann reaches ${expected}`, async () => (await reached(raised, "ann")) === expected);
}

/** With a fault, `ann` reaches what is said, and everything before and after. */
function drops(name: string, fault: Fault, left: string): void {
  faults(name, () =>
    world.use(async (raised) => {
      await annReaches(raised, ALL);
      await raised.world.suffer([fault]);
      await annReaches(raised, left);
      await raised.world.suffer([]);
      await annReaches(raised, ALL);
    }),
  );
}

drops("cut: a site is alone", { kind: "cut", site: "here" }, "A4");
drops("cut: another site is away", { kind: "cut", site: "there" }, "A4 C4 R4");
drops("partition: two sites do not reach each other", { kind: "partition", site: "there", other: "here" }, "A4 C4 R4");
drops("drop-family: IPv6 is gone", { kind: "drop-family", site: "there", family: "ipv6" }, "A4 B4 C4 R4");
drops("drop-family: IPv4 is gone", { kind: "drop-family", site: "here", family: "ipv4" }, "A4 B6");

faults("several at once, of which one is healed", () =>
  world.use(async (raised) => {
    const cut: Fault = { kind: "cut", site: "third" };
    await raised.world.suffer([cut, { kind: "drop-family", site: "here", family: "ipv6" }]);
    assert.is(await reached(raised, "ann"), "A4 B4 R4");
    await raised.world.suffer([cut]);
    assert.is(await reached(raised, "ann"), "A4 B4 B6 R4");
    await raised.world.suffer([]);
    assert.is(await reached(raised, "ann"), ALL);
  }),
);

faults("shrink-mtu: larger packets are gone without a word", () =>
  world.use(async (raised) => {
    const sized = (bytes: number) => raised.ping("ann", BOB.ipv4, ["-M", "do", "-s", String(bytes - 28)]);
    assert.ok(await sized(1400));
    await raised.world.suffer([{ kind: "shrink-mtu", site: "there", bytes: 1399 }]);
    assert.is(await sized(1400), null);
    assert.ok(await sized(1399));
    await raised.world.suffer([]);
    assert.ok(await sized(1400));
  }),
);

faults("slow: packets are late, and only those of the site", () =>
  world.use(async (raised) => {
    const before = await raised.ping("ann", BOB.ipv4);
    assert.ok(before !== null && before >= 40, "two lines of 10 ms, there and back");
    await raised.world.suffer([{ kind: "slow", site: "there", delayMs: 110 }]);
    const slow = await raised.ping("ann", BOB.ipv4);
    assert.ok(slow !== null && slow >= before + 150, `${slow} ms after ${before} ms`);
    const other = await raised.ping("ann", "203.0.113.21");
    assert.ok(other !== null && other < slow - 100);
    await raised.world.suffer([]);
    const after = await raised.ping("ann", BOB.ipv4);
    assert.ok(after !== null && after < slow - 100);
  }),
);

faults("slow: packets are lost", () =>
  world.use(async (raised) => {
    await raised.world.suffer([{ kind: "slow", site: "there", lossPercent: 100 }]);
    assert.is(await reached(raised, "ann"), "A4 C4 R4");
    await raised.world.suffer([]);
    assert.is(await reached(raised, "ann"), ALL);
  }),
);

/** Where a dynamic site is now, as `ADDRESS@PORT`. */
function doorOf({ world }: RaisedWorld, site: string, port: number): string {
  return `${world.spec.sites.find(({ name }) => name === site)?.wan4}@${port}`;
}

for (const [site, host] of [
  ["home", "dan"],
  ["mobile", "eve"],
] as const) {
  faults(`renumber: the world sees the next address of ${site}`, () =>
    world.use(async (raised) => {
      const mirror = `${RESOLVER}@${MIRROR}`;
      const seen = async () => (await raised.ask(host, 5000, mirror))[mirror]?.replace(/@.*/, "@0");
      const old = doorOf(raised, site, 0);
      assert.is(await seen(), old);
      await raised.world.renumber(site, []);
      assert.is.not(doorOf(raised, site, 0), old);
      // From the same port to the same one: what the router remembers would be used.
      assert.is(await seen(), doorOf(raised, site, 0));
    }),
  );
}

faults("renumber: what came in by the old address does not hold on to it", () =>
  world.use(async (raised) => {
    const { port } = plan.clusters.get("cats")?.cluster.mesh ?? { port: 0 };
    const stop = await raised.listen("host:dan", port);
    const before = doorOf(raised, "home", 4500);
    assert.equal(await raised.ask("ann", 6000, before), { [before]: "203.0.113.3@6000" });
    stop();
    await raised.world.renumber("home", []);
    const named = raised.world.spec.names.find(({ name }) => name === "dan.example.net");
    assert.is(`${named?.address}@4500`, doorOf(raised, "home", 4500));
    // As WireGuard does: from the forwarded port to whoever has just been there.
    const stopAnn = await raised.listen("host:ann", 6000);
    const answer = await raised.ask("dan", port, "203.0.113.3@6000");
    assert.equal(answer, { "203.0.113.3@6000": doorOf(raised, "home", port) });
    stopAnn();
    await raised.listen("host:dan", port);
    assert.equal(await raised.ask("ann", 6001, before), {});
    const after = doorOf(raised, "home", 4500);
    assert.equal(await raised.ask("ann", 6001, after), { [after]: "203.0.113.3@6001" });
  }),
);

faults.run();
