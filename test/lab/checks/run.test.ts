import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Check } from "../../../lab/checks/check.js";
import { victimsOf } from "../../../lab/checks/each/failover.js";
import { Harness } from "../../../lab/checks/harness/harness.js";
import { type CheckEvent, STALLED, verdictOf } from "../../../lab/checks/report.js";
import { runChecks } from "../../../lab/checks/run.js";
import { LabClient } from "../../../lab/client/client.js";
import type { HealRequest, HostStatus } from "../../../lab/protocol.js";
import { cluster, spec, state } from "./lab.js";

/** Checks one after the other, against a lab that only remembers what it was told. */

const runs = suite("lab: running checks");

class RememberedLab extends LabClient {
  readonly told: string[] = [];
  private ari: HostStatus["state"] = "off";

  override async spec() {
    return spec({});
  }

  override async state() {
    return state([{ name: "ari", state: this.ari, pid: null, units: [] }]);
  }

  override async heal(what: HealRequest) {
    this.told.push(`heal ${JSON.stringify(what)}`);
    return [];
  }

  override async startHost(host: string) {
    this.told.push(`start ${host}`);
    this.ari = "up";
  }
}

const OPTIONS = {
  patience: 2,
  rounds: 1,
  seed: 7,
  folder: "/nowhere",
  agent: [],
  stalls: async () => [],
  step: () => undefined,
};
const failure = { expected: "a", seen: "b", look: "c" };
const check = (name: Check["name"], run: Check["run"]): Check => ({ name, title: name, run });

runs("a check that throws has failed, the next one runs all the same, and the lab is healed around each", async () => {
  const lab = new RememberedLab("/nowhere");
  const events: CheckEvent[] = [];
  const checks = [
    check("reach", async () => {
      throw new Error("no such host");
    }),
    check("cluster", async () => verdictOf([], [])),
  ];
  const report = await runChecks(checks, new Harness(lab, OPTIONS), (event) => events.push(event));
  assert.not.ok(report.passed);
  assert.equal(
    report.results.map(({ outcome }) => outcome),
    ["failed", "passed"],
  );
  assert.is(report.results[0]?.failures[0]?.seen, "no such host");
  assert.equal(
    events.map(({ event }) => event),
    ["start", "result", "start", "result"],
  );
  assert.equal(lab.told, ["heal {}", "start ari", "heal {}", "heal {}"]);
  assert.equal([report.patience, report.rounds, report.seed], [2, 1, 7]);
});

runs("a report passes with what is not applicable, and not with a failure", async () => {
  const report = async (run: Check["run"]) =>
    (await runChecks([check("ports", run)], new Harness(new RememberedLab("/nowhere"), OPTIONS), () => undefined))
      .passed;
  assert.ok(await report(async () => ({ outcome: "not-applicable", facts: [], failures: [] })));
  assert.not.ok(await report(async () => verdictOf([], [failure])));
});

runs("those die whom the cluster must do without: each once, and no voter of two", () => {
  const names = (more: Parameters<typeof cluster>[1]) =>
    victimsOf(cluster([], { consulServers: [], nomadServers: [], ...more })).map(
      ({ name, voter }) => `${name} ${voter}`,
    );
  assert.equal(names({ relays: ["a", "b"], consulServers: ["b", "c", "d"] }), [
    "a false",
    "b true",
    "c true",
    "d true",
  ]);
  assert.equal(names({ relays: ["a"], consulServers: ["a", "b"] }), []);
  assert.equal(names({ nomadServers: ["a", "b", "c"] }), ["a true", "b true", "c true"]);
});

runs("what the machine stood still meanwhile is told with the check", async () => {
  const stalls = async () => [{ at: Date.now() - 10, ms: 4 }];
  const slow = check("reach", async () => {
    await sleep(20);
    return verdictOf([], []);
  });
  const harness = new Harness(new RememberedLab("/nowhere"), { ...OPTIONS, stalls });
  const { results } = await runChecks([slow], harness, () => undefined);
  assert.equal(results[0]?.facts, [{ name: STALLED, value: 0.004, unit: "s" }]);
});

runs.run();
