import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatKeyring, makeGossipKey } from "../../generators/secrets/values.js";
import { type Cluster, deploy, machineOf, makeCluster, runOnServers, SERVERS, secretOf } from "./cluster.js";
import { onMachines, waitFor } from "./machine.js";
import { type Answer, type Daemon, mustRun, request, runScript, startConsul } from "./units.js";

/** New gossip keys and a new management token, while a real Consul runs. */

const rotation = suite("services: rotation in Consul");
const test = onMachines(rotation, "consul");

const HOSTS = [...SERVERS, "ari", "ziggy"];
let cluster: Cluster;
const daemons = new Map<string, Daemon>();
rotation.after(() => cluster?.net.stop());

const management = () => secretOf(cluster, "cats/consul-management");

function ask(host: string, path: string, method = "GET", token = management(), body?: unknown): Answer {
  const answer = request(machineOf(cluster, host), method, 8500, path, { token, body });
  if (answer === null) throw new Error(`no answer on ${host}`);
  return answer;
}

/** How many agents have each key, and use it. */
function readRing(): { readonly has: Record<string, number>; readonly uses: Record<string, number> } {
  const [{ Keys, PrimaryKeys }] = ask("cosmo", "operator/keyring").body;
  return { has: Keys, uses: PrimaryKeys };
}

/** How many agents everybody else sees alive; servers all agree. */
function countAlive(): number {
  const seen = SERVERS.map((name) => {
    const members: readonly { readonly Status: number }[] = ask(name, "agent/members").body;
    return members.filter(({ Status }) => Status === 1).length;
  });
  return seen.every((count) => count === seen[0]) ? (seen[0] ?? 0) : -1;
}

async function start(name: string): Promise<void> {
  daemons.set(name, await startConsul(machineOf(cluster, name)));
}

async function stop(name: string): Promise<void> {
  await daemons.get(name)?.stop();
}

/** Settings and secrets on some hosts. */
function give(hosts: readonly string[], gossip: readonly string[]): void {
  cluster.values.set("cats/consul-gossip", formatKeyring(gossip));
  for (const name of hosts) deploy(cluster, name);
}

let old = "";
const fresh = makeGossipKey();

test("a cluster that is set up", async () => {
  cluster = await makeCluster(HOSTS);
  old = JSON.parse(secretOf(cluster, "cats/consul-gossip"))[0];
  await Promise.all(HOSTS.map(start));
  await waitFor("five members", () => countAlive() === 5);
  await runOnServers(cluster, "consul-setup");
  assert.equal(readRing(), { has: { [old]: 5 }, uses: { [old]: 5 } });
});

test("first step: all get the new key and use it, while one agent is off", async () => {
  await stop("ziggy");
  await waitFor("four members", () => countAlive() === 4);
  give([...SERVERS, "ari"], [fresh, old]);
  await runOnServers(cluster, "consul-setup");
  assert.equal(readRing(), { has: { [old]: 4, [fresh]: 4 }, uses: { [fresh]: 4 } });
  assert.is(countAlive(), 4);
});

test("a server with yesterday's secret does no harm, nor does an agent that restarts with it", async () => {
  give(["maco", "ari"], [old]);
  await mustRun(machineOf(cluster, "maco"), "consul-setup");
  await stop("ari");
  await start("ari");
  await waitFor("four members", () => countAlive() === 4);
  assert.equal(readRing(), { has: { [old]: 4, [fresh]: 4 }, uses: { [fresh]: 4 } });
});

test("second step: the old key goes, nobody leaves", async () => {
  give(SERVERS, [fresh]);
  await runOnServers(cluster, "consul-setup");
  assert.equal(readRing(), { has: { [fresh]: 4 }, uses: { [fresh]: 4 } });
  assert.is(countAlive(), 4);
});

test("an agent that restarts with a secret from before both steps, and one that was off, come back", async () => {
  await stop("ari");
  await start("ari");
  give(["ziggy"], [fresh]);
  await start("ziggy");
  await waitFor("five members", () => countAlive() === 5);
  await waitFor("the key on all five", () =>
    isDeepStrictEqual(readRing(), { has: { [fresh]: 5 }, uses: { [fresh]: 5 } }),
  );
});

test("an agent that comes back between the steps is taken along by the second", async () => {
  const next = makeGossipKey();
  await stop("ziggy");
  await waitFor("four members", () => countAlive() === 4);
  give(HOSTS, [next, fresh]);
  await runOnServers(cluster, "consul-setup");
  await start("ziggy");
  await waitFor("five members", () => countAlive() === 5);
  // Which of the two it uses depends on whether a server told it already; right after it joined, it may not answer yet.
  await waitFor("both keys on all five", () => isDeepStrictEqual(readRing().has, { [next]: 5, [fresh]: 5 }));
  give(HOSTS, [next]);
  await runOnServers(cluster, "consul-setup");
  await waitFor("one key on all five", () =>
    isDeepStrictEqual(readRing(), { has: { [next]: 5 }, uses: { [next]: 5 } }),
  );
  assert.is(countAlive(), 5);
});

function findLeader(): string {
  const leader: string = ask("cosmo", "status/leader").body;
  return SERVERS.find((name) => leader.startsWith(`${machineOf(cluster, name).address}:`)) ?? "";
}

test("a new management token: setup waits until a server that started with it leads; the old one is gone, and stays gone", async () => {
  const before = management();
  const after = randomUUID();
  cluster.values.set("cats/consul-management", `${after}\n`);
  for (const name of SERVERS) deploy(cluster, name);
  const early = await runScript(machineOf(cluster, findLeader()), "consul-setup", {}, "once");
  assert.is(early.code, 1);
  assert.match(early.stderr, /does not know this management token/);
  assert.not.match(early.stderr, new RegExp(after));
  assert.is(ask("cosmo", "acl/token/self", "GET", before).status, 200);
  // A deployment restarts servers one after the other, and those that did not yet make the old one again.
  for (const name of SERVERS) {
    await stop(name);
    await start(name);
    await waitFor("a leader", () => findLeader() !== "");
  }
  await waitFor("the new token", () => ask("cosmo", "acl/token/self").status === 200);
  await runOnServers(cluster, "consul-setup");
  assert.is(ask("cosmo", "acl/token/self", "GET", before).status, 403);
  const kinds = ask("cosmo", "acl/tokens").body.map(({ Description }: { readonly Description: string }) => Description);
  assert.is(kinds.filter((kind: string) => /^(Bootstrap|Initial)/.test(kind)).length, 1);
  const left = SERVERS.filter((name) => machineOf(cluster, name).sh("ls /var/lib/consul").includes("bootstrap-reset"));
  assert.equal(left, []);
});

rotation.run();
