import { setTimeout as sleep } from "node:timers/promises";
import { observeLinks } from "../../observe/links.js";
import type { LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { type Failure, notApplicable, verdictOf } from "../report.js";

/** Seconds, as the project promises them: named endpoints are looked up every 30 s. */
const BACK_SECONDS = 60;
/** The old address's connections must be seen to fail before anything counts as back. */
const SETTLE_MS = 1_000;

export const renumber: Check = {
  name: "renumber",
  title: "A dynamic site changes its address, and its hosts are back",
  async run(harness) {
    const spec = await harness.spec();
    const sites = spec.world.sites.filter(({ dynamic, spare4 }) => dynamic && spare4.length > 0);
    if (sites.length === 0) return notApplicable("no site of the fleet is dynamic");
    const times: number[] = [];
    const failures: Failure[] = [];
    for (const { name } of sites) {
      const moved = await move(harness, spec, name);
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

async function addressOf(harness: Harness, site: string): Promise<string | null> {
  return (await harness.state()).sites.find(({ name }) => name === site)?.wan4 ?? null;
}

async function move(
  harness: Harness,
  spec: LabSpec,
  site: string,
): Promise<{ readonly seconds: number; readonly failures: Failure[] }> {
  const before = await addressOf(harness, site);
  harness.step(`the site ${site} gets another address than ${before ?? "none"}`);
  if (before !== null) await harness.making({ kind: "address", site, address: before });
  const begun = performance.now();
  await harness.client.break({ kind: "renumber", site });
  const now = await addressOf(harness, site);
  const look = "meshflake lab status";
  if (now === before) {
    return { seconds: 0, failures: [{ expected: `${site} has another address`, seen: `it has ${now}`, look }] };
  }
  await sleep(SETTLE_MS);
  const lacksOf = async () => [...(await harness.lacksOfReach()), ...(await lacksOfMove(harness, spec, before))];
  const { lacks } = await harness.within(BACK_SECONDS, lacksOf);
  const own = spec.hosts.filter((host) => host.site === site).map(({ name }) => name);
  return {
    seconds: (performance.now() - begun) / 1_000,
    failures: lacks.map((seen) => ({
      expected: `${own.join(", ")}: back within ${BACK_SECONDS * harness.options.patience} s`,
      seen,
      look,
    })),
  };
}

/** Peers that still send to the old address: an answer to a ping may have come before they noticed. */
async function lacksOfMove(harness: Harness, spec: LabSpec, before: string | null): Promise<string[]> {
  const links = await observeLinks(await harness.entrances(), spec.hosts);
  return links
    .filter(({ endpoint }) => before !== null && endpoint?.startsWith(`${before}:`))
    .map(({ host, peer, endpoint }) => `${host} still finds ${peer} at ${endpoint}`);
}
