import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readAccount, readEndpoints } from "../../../pulumi/contabo/api/account.js";
import { createClient } from "../../../pulumi/contabo/api/client.js";
import { ContaboError } from "../../../pulumi/contabo/api/error.js";
import { type ContaboInstances, createInstances } from "../../../pulumi/contabo/api/instances.js";
import { ACCOUNT, FAST, type StandIn, startStandIn, withStandIn } from "./stand-in.js";

const client = suite("pulumi: contabo client");

function connect({ env }: StandIn): ContaboInstances {
  return createInstances(createClient({ account: readAccount(env), endpoints: readEndpoints(env), pace: FAST }));
}

/** What a call fails with. @throws where it does not */
async function failureOf(call: Promise<unknown>): Promise<ContaboError> {
  const error: unknown = await call.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ContaboError) return error;
  throw error;
}

const methodsOf = ({ calls }: StandIn) => calls.map(({ method }) => method).join(" ");

client("one token serves calls at the same time, and each call has an id of its own", () =>
  withStandIn(async (standIn) => {
    const api = connect(standIn);
    const [one] = await Promise.all([api.get(100), api.get(100), api.get(100)]);
    assert.equal(
      [one?.name, one?.status, one?.ipv4?.ip, one?.ipv6?.prefix],
      ["vmi100", "running", "203.0.113.100", 64],
    );
    assert.is(standIn.tokens, 1);
    assert.is(new Set(standIn.calls.map(({ requestId }) => requestId)).size, 3);
  }),
);

client("a token that ends is replaced before it does", () =>
  withStandIn(async (standIn) => {
    standIn.lifetime = 1;
    const api = connect(standIn);
    await api.get(100);
    await api.get(100);
    assert.is(standIn.tokens, 2);
  }),
);

client("an expired token is replaced where it is refused, for an action as well, which runs once", () =>
  withStandIn(async (standIn) => {
    const api = connect(standIn);
    await api.get(100);
    standIn.expire();
    await api.start(100);
    assert.is(standIn.tokens, 2);
    assert.is(methodsOf(standIn), "GET POST");
  }),
);

client("a token that is refused again is no reason to go on", () =>
  withStandIn(async (standIn) => {
    standIn.troubles.push({ method: "GET", answer: 401 }, { method: "GET", answer: 401 });
    const { fault, message } = await failureOf(connect(standIn).get(100));
    assert.is(fault, "refused");
    assert.match(message, /answered 401 .*Hint: the token is refused/);
  }),
);

for (const answer of [429, 500, 502, 503, 504, "hang", "drop"] as const) {
  client(`a read is repeated after ${answer}`, () =>
    withStandIn(async (standIn) => {
      standIn.troubles.push({ method: "GET", answer }, { method: "GET", answer });
      assert.is((await connect(standIn).get(100)).id, 100);
    }),
  );
}

client("a rate limit's own time is kept, and an action is repeated after it", () =>
  withStandIn(async (standIn) => {
    standIn.troubles.push({ method: "POST", answer: 429, headers: { "retry-after": "1" } });
    const start = Date.now();
    await connect(standIn).start(100);
    assert.ok(Date.now() - start >= 900);
    assert.is(methodsOf(standIn), "POST");
  }),
);

for (const answer of [500, 503, "hang", "drop"] as const) {
  client(`an action is not repeated after ${answer}: it may have been carried out`, () =>
    withStandIn(async (standIn) => {
      standIn.troubles.push({ method: "POST", answer, done: true });
      assert.is((await failureOf(connect(standIn).start(100))).fault, "unsure");
      assert.is(methodsOf(standIn), "POST");
    }),
  );
}

client("the token endpoint may have troubles too", () =>
  withStandIn(async (standIn) => {
    standIn.troubles.push({ method: "token", answer: 503 }, { method: "token", answer: "hang" });
    assert.is((await connect(standIn).get(100)).id, 100);
  }),
);

client("limits that stay are reported with what to do, and Contabo's id of the request", () =>
  withStandIn(async (standIn) => {
    for (let i = 0; i <= FAST.retries; i++) standIn.troubles.push({ method: "GET", answer: 429 });
    const { message } = await failureOf(connect(standIn).get(100));
    assert.match(message, /answered 429 \(stand-in 429\), request [0-9a-f-]{36}\. Hint: too many requests: wait/);
  }),
);

client("an instance that is not there, and one that is not ours", () =>
  withStandIn(async (standIn) => {
    const missing = await failureOf(connect(standIn).get(7));
    assert.is(missing.fault, "missing");
    assert.match(missing.message, /not found by instanceId 7/);
    standIn.troubles.push({ method: "GET", answer: 403 });
    assert.match((await failureOf(connect(standIn).get(100))).message, /give the API user a role/);
  }),
);

client("no secret is shown that an answer repeats, not even the beginning of one that is cut off", () =>
  withStandIn(async (standIn) => {
    const { clientId, clientSecret, user, password } = ACCOUNT;
    const api = connect(standIn);
    await api.get(100);
    const message = `$TOKEN ${clientId} ${user} ${password} ${"x".repeat(250)} ${clientSecret}${clientSecret}`;
    standIn.troubles.push({ method: "GET", answer: 403, body: JSON.stringify({ message }) });
    const shown = (await failureOf(api.get(100))).message;
    assert.match(shown, /answered 403 \(… … … … x+ ……/);
    for (const secret of ["planted-token", clientId, user, password, clientSecret.slice(0, 10)])
      assert.not.match(shown, secret);
  }),
);

client("a page of some proxy is no answer", () =>
  withStandIn(async (standIn) => {
    standIn.troubles.push({ method: "GET", answer: 200, body: "<html>" });
    assert.match((await failureOf(connect(standIn).get(100))).message, /none of Contabo's API/);
  }),
);

client("nobody listens: says where, and why", async () => {
  const gone = await startStandIn();
  await gone.close();
  const { env } = gone;
  const api = createInstances(
    createClient({ account: readAccount(env), endpoints: readEndpoints(env), pace: { ...FAST, retries: 0 } }),
  );
  assert.match((await failureOf(api.get(100))).message, /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
});

function account() {
  return {
    CNTB_OAUTH2_CLIENT_ID: ACCOUNT.clientId,
    CNTB_OAUTH2_CLIENT_SECRET: ACCOUNT.clientSecret,
    CNTB_OAUTH2_USER: ACCOUNT.user,
    CNTB_OAUTH2_PASS: ACCOUNT.password,
  };
}

client("wrong credentials, missing ones, and a server that would get them in the clear", () =>
  withStandIn(async (standIn) => {
    const wrong = { ...standIn, env: { ...standIn.env, CNTB_OAUTH2_PASS: "planted-wrong-one" } };
    const { fault, message } = await failureOf(connect(wrong).get(100));
    assert.is(fault, "refused");
    assert.match(message, /answered 401 \(Invalid user credentials\).*compare CNTB_OAUTH2_…/);
    assert.throws(
      () => readAccount({ ...account(), CNTB_OAUTH2_USER: "", CNTB_OAUTH2_PASS: "" }),
      /_USER, CNTB_OAUTH2_PASS are not set/,
    );
    assert.throws(() => readEndpoints({ CNTB_API: "http://api.example.org" }), /CNTB_API is not https/);
    assert.throws(() => readEndpoints({ CNTB_API: "api" }), /CNTB_API is no URL/);
    assert.is(readEndpoints({}).api.host, "api.contabo.com");
  }),
);

client("no error has a credential or a token in it, wherever one looks; a planted one is found", () =>
  withStandIn(async (standIn) => {
    const echo = JSON.stringify({ message: `you sent ${ACCOUNT.password}` });
    const failures: ContaboError[] = [];
    for (const answer of [400, 401, 401, 403, 409, 500, "hang", "drop"] as const) {
      for (const method of ["POST", "token"]) {
        standIn.expire();
        for (let i = 0; i <= FAST.retries; i++) standIn.troubles.push({ method, answer, body: echo });
        failures.push(await failureOf(connect(standIn).start(100)));
        standIn.troubles.length = 0;
      }
    }
    assert.is(failures.length, 16);
    for (const failure of failures) assert.not.ok(showsSecret(failure), failure.message);
    assert.ok(showsSecret(new Error("x", { cause: { headers: new Headers({ a: `Bearer planted-token-1` }) } })));
    assert.ok(failures.some(({ message }) => message.includes("you sent …")));
  }),
);

function showsSecret(error: Error): boolean {
  return inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }).includes("planted-");
}

client.run();
