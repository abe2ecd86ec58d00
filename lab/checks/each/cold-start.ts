import { observeConsul, observeNomad } from "../../observe/clusters.js";
import type { ClusterSpec, LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { randomFrom, shuffle, waitUntil } from "../harness/wait.js";
import { type Failure, verdictOf } from "../report.js";

const START_SECONDS = 60;

export const coldStart: Check = {
  name: "cold-start",
  title: "All hosts start in random order, and are one cluster every time",
  async run(harness) {
    const spec = await harness.spec();
    const { rounds, seed } = harness.options;
    const random = randomFrom(seed);
    const times: number[] = [];
    const failures: Failure[] = [];
    for (let round = 1; round <= rounds; round++) {
      const order = shuffle(
        spec.hosts.map(({ name }) => name),
        random,
      );
      const started = await startOnce(harness, spec, order, `round ${round} of ${rounds}`);
      times.push(started.seconds);
      failures.push(...started.failures);
    }
    return verdictOf(
      [
        { name: "cold starts", value: rounds, unit: "rounds" },
        { name: "slowest after the last host started", value: Math.max(...times), unit: "s" },
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
  order: readonly string[],
  round: string,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  harness.step(`${round}: all off`);
  harness.dropAgents();
  await Promise.all(order.map((host) => harness.client.stopHost(host)));
  harness.step(`${round}: ${order.join(", ")}`);
  for (const host of order) await harness.client.startHost(host);
  const { afterMs, lacks } = await waitUntil(
    async () => [...(await harness.lacks()), ...(await harness.lacksOfReach()), ...(await lacksOfUnity(harness, spec))],
    { limitMs: harness.limit(START_SECONDS) },
  );
  return {
    seconds: afterMs / 1_000,
    failures: lacks.map((seen) => ({
      expected: `${round} (${order.join(", ")}): one whole cluster within ${START_SECONDS * harness.options.patience} s`,
      seen,
      look: "meshflake lab status",
    })),
  };
}

/** Servers that follow different leaders would each look whole to somebody. */
async function lacksOfUnity(harness: Harness, spec: LabSpec): Promise<string[]> {
  const entrances = await harness.entrances();
  const names = new Map(spec.hosts.map(({ name, meshIp }) => [meshIp, name]));
  const leadersOf = async (servers: readonly string[], observe: typeof observeConsul | typeof observeNomad) => {
    const asked = entrances.filter(({ name }) => servers.includes(name));
    const seen = await Promise.all(asked.map(({ pid }) => observe(pid, null, names)));
    return new Set(seen.map((one) => one?.leader ?? "nobody"));
  };
  const lacksOf = async ({ name, consulServers, nomadServers }: ClusterSpec) => {
    const [consul, nomad] = await Promise.all([
      leadersOf(consulServers, observeConsul),
      leadersOf(nomadServers, observeNomad),
    ]);
    return [
      ...(consul.size > 1 ? [`Consul of ${name}: its servers follow ${[...consul].sort().join(" and ")}`] : []),
      ...(nomad.size > 1 ? [`Nomad of ${name}: its servers follow ${[...nomad].sort().join(" and ")}`] : []),
    ];
  };
  return (await Promise.all(spec.clusters.map(lacksOf))).flat();
}
