import { suite } from "uvu";
import * as assert from "uvu/assert";
import { viewFleet } from "../../../generators/render/views/fleet.js";
import { planWorld } from "../../../lab/world/plan.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";
import { addressIn, SharedWorld } from "./raised.js";

/** A world that gets more hosts while it runs. */

const first = { ann: publicHost(10), dan: pi("nat") };
const before = planOf(FLEET, first);
const after = planOf(FLEET, { ...first, bob: publicHost(20, { site: "dc4" }), eve: pi("nat"), zoe: pi("cgnat") });

const growth = suite("world: growth");
const world = new SharedWorld(before);
growth.after(() => world.end());

growth("hosts at sites old and new are reached, and those before stay where they were", () =>
  world.use(async (raised) => {
    const running = raised.world.spec;
    assert.ok(await raised.ping("dan", "203.0.113.10"));
    assert.is(await raised.ping("dan", "203.0.113.20"), null);
    await raised.world.grow(planWorld(after, viewFleet(after), {}, running), []);
    await raised.plugIn(after);
    assert.is(addressIn(raised.world.spec, "dan", "ipv4"), addressIn(running, "dan", "ipv4"));
    for (const from of ["ann", "dan", "eve", "zoe"]) assert.ok(await raised.ping(from, "203.0.113.20"), from);
    assert.ok(await raised.ping("dan", addressIn(raised.world.spec, "eve", "ipv4") ?? ""), "over the LAN");
    assert.ok(await raised.ping("bob", "203.0.113.10"));
  }),
);

growth("a host that comes, goes and comes again has one cable", () =>
  world.use(async (raised) => {
    const [one, all] = [before, after].map((plan) => planWorld(plan, viewFleet(plan), {}, raised.world.spec));
    if (one === undefined || all === undefined) throw new Error("two worlds");
    for (const spec of [one, all, one, all]) await raised.world.grow(spec, []);
    await raised.plugIn(after);
    assert.ok(await raised.ping("eve", "203.0.113.20"));
  }),
);

growth.run();
