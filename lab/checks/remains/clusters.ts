import { type Answer, ask, type Daemon, type Question, readJson } from "../../observe/clusters/ask.js";
import type { Entrance } from "../../observe/entrance.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import { entrancesOf } from "../../observe/observe.js";
import type { Remain } from "../../protocol.js";
import type { ClusterSpec } from "../../spec.js";
import { untilNothingLacks } from "../harness/wait.js";
import type { Left, TakeBackOptions } from "./remains.js";

/** What a test leaves in Consul and Nomad. */

/** A request, and what of its answer says that something is there still. */
interface Look extends Question {
  readonly daemon: Daemon;
  readonly finds: (value: unknown) => boolean;
}

/** How one of them is removed, and how it is seen that it is gone. */
interface Removal {
  readonly remove: readonly (Question & { readonly daemon: Daemon })[];
  readonly look: readonly Look[];
}

const isListed = (value: unknown): boolean => listOf(value).length > 0;

/** @param nodes identifiers of Nomad's nodes, by the names of their hosts */
function removalOf(remain: Remain, nodes: readonly (readonly [host: string, id: string])[]): Removal {
  switch (remain.kind) {
    case "job":
      return {
        remove: [{ daemon: "nomad", path: `job/${remain.name}?purge=true`, method: "DELETE" }],
        look: [
          { daemon: "nomad", path: `jobs?prefix=${remain.name}`, finds: isListed },
          { daemon: "consul", path: `catalog/service/${remain.name}?consistent`, finds: isListed },
        ],
      };
    case "keys": {
      const path = `kv/${remain.prefix}?recurse`;
      return {
        remove: [{ daemon: "consul", path, method: "DELETE" }],
        look: [{ daemon: "consul", path: `${path}&keys&consistent`, finds: isListed }],
      };
    }
    case "variable":
      return {
        remove: [{ daemon: "nomad", path: `var/${remain.path}`, method: "DELETE" }],
        look: [{ daemon: "nomad", path: `vars?prefix=${remain.path}`, finds: isListed }],
      };
    case "newcomer": {
      const names = (field: string) => (value: unknown) =>
        listOf(value).some((one) => textOf(fieldsOf(one)[field]) === remain.host);
      const own = nodes.filter(([host]) => host === remain.host);
      return {
        remove: [
          { daemon: "consul", path: `agent/force-leave/${remain.host}?prune`, method: "PUT" },
          ...own.map(([, id]) => ({ daemon: "nomad" as const, path: `node/${id}/purge`, method: "PUT" as const })),
        ],
        look: [
          { daemon: "consul", path: "agent/members", finds: names("Name") },
          { daemon: "consul", path: "catalog/nodes?consistent", finds: names("Node") },
          { daemon: "nomad", path: "nodes", finds: names("Name") },
        ],
      };
    }
    default:
      return { remove: [], look: [] };
  }
}

/** Asks a daemon of the cluster; null where it has no such servers. */
type Asker = (daemon: Daemon, questions: readonly Question[]) => Promise<readonly Answer[] | null>;

/** Milliseconds between two looks. */
const LOOK_MS = 250;

const SERVERS = { consul: "consulServers", nomad: "nomadServers" } as const;
const NAMES: Readonly<Record<Daemon, string>> = { consul: "Consul", nomad: "Nomad" };

/** Who is asked: a server that is up; which one leads is for them to find out. */
function askerOf(cluster: ClusterSpec, entrances: () => Promise<readonly Entrance[]>): Asker {
  return async (daemon, questions) => {
    const servers = cluster[SERVERS[daemon]];
    if (servers.length === 0) return null;
    const server = (await entrances()).find(({ name }) => servers.includes(name));
    if (server === undefined) return questions.map(({ path }) => ({ path, status: 0, text: "" }));
    return ask(server.pid, daemon, questions, { token: cluster.tokens[daemon] });
  };
}

/** Why a daemon cannot say whether something is there; null where it can. */
async function whyDeaf(cluster: ClusterSpec, daemon: Daemon, asked: Asker): Promise<string | null> {
  const [leader] = (await asked(daemon, [{ path: "status/leader" }])) ?? [];
  const name = `${NAMES[daemon]} of ${cluster.name}`;
  if (leader === undefined) return null;
  // Nomad answers with an error where it knows of none.
  if (leader.status === 0) return `no server of ${name} answers`;
  return (readJson(leader, textOf) ?? "") === "" ? `${name} has no leader` : null;
}

async function readNodes(asked: Asker): Promise<readonly (readonly [string, string])[]> {
  const [nodes] = (await asked("nomad", [{ path: "nodes" }])) ?? [];
  const read = (value: unknown) =>
    listOf(value)
      .map(fieldsOf)
      .map(({ Name, ID }) => [textOf(Name), textOf(ID)] as const);
  return readJson(nodes, read) ?? [];
}

/** Whether something is there; a daemon that the cluster does not have has nothing. */
async function isThere({ daemon, finds, ...question }: Look, asked: Asker): Promise<boolean> {
  const [answer] = (await asked(daemon, [question])) ?? [];
  // Consul's KV says 404 where there is no key.
  if (answer === undefined || answer.status === 404) return false;
  // What does not say that it is gone may be there.
  return readJson(answer, finds) ?? true;
}

/** Looks for one, and removes what it finds. @returns where it was found, or why nobody can tell; null where it is gone */
async function removeOne(remain: Remain, cluster: ClusterSpec, asked: Asker): Promise<string | null> {
  const nodes = remain.kind === "newcomer" ? await readNodes(asked) : [];
  const { remove, look } = removalOf(remain, nodes);
  for (const daemon of new Set(look.map((one) => one.daemon))) {
    const why = await whyDeaf(cluster, daemon, asked);
    if (why !== null) return why;
  }
  for (const one of look) {
    if (!(await isThere(one, asked))) continue;
    for (const { daemon, ...question } of remove) await asked(daemon, [question]);
    return `${NAMES[one.daemon]} of ${cluster.name} has it still`;
  }
  return null;
}

/**
 * Removes what is a cluster's, again and again until it is seen to be gone, or the time is over.
 * @returns what is there still
 */
export async function takeBackFromCluster(
  cluster: ClusterSpec,
  remains: readonly Remain[],
  { client, quietMs, limitMs, step }: TakeBackOptions & { readonly limitMs: number },
): Promise<readonly Left[]> {
  if (remains.length === 0) return [];
  step(`${cluster.name}: what is left in Consul and Nomad`);
  const asked = askerOf(cluster, async () => entrancesOf(await client.state()));
  let left: readonly Left[] = [];
  let goneSince: number | null = null;
  await untilNothingLacks(
    async () => {
      const all = await Promise.all(
        remains.map(async (remain) => ({ remain, why: await removeOne(remain, cluster, asked) })),
      );
      left = all.flatMap(({ remain, why }) => (why === null ? [] : [{ remain, why }]));
      goneSince = left.length > 0 ? null : (goneSince ?? Date.now());
      if (left.length > 0) return left.map(({ why }) => why);
      return goneSince !== null && Date.now() - goneSince >= quietMs ? [] : ["it may come late"];
    },
    { limitMs, everyMs: LOOK_MS },
  );
  return left;
}
