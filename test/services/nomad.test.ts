import { randomUUID } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatKeyring, makeGossipKey } from "../../generators/secrets/values.js";
import { type Cluster, deploy, machineOf, makeCluster, runOnServers, SERVERS, secretOf } from "./cluster.js";
import { onMachines, waitFor } from "./machine.js";
import { type Answer, type Daemon, mustRun, request, runScript, startNomad } from "./units.js";

/** Three servers of a real Nomad. */

const nomad = suite("services: Nomad");
const test = onMachines(nomad, "nomad");

let cluster: Cluster;
const daemons = new Map<string, Daemon>();
nomad.after(() => cluster?.net.stop());

const management = () => secretOf(cluster, "cats/nomad-management");

function ask(host: string, path: string, token?: string): Answer {
  const answer = request(machineOf(cluster, host), "GET", 4646, path, { token });
  if (answer === null) throw new Error(`no answer on ${host}`);
  return answer;
}

const readRing = (): Record<string, number> => ask("cosmo", "agent/keyring/list", management()).body.Keys;

function countAlive(): number {
  const members: readonly { readonly Status: string }[] = ask("cosmo", "agent/members", management()).body.Members;
  return members.filter(({ Status }) => Status === "alive").length;
}

function give(hosts: readonly string[], gossip: readonly string[]): void {
  cluster.values.set("cats/nomad-gossip", formatKeyring(gossip));
  for (const name of hosts) deploy(cluster, name);
}

function findLeader(): string {
  const leader: string = ask("cosmo", "status/leader").body;
  return SERVERS.find((name) => leader.startsWith(`${machineOf(cluster, name).address}:`)) ?? "";
}

let old = "";
const fresh = makeGossipKey();

test("three servers at once, several times: one management token, the one from the secrets", async () => {
  cluster = await makeCluster(SERVERS);
  old = JSON.parse(secretOf(cluster, "cats/nomad-gossip"))[0];
  for (const name of SERVERS) daemons.set(name, await startNomad(machineOf(cluster, name)));
  for (let times = 0; times < 3; times++) await runOnServers(cluster, "nomad-setup");
  const tokens = ask("maco", "acl/tokens", management()).body;
  assert.equal(
    tokens.map(({ Name, Type }: { readonly Name: string; readonly Type: string }) => [Name, Type]),
    [["Bootstrap Token", "management"]],
  );
  assert.is(ask("maco", "acl/token/self", management()).body.SecretID, management());
  assert.is(ask("maco", "jobs").status, 403);
  await runOnServers(cluster, "nomad-setup");
  assert.equal(ask("maco", "acl/tokens", management()).body, tokens);
  assert.equal(readRing(), { [old]: 3 });
});

test("gossip keys change in two steps, and yesterday's secret does no harm", async () => {
  give(["cosmo", "miki"], [fresh, old]);
  await Promise.all(["cosmo", "miki"].map((name) => mustRun(machineOf(cluster, name), "nomad-setup")));
  assert.equal(readRing(), { [old]: 3, [fresh]: 3 });
  await mustRun(machineOf(cluster, "maco"), "nomad-setup");
  assert.equal(readRing(), { [old]: 3, [fresh]: 3 });
  give(["cosmo"], [fresh]);
  await mustRun(machineOf(cluster, "cosmo"), "nomad-setup");
  assert.equal(readRing(), { [fresh]: 3 });
  await daemons.get("maco")?.stop();
  daemons.set("maco", await startNomad(machineOf(cluster, "maco")));
  await waitFor("three members", () => countAlive() === 3);
  assert.equal(readRing(), { [fresh]: 3 });
});

test("a new management token: on the leader, not elsewhere; the old one goes", async () => {
  const before = management();
  const after = randomUUID();
  const leader = await waitFor("a leader", () => findLeader() || null);
  const [other = ""] = SERVERS.filter((name) => name !== leader);
  cluster.values.set("cats/nomad-management", `${after}\n`);
  for (const name of SERVERS) deploy(cluster, name);
  machineOf(cluster, other).write("/var/lib/nomad/server/acl-bootstrap-reset", "left by a crash", "0644");
  const early = await runScript(machineOf(cluster, other), "nomad-setup", {}, "once");
  assert.is(early.code, 1);
  assert.match(early.stderr, /does not take this management token yet: 400/);
  const listResets = () =>
    SERVERS.filter((name) => machineOf(cluster, name).sh("ls /var/lib/nomad/server").includes("reset"));
  assert.equal(listResets(), []);
  await runOnServers(cluster, "nomad-setup");
  assert.is(ask("cosmo", "acl/token/self", before).status, 403);
  assert.is(ask("cosmo", "acl/token/self", after).status, 200);
  assert.is(ask("cosmo", "acl/tokens", after).body.length, 1);
  assert.equal(listResets(), []);
});

nomad.run();
