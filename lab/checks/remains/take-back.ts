import { rmSync } from "node:fs";
import { join } from "node:path";
import { runIn } from "../../machine/enter.js";
import { entrancesOf } from "../../observe/observe.js";
import type { Remain } from "../../protocol.js";
import { untilNothingLacks } from "../harness/wait.js";
import { takeBackFromCluster } from "./clusters.js";
import { type Left, NEWCOMER_FOLDER, type TakeBackOptions } from "./remains.js";

/**
 * Takes back what a test has made in a lab, in an order that copes with what is broken: hosts and lines first, so that clusters have a
 * leader again; then what is theirs.
 */

/** Seconds for one of those steps: a cluster that has lost its leader, or all its hosts, has one again by then. */
const STEP_SECONDS = 90;
/** Why a piece of work failed; null where it did not. */
type Outcome = string | null;

/**
 * @param remains what is to be taken back; what went by itself is no error
 * @returns what could not be
 */
export async function takeBack(remains: readonly Remain[], options: TakeBackOptions): Promise<readonly Left[]> {
  const left: Left[] = [];
  for (const kinds of ORDER) {
    const own = remains.filter(({ kind }) => kinds.includes(kind));
    if (own.length === 0) continue;
    const still = await takeBackKinds(own, options);
    left.push(...still);
    // Whatever happens next, this is done.
    await options.client.noteGone(own.filter((remain) => !still.some((one) => one.remain === remain)));
  }
  return left;
}

const ORDER: readonly (readonly Remain["kind"][])[] = [
  ["fault"],
  ["address"],
  ["table"],
  ["job", "keys", "variable", "newcomer"],
];

async function takeBackKinds(remains: readonly Remain[], options: TakeBackOptions): Promise<readonly Left[]> {
  const [first] = remains;
  switch (first?.kind) {
    case "fault":
      return leftOf(remains, await tryOut(() => healAll(options)));
    case "address":
    case "table":
      return (
        await Promise.all(remains.map(async (one) => leftOf([one], await tryOut(() => undo(one, options)))))
      ).flat();
    default:
      return inClusters(remains, options);
  }
}

function leftOf(remains: readonly Remain[], why: Outcome): Left[] {
  return why === null ? [] : remains.map((remain) => ({ remain, why }));
}

async function tryOut(work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Everything, hosts that are off included: nobody wants half of a lab to be broken by a test that is gone. */
async function healAll({ client, step }: TakeBackOptions): Promise<void> {
  step("healing what is broken");
  await client.heal({});
}

async function undo(remain: Remain, { client, step }: TakeBackOptions): Promise<void> {
  const state = await client.state();
  if (remain.kind === "address") {
    if (state.sites.find(({ name }) => name === remain.site)?.wan4 === remain.address) return;
    step(`the site ${remain.site} gets its address ${remain.address} back`);
    await client.break({ kind: "renumber", site: remain.site, address: remain.address });
  }
  if (remain.kind === "table") {
    const { namespace, table } = remain;
    const host = entrancesOf(state).find(({ name }) => `host:${name}` === namespace);
    const pid = host?.pid ?? state.namespaces[namespace];
    // A host that was off meanwhile has lost its tables.
    if (pid === undefined) return;
    const result = await runIn(pid, ["nft", "-f", "-"], { input: `table ${table}\ndelete table ${table}\n` });
    if (result.code !== 0) throw new Error(result.stderr.trim());
  }
}

async function inClusters(remains: readonly Remain[], options: TakeBackOptions): Promise<readonly Left[]> {
  const { client, folder, patience, step } = options;
  const limitMs = STEP_SECONDS * 1_000 * patience;
  const guests = remains.filter((one) => one.kind === "newcomer");
  if (guests.length > 0) {
    step(`waiting until ${guests.map(({ host }) => host).join(", ")} is gone`);
    // The lab goes back by itself once whoever tried the larger fleet has ended.
    const { lacks } = await untilNothingLacks(
      async () => {
        const { hosts } = await client.state();
        return guests
          .filter(({ host }) => hosts.some(({ name }) => name === host))
          .map(({ host }) => `${host} is there`);
      },
      { limitMs },
    );
    if (lacks.length > 0) return leftOf(remains, lacks.join(", "));
    rmSync(join(folder, NEWCOMER_FOLDER), { recursive: true, force: true });
  }
  const spec = await client.spec();
  const ofClusters = spec.clusters.map((cluster) =>
    takeBackFromCluster(
      cluster,
      remains.filter((one) => "cluster" in one && one.cluster === cluster.name),
      { ...options, limitMs },
    ),
  );
  return (await Promise.all(ofClusters)).flat();
}
