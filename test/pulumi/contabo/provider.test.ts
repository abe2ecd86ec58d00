import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createProvider } from "../../../pulumi/contabo/provider.js";
import type { ContaboInputs, ContaboOutputs } from "../../../pulumi/contabo/state.js";
import { FAST, type FakeInstance, type StandIn, withStandIn } from "./stand-in.js";

const provider = suite("pulumi: contabo provider");

const IMAGE = "22222222-2222-4222-8222-222222222222";
const RUNNING: ContaboInputs = { instanceId: 100, power: "running", region: "EU", product: "V92" };

const connect = ({ env }: StandIn) => createProvider(env, FAST);
const actionsOf = ({ calls }: StandIn) =>
  calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);

function instanceOf({ instances }: StandIn): FakeInstance {
  const instance = instances.get(100);
  if (instance === undefined) throw new Error("the stand-in lost its instance");
  return instance;
}

async function adopt(standIn: StandIn): Promise<ContaboOutputs> {
  return (await connect(standIn).create(RUNNING)).outs;
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "it did not fail",
    (error: unknown) => String(error),
  );
}

provider("adopts an instance that runs, and does nothing to it", () =>
  withStandIn(async (standIn) => {
    const { id, outs } = await connect(standIn).create(RUNNING);
    assert.equal([id, outs.status, outs.ipv4, outs.ipv6], ["100", "running", "203.0.113.100", "2001:db8:a::100"]);
    assert.equal(actionsOf(standIn), []);
    assert.equal(await connect(standIn).diff(id, outs, RUNNING), { changes: false, replaces: [] });
    await connect(standIn).delete();
    assert.equal(actionsOf(standIn), []);
    assert.is(instanceOf(standIn).status, "running");
  }),
);

for (const [from, power, expected] of [
  ["stopped", "running", "POST start"],
  ["rescue", "running", "POST restart"],
  ["running", "stopped", "POST shutdown"],
  ["running", "rescue", "POST rescue"],
] as const) {
  provider(`${from} becomes ${power}, by ${expected}`, () =>
    withStandIn(async (standIn) => {
      const { outs } = await connect(standIn).create({ ...RUNNING, power, rescueKeys: [9] });
      assert.is(outs.status, power);
      assert.equal(actionsOf(standIn), [expected]);
      if (power === "rescue")
        assert.equal(standIn.calls.find(({ method }) => method === "POST")?.body, { sshKeys: [9] });
    }, from),
  );
}

provider("an instance that drifted is switched back by the next update", () =>
  withStandIn(async (standIn) => {
    const outs = await adopt(standIn);
    instanceOf(standIn).status = "stopped";
    const seen = await connect(standIn).read("100", outs);
    assert.ok((await connect(standIn).diff("100", seen.props, RUNNING)).changes);
    assert.is((await connect(standIn).update("100", seen.props, RUNNING)).outs.status, "running");
  }),
);

provider("an instance that is gone is gone from the state", () =>
  withStandIn(async (standIn) => {
    const outs = await adopt(standIn);
    standIn.instances.clear();
    assert.equal(await connect(standIn).read("100", outs), { id: "", props: {} });
  }),
);

provider("another instance is a replacement, which protection refuses", () =>
  withStandIn(async (standIn) => {
    const outs = await adopt(standIn);
    const { replaces } = await connect(standIn).diff("100", outs, { ...RUNNING, instanceId: 101 });
    assert.equal(replaces, ["instanceId"]);
  }),
);

provider(
  "a preview refuses what cannot be: no account, no such instance, another product, an erasure at first sight",
  () =>
    withStandIn(async (standIn) => {
      const reasons = async (news: object, env = standIn.env, olds: object = RUNNING) =>
        (await createProvider(env, FAST).check(olds, news)).failures.map(
          ({ property, reason }) => `${property}: ${reason}`,
        );
      assert.equal(await reasons(RUNNING), []);
      assert.match(String(await reasons(RUNNING, {})), /^instanceId: CNTB_OAUTH2_CLIENT_ID, .* are not set\. Hint:/);
      assert.match(String(await reasons({ ...RUNNING, instanceId: 7 })), /instanceId 7.*compare the number/);
      assert.match(
        String(await reasons({ ...RUNNING, product: "V1" })),
        /^product: instance 100 has product V92, and not V1/,
      );
      const erasing = { ...RUNNING, reinstall: { imageId: IMAGE } };
      assert.match(String(await reasons(erasing, standIn.env, {})), /^reinstall: .*adopt it first/);
      assert.equal(await reasons(erasing), []);
      assert.equal(actionsOf(standIn), []);
    }),
);

provider("reinstalls where it is told to, once, and counts", () =>
  withStandIn(async (standIn) => {
    const outs = await adopt(standIn);
    const news = { ...RUNNING, reinstall: { imageId: IMAGE } };
    assert.ok((await connect(standIn).diff("100", outs, news)).changes);
    const after = (await connect(standIn).update("100", outs, news)).outs;
    assert.equal([after.imageId, after.status, after.reinstalls], [IMAGE, "running", 1]);
    assert.equal(actionsOf(standIn), ["PUT 100"]);
    assert.equal(await connect(standIn).diff("100", after, RUNNING), { changes: false, replaces: [] });
    await connect(standIn).update("100", after, news);
    assert.equal(actionsOf(standIn), ["PUT 100", "PUT 100"]);
    assert.is(
      new Set(standIn.calls.filter(({ method }) => method === "PUT").map(({ requestId }) => requestId)).size,
      2,
    );
  }),
);

for (const answer of ["hang", "drop", 500] as const) {
  provider(`a reinstallation whose answer is lost (${answer}) is not done twice`, () =>
    withStandIn(async (standIn) => {
      const outs = await adopt(standIn);
      standIn.troubles.push({ method: "PUT", answer, done: true });
      const after = (await connect(standIn).update("100", outs, { ...RUNNING, reinstall: { imageId: IMAGE } })).outs;
      assert.equal([after.imageId, after.reinstalls], [IMAGE, 1]);
      assert.equal(actionsOf(standIn), ["PUT 100"]);
    }),
  );

  provider(`a reinstallation that was not carried out (${answer}) is left to the next run`, () =>
    withStandIn(async (standIn) => {
      const outs = await adopt(standIn);
      standIn.troubles.push({ method: "PUT", answer });
      const news = { ...RUNNING, reinstall: { imageId: IMAGE } };
      assert.match(await failureOf(connect(standIn).update("100", outs, news)), /run it again/);
      assert.is((await connect(standIn).update("100", outs, news)).outs.imageId, IMAGE);
      assert.equal(actionsOf(standIn), ["PUT 100"]);
    }),
  );
}

provider("a run that was killed while it waited goes on where it was", () =>
  withStandIn(async (standIn) => {
    const outs = await adopt(standIn);
    const news = { ...RUNNING, reinstall: { imageId: IMAGE } };
    standIn.takes = 400;
    const killed = createProvider(standIn.env, { ...FAST, patience: 30 });
    assert.match(await failureOf(killed.update("100", outs, news)), /does not come to rest: its status is installing/);
    assert.is((await connect(standIn).update("100", outs, news)).outs.imageId, IMAGE);
    assert.equal(actionsOf(standIn), ["PUT 100"]);
  }),
);

for (const answer of ["hang", "drop", 503] as const) {
  provider(`a start whose answer is lost (${answer}) comes to its end, carried out or not`, async () => {
    for (const done of [true, false]) {
      await withStandIn(async (standIn) => {
        standIn.troubles.push({ method: "POST", answer, done });
        assert.is((await connect(standIn).create(RUNNING)).outs.status, "running");
        assert.is(actionsOf(standIn).length, 1);
      }, "stopped");
    }
  });
}

provider("an action that is accepted and never shows ends with what to look at", () =>
  withStandIn(async (standIn) => {
    standIn.takes = 60_000;
    const impatient = createProvider(standIn.env, { ...FAST, patience: 60 });
    const message = await failureOf(impatient.create(RUNNING));
    assert.match(message, /vmi100 \(100\) does not become running: its status is stopped\. Hint: look at its console/);
  }, "stopped"),
);

for (const [status, expected] of [
  ["error", /status error: disk is broken\. Hint: look at it/],
  ["pending_payment", /pay the order/],
  ["uninstalled", /install it with any Linux/],
] as const) {
  provider(`an instance in ${status} is for a person`, () =>
    withStandIn(async (standIn) => {
      if (status === "error") instanceOf(standIn).errorMessage = "disk is broken";
      assert.match(await failureOf(connect(standIn).create(RUNNING)), expected);
      assert.equal(actionsOf(standIn), []);
    }, status),
  );
}

provider("what is under way at Contabo's is waited for", () =>
  withStandIn(async (standIn) => {
    setTimeout(() => Object.assign(instanceOf(standIn), { status: "running" }), 40);
    assert.is((await connect(standIn).create(RUNNING)).outs.status, "running");
    assert.equal(actionsOf(standIn), []);
  }, "installing"),
);

provider("the state has nothing of the account", () =>
  withStandIn(async (standIn) => {
    const { outs } = await connect(standIn).create(RUNNING);
    assert.not.match(JSON.stringify(outs), /planted-/);
    assert.match(JSON.stringify(standIn.env), /planted-/);
  }),
);

provider.run();
