import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkSecrecy } from "../../../lab/checks/each/cluster.js";
import { judgeCluster } from "../../../lab/checks/each/reach.js";
import { Harness } from "../../../lab/checks/harness/harness.js";
import { randomFrom } from "../../../lab/checks/harness/wait.js";
import { judgeKeyring } from "../../../lab/checks/judge/keyring.js";
import { groupNames, judgeNames } from "../../../lab/checks/judge/names.js";
import { countAnswers, judgeBack, judgeHeld, judgeWrites, secondsUntilBack } from "../../../lab/checks/judge/outage.js";
import { judgePair, judgeSeparate, type PairSeen } from "../../../lab/checks/judge/reach.js";
import { judgeRestarts } from "../../../lab/checks/judge/restarts.js";
import { describeRound, planRound } from "../../../lab/checks/judge/rounds.js";
import { isEmpty, judgeSecrecy } from "../../../lab/checks/judge/secrecy.js";
import { stalledBetween } from "../../../lab/checks/judge/stalls.js";
import { judgeCut } from "../../../lab/checks/scenes/cut.js";
import { LabClient } from "../../../lab/client/client.js";
import { readAnswers } from "../../../lab/observe/names/look-up.js";
import type { HostStatus } from "../../../lab/protocol.js";
import type { LinkSpec } from "../../../lab/spec.js";
import { cluster, host, link, spec, state } from "./lab.js";

/** From what was seen to a verdict. */

const judges = suite("lab: judges");

const ADDRESSES = new Map([
  ["ari", "10.0.0.1"],
  ["bianco", "10.0.0.2"],
  ["cosmo", "10.0.0.3"],
  ["miki", "10.0.0.4"],
]);
const REACHED: PairSeen = { from: "ari", to: "bianco", ping: 1, tcp: 1, large: 1, firstHop: "10.0.0.2" };

const judge = (seen: Partial<PairSeen>, kind: Parameters<typeof link>[2], relays: readonly string[] = []) =>
  judgePair(
    { ...REACHED, ...seen },
    { link: link("ari", "bianco", kind, relays), bytes: 1400, addresses: ADDRESSES },
  ).map(({ expected, seen: found }) => `${expected}: ${found}`);

judges("a direct pair answers in all three ways, itself at the first hop", () => {
  assert.equal(judge({}, "direct"), []);
  assert.equal(judge({ tcp: null }, "direct"), ["ari to bianco: a TCP connection is answered: no answer"]);
  assert.equal(judge({ large: null }, "direct"), [
    "ari to bianco: a packet of 1400 bytes that must not be split is answered: no answer",
  ]);
  assert.equal(judge({ firstHop: "10.0.0.3" }, "direct"), ["ari to bianco: directly: the first hop is cosmo"]);
});

judges("a relayed pair goes over the first of its relays", () => {
  const relays = ["cosmo", "miki"];
  assert.equal(judge({ firstHop: "10.0.0.3" }, "relay", relays), []);
  assert.equal(judge({ firstHop: "10.0.0.4" }, "relay", relays), [
    "ari to bianco: over the relay cosmo: the first hop is miki",
  ]);
  assert.equal(judge({}, "relay", relays), ["ari to bianco: over the relay cosmo: the first hop is bianco"]);
  assert.equal(judge({ firstHop: null }, "relay", relays), [
    "ari to bianco: over the relay cosmo: the first hop is nobody that answers",
  ]);
});

judges("a pair without a path, and strangers, must not answer in any way", () => {
  const silent = { ping: null, tcp: null, large: null, firstHop: null };
  assert.equal(judge(silent, "none"), []);
  assert.is(judge({ ...silent, tcp: 3 }, "pending").length, 1);
  assert.equal(judgeSeparate({ from: "a", to: "b", ping: null, tcp: null, udp: null }, "nothing"), []);
  assert.is(judgeSeparate({ from: "a", to: "b", ping: null, tcp: null, udp: 2 }, "nothing").length, 1);
});

judges("a pair that the plan says nothing about is a failure", () => {
  const hosts = [host("ari", "10.0.0.1"), host("bianco", "10.0.0.2")];
  const failures = (links: readonly LinkSpec[]) =>
    judgeCluster(cluster(["ari", "bianco"], { links }), hosts, [REACHED]);
  assert.equal(failures([link("ari", "bianco")]), []);
  assert.is(failures([]).length, 1);
});

judges("what filtered answers say is nothing", () => {
  for (const text of ["[]", "{}", "null", '""', "", '{"a":[]}', '{"a":null}']) assert.ok(isEmpty(text), text);
  for (const text of ["[1]", '{"a":[1]}', '{"a":""}', "false", "Permission"]) assert.not.ok(isEmpty(text), text);
});

judges("silence only counts where a token makes the same path talk", () => {
  const answer = (status: number, text: string) => ({ path: "nodes", status, text });
  const failures = (anonymous: [number, string], managed: [number, string]) =>
    judgeSecrecy(answer(...anonymous), answer(...managed), "Nomad on ari", "").map(({ seen }) => seen);
  assert.equal(failures([403, "Permission denied"], [200, "[1]"]), []);
  assert.equal(failures([200, "[]"], [200, "[1]"]), []);
  assert.equal(failures([200, "[1]"], [200, "[1]"]), ["status 200 with 3 characters"]);
  assert.equal(failures([404, ""], [404, ""]), ["status 404"]);
  assert.equal(failures([403, ""], [200, "[]"]), ["an empty answer"]);
  assert.equal(failures([500, "oops"], [200, "[1]"]), ["status 500 with 4 characters"]);
  assert.equal(failures([0, ""], [200, "[1]"]), ["status 0 with 0 characters"]);
});

judges("gossip is encrypted where all members have the same key", () => {
  const failures = (daemon: "consul" | "nomad", value: unknown, status = 200) =>
    judgeKeyring(daemon, { path: "", status, text: JSON.stringify(value) }, "ari").map(({ seen }) => seen);
  const pool = (holders: number, NumNodes = 3) => ({ Keys: { "key-of-gossip": holders }, NumNodes });
  assert.equal(failures("consul", [pool(3), pool(3)]), []);
  assert.equal(failures("nomad", pool(3)), []);
  assert.equal(failures("consul", [pool(3), pool(2)]), [
    "3 of 3 members have the same key; 2 of 3 members have the same key",
  ]);
  assert.equal(failures("nomad", { Keys: {}, NumNodes: 3 }), ["0 of 3 members have the same key"]);
  assert.equal(failures("consul", []), ["no keyring (status 200)"]);
  assert.equal(failures("nomad", "not enabled", 500), ["no keyring (status 500)"]);
});

judges("a cluster with servers and no token is a failure, as nobody can ask it", async () => {
  const harness = new Harness(new LabClient("/nowhere"), {
    ...{
      patience: 1,
      rounds: 1,
      seed: 1,
      folder: "/nowhere",
      agent: [],
      stalls: async () => [],
      step: () => undefined,
    },
  });
  harness.entrances = async () => [];
  const seen = async (one: Parameters<typeof cluster>[1]) =>
    (await checkSecrecy(harness, cluster(["ari"], one), "consul", ["ari"])).failures.map((failure) => failure.seen);
  assert.equal(await seen({ tokens: { consul: null, nomad: null } }), ["there is no management token"]);
  assert.equal(await seen({}), ["none of its agents is up"]);
  assert.equal(await seen({ consulServers: [] }), []);
});

judges("an outage lasts until the first query after which none was lost", () => {
  const samples = [
    [0, 1],
    [100, null],
    [200, 5],
    [300, null],
    [400, 20],
    [500, 1],
  ] as const;
  assert.is(secondsUntilBack(samples, 50, 600), 0.37);
  assert.is(secondsUntilBack(samples, 400, 600), 0);
  assert.is(secondsUntilBack(samples, 50, 350), null, "the last one is still away");
  assert.is(secondsUntilBack([], 0, 100), null, "nobody looked");
  assert.equal(countAnswers(samples, 50, 250), { asked: 2, answered: 1 });
});

judges("a cut loses every query across it, not only some", () => {
  const seen = (...answers: (number | null)[]) =>
    judgeCut(
      [{ from: "ari", name: "bianco", samples: answers.map((afterMs, index) => [index, afterMs] as const) }],
      new Set(["ari bianco"]),
      1,
      3,
      "here",
    ).map((failure) => failure.seen);
  assert.equal(seen(1, null, null, null, 1), []);
  assert.equal(seen(1, null, 4, null, 1), ["1 of 3 queries were answered"]);
  assert.equal(seen(1), ["nothing was asked"]);
});

judges("a pair that is back late, or not at all, is a failure with its time", () => {
  const pulse = (afterMs: number | null) => ({
    from: "ari",
    name: "bianco",
    samples: [
      [5_000, null],
      [12_000, afterMs],
    ] as const,
  });
  const window = { since: 0, until: 20_000, after: "cosmo died", stalls: [] };
  assert.equal(judgeBack([pulse(10)], { ...window, limit: 15 }), { slowest: 12.01, failures: [] });
  assert.equal(
    judgeBack([pulse(10)], { ...window, limit: 10 }).failures.map(({ seen }) => seen),
    ["12.0 s"],
  );
  assert.equal(
    judgeBack([pulse(null)], { ...window, limit: 10 }).failures.map(({ seen }) => seen),
    ["still away after 20.0 s"],
  );
  const failures = (at: number, ms: number) =>
    judgeBack([pulse(10)], { ...window, limit: 10, stalls: [{ at, ms }] }).failures.length;
  assert.is(failures(6_000, 2_100), 0, "two seconds in which nothing ran do not count");
  assert.is(failures(6_000, 1_000), 1, "one second is not enough");
  assert.is(failures(12_100, 5_000), 1, "it was back before");
});

judges("of a time in which the machine stood still counts what lies between the two moments", () => {
  const stalls = [
    { at: 1_000, ms: 500 },
    { at: 3_000, ms: 1_000 },
  ];
  assert.is(stalledBetween(stalls, 0, 10_000), 1_500);
  assert.is(stalledBetween(stalls, 1_200, 3_100), 400);
  assert.is(stalledBetween(stalls, 5_000, 6_000), 0);
});

judges("rounds of cold starts take turns: power cuts and shutdowns, all at once and one by one", () => {
  const hosts = ["ari", "bianco", "cosmo"];
  const rounds = (seed: number) => {
    const random = randomFrom(seed);
    return [1, 2, 3, 4].map((number) => planRound(hosts, number, random));
  };
  const [first, ...others] = rounds(7);
  if (first === undefined) throw new Error("four rounds");
  assert.equal(
    [first, ...others].map(({ off, starts }) => [off, starts.every(({ afterMs }) => afterMs === 0)]),
    [
      ["power cut", false],
      ["shutdown", false],
      ["power cut", true],
      ["shutdown", true],
    ],
  );
  assert.equal(first.starts.map(({ host }) => host).sort(), hosts);
  assert.equal(
    first.starts,
    first.starts.toSorted((a, b) => a.afterMs - b.afterMs),
  );
  assert.equal(rounds(7), [first, ...others], "the same seed gives the same rounds");
  assert.not.equal(rounds(8)[0], first);
  assert.match(describeRound(first), /^power cut, then \w+ after \d\.\d s, /);
});

judges("a connection lives while something comes through it after all is well again", () => {
  const held = (lastEchoAt: number | null, ended: string | null = null) => [{ name: "bianco", lastEchoAt, ended }];
  const seen = (now: ReturnType<typeof held>) => judgeHeld("ari", now, 1_000, "x").map((failure) => failure.seen);
  assert.equal(seen(held(1_000)), []);
  assert.equal(seen(held(999)), ["nothing comes through it any more"], "it echoed before, and is silent since");
  assert.equal(seen(held(null)), ["nothing comes through it any more"]);
  assert.equal(seen(held(2_000, "ECONNRESET")), ["ECONNRESET"]);
});

judges("each acknowledged write must be there with its own value, and the new leader must acknowledge one", () => {
  const log = { acknowledged: [0, 2].map((number) => ({ number, at: number * 100 })), refused: 1 };
  const judgeKept = (kept: readonly [number, string][], since = 200) =>
    judgeWrites(log, new Map(kept), { since, after: "x" }).map(({ seen }) => seen);
  const all: [number, string][] = [
    [0, "0"],
    [2, "2"],
  ];
  assert.equal(judgeKept(all), []);
  assert.equal(judgeKept([[0, "0"]]), ["1 of 2 are lost: 2"]);
  assert.equal(
    judgeKept([
      [0, "0"],
      [2, "0"],
    ]),
    ["1 of 2 are lost: 2"],
  );
  assert.equal(judgeKept(all, 201), ["none since there is a leader"]);
  const none = { acknowledged: [], refused: 3 };
  assert.is(judgeWrites(none, new Map(), { since: 0, after: "x" }).length, 1);
});

judges("a daemon with another PID was started again; what a timer repeats is not looked at", () => {
  const units = [
    { name: "consul", exec: [], restart: "always" as const, restartMs: 1, after: [] },
    { name: "again", exec: [], restart: "always" as const, restartMs: 1, after: [], everyMs: 30_000 },
  ];
  const lab = spec({ hosts: [host("ari", "10.0.0.1", { units })] });
  const at = (consul: number, again: number) => {
    const unit = { state: "running" as const, restarts: 0, lastExit: null };
    const status: HostStatus = {
      name: "ari",
      state: "up",
      pid: 1,
      units: [
        { name: "consul", pid: consul, ...unit },
        { name: "again", pid: again, ...unit },
      ],
    };
    return state([status]);
  };
  assert.equal(judgeRestarts(lab, at(5, 6), at(5, 7), "x"), []);
  assert.is(judgeRestarts(lab, at(5, 6), at(8, 6), "x").length, 1);
  assert.equal(judgeRestarts(lab, at(5, 6), at(8, 6), "x", new Set(["nomad"])), []);
});

judges("a name has all its addresses and no other", () => {
  const wanted = groupNames([
    { name: "x.consul", address: "10.0.0.2" },
    { name: "x.consul", address: "10.0.0.1" },
  ]);
  const answers = (...addresses: string[]) =>
    readAnswers(addresses.map((one) => `x.consul.\t5\tIN\tA\t${one}\n`).join(""), ["x.consul"]);
  assert.equal(judgeNames("ari", "127.0.0.1", wanted, answers("10.0.0.1", "10.0.0.2")), []);
  assert.is(judgeNames("ari", "127.0.0.1", wanted, answers("10.0.0.1")).length, 1);
  assert.is(judgeNames("ari", "127.0.0.1", wanted, answers("10.0.0.1", "10.0.0.2", "10.0.0.3")).length, 1);
  assert.is(judgeNames("ari", "127.0.0.1", wanted, answers()).length, 1);
});

judges.run();
