import { suite } from "uvu";
import * as assert from "uvu/assert";
import { viewFleet } from "../../../generators/render/views/fleet.js";
import type { Fault } from "../../../lab/protocol.js";
import type { SiteSpec, WorldSpec } from "../../../lab/spec.js";
import { buildWorld } from "../../../lab/world/build.js";
import { siteDifference } from "../../../lab/world/difference.js";
import { conditionsOf, faultSteps } from "../../../lab/world/faults.js";
import { planWorld } from "../../../lab/world/plan.js";
import { renumber } from "../../../lab/world/renumber.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";

/** How a world is built, and how it changes while it runs. */

const fleet = {
  ...FLEET,
  sites: {
    ...FLEET.sites,
    home: { ipv4: "portForwarded", ipv6: "none", dynamic: true },
    "a-site-with-a-long-name": { ipv4: "public", ipv6: "none" },
  },
} as const;
const hosts = {
  cosmo: publicHost(10),
  ari: pi("home6"),
  dan: pi("home", { mesh: { endpoint: "dan.example.net:4500" } }),
  "a-host-with-a-long-name": pi("a-site-with-a-long-name"),
};

function worldWith(more: Record<string, ReturnType<typeof pi>>, previous?: WorldSpec): WorldSpec {
  const plan = planOf(fleet, { ...hosts, ...more });
  return planWorld(plan, viewFleet(plan), {}, previous);
}

const world = worldWith({});

function siteOf({ sites }: WorldSpec, name: string): SiteSpec {
  const site = sites.find((one) => one.name === name);
  if (site === undefined) throw new Error(`no site ${name}`);
  return site;
}

const changes = suite("lab world: changes");

changes("every cable leads from somewhere to somewhere, under a name that Linux takes", () => {
  const { namespaces, cables, steps } = buildWorld(world);
  assert.is(new Set(namespaces).size, namespaces.length);
  assert.is(new Set(cables.map(({ name }) => name)).size, cables.length);
  const ends = cables.flatMap((cable) => cable.ends);
  assert.is(new Set(ends.map(({ namespace, device }) => `${namespace} ${device}`)).size, ends.length);
  for (const { namespace, device } of ends) {
    assert.ok(namespaces.includes(namespace), namespace);
    assert.ok(device.length <= 15, device);
  }
  for (const { namespace } of steps) assert.ok(namespaces.includes(namespace) && !namespace.startsWith("host:"));
});

changes("packets of a site take one line that delays, with a carrier or without", () => {
  const lines = buildWorld(world).cables.filter(({ conditions }) => conditions !== undefined);
  assert.equal(
    lines.map(({ name }) => name),
    world.sites.map(({ name }) => `line:${name}`),
  );
  assert.ok(buildWorld(world).namespaces.includes("carrier:home6"));
});

changes("a dynamic site goes round its addresses, and its names go with it", () => {
  const seen: (string | null)[] = [];
  let moving = world;
  for (let turn = 0; turn < 4; turn++) {
    const { wan4 } = siteOf(moving, "home");
    seen.push(wan4);
    assert.is(moving.names.find(({ name }) => name === "dan.example.net")?.address, wan4);
    moving = renumber(moving, "home").world;
  }
  assert.is(new Set(seen).size, 3);
  assert.is(seen[3], seen[0]);
  assert.equal(siteOf(moving, "home").attachments, siteOf(world, "home").attachments);
});

changes("a dynamic site takes the address of its spare ones that is asked for, and the round stays the same", () => {
  const { wan4, spare4 } = siteOf(world, "home");
  const [, last] = spare4;
  const moved = renumber(world, "home", last).world;
  assert.is(siteOf(moved, "home").wan4, last);
  const back = renumber(moved, "home", wan4 ?? undefined).world;
  assert.equal(siteOf(back, "home"), siteOf(world, "home"));
  const nobodys = () => renumber(world, "home", "198.51.100.250");
  assert.throws(nobodys, /address of the site home does not change/);
});

changes("a fixed site has no other address", () => {
  const move = (site: string) => () => renumber(world, site);
  const [fixed, missing] = [move("dc"), move("nowhere")];
  assert.throws(fixed, /address of the site dc does not change/);
  assert.throws(missing, /address of the site nowhere does not change/);
});

changes("a host that is added changes nothing but what is about it", () => {
  assert.equal(siteDifference(world, world), { namespaces: [], cables: [], steps: [] });
  const after = worldWith({ eve: pi("home"), zoe: pi("nat") }, world);
  const { namespaces, cables, steps } = siteDifference(world, after);
  assert.equal(namespaces, ["site:nat", "host:eve", "host:zoe"]);
  assert.equal(cables.map(({ name }) => name).sort(), ["host:eve", "host:zoe", "line:nat"]);
  const home = steps.filter(({ namespace }) => namespace === "site:home");
  assert.is(home.length, 1);
  assert.equal(home[0]?.sysctl, {});
  assert.match(home[0]?.ip?.join("\n") ?? "", /^route replace 192\.168\.\d+\.101\/32 dev lan$/);
  assert.ok(!steps.some(({ namespace }) => namespace === "site:dc"));
});

const slow: Fault = { kind: "slow", site: "dc", delayMs: 200 };

changes("lines are as slow as the faults say, and again as they were", () => {
  const of = (faults: readonly Fault[], site = "dc") => conditionsOf(world, faults).get(`line:${site}`);
  assert.equal(of([]), { delayMs: 10, lossPercent: 0, rateMbit: null });
  assert.equal(of([slow]), { delayMs: 200, lossPercent: 0, rateMbit: null });
  assert.equal(of([slow, { kind: "slow", site: "dc", rateMbit: 5 }]), { delayMs: 200, lossPercent: 0, rateMbit: 5 });
  assert.equal(of([slow], "home"), of([]));
});

changes("rules are those of the faults, and none without", () => {
  const text = (faults: readonly Fault[]) => faultSteps(world, faults)[0]?.nft ?? "";
  assert.is(text([]), text([slow, { kind: "kill", host: "cosmo" }]));
  assert.not.match(text([]), / drop/);
  assert.match(text([{ kind: "cut", site: "dc" }]), /iifname "to-dc" drop[\s\S]*oifname "to-dc" drop/);
  assert.is(text([{ kind: "cut", site: "nowhere" }]), text([]));
});

changes.run();
