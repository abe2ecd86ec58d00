import type { LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { pause, waitUntil } from "../harness/wait.js";
import { type Failure, notApplicable, verdictOf } from "../report.js";

/** Seconds, as the project promises them: named endpoints are looked up every 30 s. */
const BACK_SECONDS = 60;
/** The old address's connections must be seen to fail before anything counts as back. */
const SETTLE_MS = 1_000;

export const renumber: Check = {
  name: "renumber",
  title: "A dynamic site changes its address, and its hosts are back",
  async run(bench) {
    const spec = await bench.spec();
    const sites = spec.world.sites.filter(({ dynamic, spare4 }) => dynamic && spare4.length > 0);
    if (sites.length === 0) return notApplicable("no site of the fleet is dynamic");
    const times: number[] = [];
    const failures: Failure[] = [];
    for (const { name } of sites) {
      const moved = await move(bench, spec, name);
      times.push(moved.seconds);
      failures.push(...moved.failures);
    }
    return verdictOf(
      [
        { name: "sites renumbered", value: sites.length, unit: "sites" },
        { name: "slowest site back", value: Math.max(...times), unit: "s" },
      ],
      failures,
    );
  },
};

async function addressOf(bench: Harness, site: string): Promise<string | null> {
  return (await bench.state()).sites.find(({ name }) => name === site)?.wan4 ?? null;
}

async function move(
  bench: Harness,
  spec: LabSpec,
  site: string,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  const before = await addressOf(bench, site);
  bench.step(`the site ${site} gets another address than ${before ?? "none"}`);
  const begun = performance.now();
  await bench.client.break({ kind: "renumber", site });
  const now = await addressOf(bench, site);
  const look = "meshflake lab status";
  if (now === before) {
    return { seconds: 0, failures: [{ expected: `${site} has another address`, seen: `it has ${now}`, look }] };
  }
  await pause(SETTLE_MS);
  const { lacks } = await waitUntil(() => bench.lacksOfReach(), { limitMs: bench.limit(BACK_SECONDS) });
  const own = spec.hosts.filter((host) => host.site === site).map(({ name }) => name);
  return {
    seconds: (performance.now() - begun) / 1_000,
    failures: lacks.map((seen) => ({
      expected: `${own.join(", ")}: back within ${BACK_SECONDS * bench.options.patience} s`,
      seen,
      look,
    })),
  };
}
