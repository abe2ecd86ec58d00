import { setTimeout as sleep } from "node:timers/promises";
import type { Remain } from "../../protocol.js";
import type { LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { randomFrom } from "../harness/wait.js";
import { describeRound, planRound, type Round } from "../judge/rounds.js";
import { type Failure, verdictOf } from "../report.js";
import { lacksOfNames } from "../scenes/names.js";
import { lacksOfUnity } from "../scenes/unity.js";

/** Seconds after the last host has been switched on, as the project promises them. */
const START_SECONDS = 60;

export const coldStart: Check = {
  name: "cold-start",
  title: "All hosts were off, start in random order, and are one cluster every time",
  async run(harness) {
    const spec = await harness.spec();
    const { rounds, seed } = harness.options;
    const random = randomFrom(seed);
    const hosts = spec.hosts.map(({ name }) => name);
    const times: number[] = [];
    const failures: Failure[] = [];
    for (let number = 1; number <= rounds; number++) {
      const round = planRound(hosts, number, random);
      const started = await startOnce(harness, spec, round, `round ${number} of ${rounds}`);
      times.push(started.seconds);
      failures.push(...started.failures);
    }
    return verdictOf(
      [
        { name: "cold starts", value: rounds, unit: "rounds" },
        { name: "slowest after the last host was switched on", value: Math.max(...times), unit: "s" },
        { name: "mean", value: times.reduce((sum, time) => sum + time, 0) / times.length, unit: "s" },
      ],
      failures,
      `seed ${seed}`,
    );
  },
};

async function startOnce(
  harness: Harness,
  spec: LabSpec,
  round: Round,
  title: string,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  const what = `${title}: ${describeRound(round)}`;
  harness.step(what);
  harness.dropAgents();
  const remains = round.starts.map(({ host }): Remain => ({ kind: "fault", fault: { kind: "kill", host } }));
  await harness.making(...remains);
  await Promise.all(
    round.starts.map(({ host }) =>
      round.off === "shutdown" ? harness.client.stopHost(host) : harness.client.killHost(host),
    ),
  );
  await Promise.all(
    round.starts.map(async ({ host, afterMs }) => {
      await sleep(afterMs);
      await harness.client.startHost(host);
    }),
  );
  await harness.client.noteGone(remains);
  const { afterMs, lacks } = await harness.within(START_SECONDS, () => lacksOfStart(harness, spec));
  return {
    seconds: afterMs / 1_000,
    failures: lacks.map((seen) => ({
      expected: `${what}: one whole cluster within ${START_SECONDS * harness.options.patience} s`,
      seen,
      look: "meshflake lab status",
    })),
  };
}

/** Names are only asked for once the rest is there: a resolver that has to wait for its answers would be waited for here. */
async function lacksOfStart(harness: Harness, spec: LabSpec): Promise<readonly string[]> {
  const lacks = [...(await harness.lacks()), ...(await harness.lacksOfReach()), ...(await lacksOfUnity(harness, spec))];
  return lacks.length > 0 ? lacks : lacksOfNames(harness, spec);
}
