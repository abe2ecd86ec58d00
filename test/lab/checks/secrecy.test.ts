import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkSecrecy } from "../../../lab/checks/each/cluster.js";
import { Harness } from "../../../lab/checks/harness/harness.js";
import { LabClient } from "../../../lab/client/client.js";
import type { Answer, ask } from "../../../lab/observe/clusters/ask.js";
import { cluster } from "./lab.js";

/** When secrecy is judged: once there is something to tell, and no later than a minute. */

const secrecy = suite("lab: when secrecy is judged");

/** @param patience of the harness: how long a minute is */
function harnessOf(patience: number): Harness {
  const harness = new Harness(new LabClient("/nowhere"), {
    ...{ patience, rounds: 1, seed: 1, folder: "/nowhere", agent: [] },
    ...{ stalls: async () => [], step: () => undefined },
  });
  harness.entrances = async () => [{ name: "ari", pid: 1 }];
  harness.making = async () => undefined;
  harness.takeBack = async () => [];
  return harness;
}

const KEYRING = [{ Keys: { key: 1 }, NumNodes: 1 }];

/** A Consul whose coordinates and keyring come late, and what it was asked, in order. @param leaks without a token */
function lateConsul({ silentLooks, leaks = false }: { readonly silentLooks: number; readonly leaks?: boolean }) {
  const asked: string[] = [];
  const looks = { coordinates: 0, keyring: 0 };
  const answer = (path: string, token: string | null): Answer => {
    if (token === null) return leaks ? { path, status: 200, text: "[1]" } : { path, status: 403, text: "denied" };
    if (path === "coordinate/nodes" && looks.coordinates++ < silentLooks) return { path, status: 200, text: "[]" };
    if (path !== "operator/keyring") return { path, status: 200, text: "[1]" };
    const isLate = looks.keyring++ < silentLooks;
    return { path, status: 200, text: JSON.stringify(isLate ? [{ Keys: {}, NumNodes: 1 }] : KEYRING) };
  };
  const asks: typeof ask = async (_pid, _daemon, questions, { token = null } = {}) =>
    questions.map(({ path }) => {
      asked.push(`${token === null ? "without" : "with"} ${path}`);
      return answer(path, token);
    });
  return { asked, asks };
}

const check = (patience: number, asks: typeof ask) =>
  checkSecrecy(
    harnessOf(patience),
    cluster(["ari"], { consulServers: ["ari"], tokens: { consul: "token", nomad: null } }),
    "consul",
    ["ari"],
    asks,
  );

secrecy("what is not there yet is waited for", async () => {
  const { asked, asks } = lateConsul({ silentLooks: 2 });
  const { failures, asked: count } = await check(1, asks);
  assert.equal(failures, []);
  assert.ok(count > 10);
  // Two in vain, and the one that is judged.
  for (const how of ["with", "without"])
    assert.is(asked.filter((one) => one === `${how} coordinate/nodes`).length, 3, how);
});

secrecy("whoever does not answer is asked again", async () => {
  const { asks } = lateConsul({ silentLooks: 0 });
  let left = 2;
  const { failures } = await check(1, async (pid, daemon, questions, options) =>
    (await asks(pid, daemon, questions, options)).map((answer) =>
      options?.token === undefined && answer.path === "agent/self" && left-- > 0
        ? { ...answer, status: left === 1 ? 0 : 500, text: "" }
        : answer,
    ),
  );
  assert.equal(failures, []);
  assert.ok(left < 0);
});

secrecy("what never comes is a failure when the time is over", async () => {
  const { asks } = lateConsul({ silentLooks: Number.POSITIVE_INFINITY });
  const { failures } = await check(0.01, asks);
  assert.equal(
    failures.map(({ seen }) => seen),
    ["an empty answer", "0 of 1 members have the same key"],
  );
});

secrecy("what is told to anybody is told at once, and final", async () => {
  const { asked: questions, asks } = lateConsul({ silentLooks: 0, leaks: true });
  const { failures, asked } = await check(1, asks);
  assert.is(failures.length, asked);
  assert.ok(failures.every(({ final }) => final === true));
  assert.is(questions.filter((one) => one === "without agent/self").length, 1);
});

secrecy.run();
