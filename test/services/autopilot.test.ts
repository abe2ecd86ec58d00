import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, machineOf, makeCluster, runOnServers, SERVERS, secretOf } from "./cluster.js";
import { onMachines, waitFor } from "./machine.js";
import { type Answer, type Daemon, request, startConsul, startNomad } from "./units.js";

/** Voters that are gone for a while stay voters, in a real Consul and in a real Nomad. */

const autopilot = suite("services: autopilot");
const test = onMachines(autopilot, "consul", "nomad");

/** Both daemons look for dead servers every ten seconds. */
const TWO_ROUNDS_MS = 25_000;

interface Program {
  readonly name: "consul" | "nomad";
  readonly port: 8500 | 4646;
  /** Whether the daemon sees a member alive. */
  readonly isAlive: (members: Answer, host: string) => boolean;
}

interface Member {
  readonly Name: string;
  readonly Status: number | string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "consul",
    port: 8500,
    isAlive: ({ body }, host) => body.find((member: Member) => member.Name === host)?.Status === 1,
  },
  {
    name: "nomad",
    port: 4646,
    isAlive: ({ body }, host) =>
      body.Members.find((member: Member) => member.Name.startsWith(`${host}.`))?.Status === "alive",
  },
];

let cluster: Cluster;
/** The one that is down, by program. */
const lost = new Map<string, string>();
const daemons = new Map<string, Daemon>();
autopilot.after(() => cluster?.net.stop());

function ask({ name, port }: Program, path: string, method = "GET", body?: unknown): Answer {
  const host = SERVERS.find((server) => server !== lost.get(name)) ?? "";
  const token = secretOf(cluster, `cats/${name}-management`);
  const answer = request(machineOf(cluster, host), method, port, path, { token, body });
  if (answer === null) throw new Error(`no answer from ${name} on ${host}`);
  return answer;
}

const readConfiguration = (program: Program) => ask(program, "operator/autopilot/configuration").body;
const countVoters = (program: Program): number => {
  const servers: readonly { readonly Voter: boolean }[] = ask(program, "operator/raft/configuration").body.Servers;
  return servers.filter(({ Voter }) => Voter).length;
};
const seesAlive = (program: Program, host: string) => program.isAlive(ask(program, "agent/members"), host);

async function start(host: string): Promise<void> {
  daemons.set(`consul on ${host}`, await startConsul(machineOf(cluster, host)));
  daemons.set(`nomad on ${host}`, await startNomad(machineOf(cluster, host)));
}

/** @returns who it was: one that follows, so that the leader who cleans up stays */
async function killFollower(program: Program): Promise<string> {
  const leader: string = ask(program, "status/leader").body;
  const host = SERVERS.find((name) => !leader.startsWith(`${machineOf(cluster, name).address}:`)) ?? "";
  await daemons.get(`${program.name} on ${host}`)?.kill();
  lost.set(program.name, host);
  return host;
}

async function forBoth(run: (program: Program) => Promise<void>): Promise<void> {
  await Promise.all(PROGRAMS.map(run));
}

test("new clusters begin with as many voters to keep as are planned", async () => {
  cluster = await makeCluster(SERVERS);
  await Promise.all(SERVERS.map(start));
  for (const script of ["consul-setup", "nomad-setup"] as const) await runOnServers(cluster, script);
  for (const program of PROGRAMS) {
    assert.is(countVoters(program), 3, program.name);
    const { MinQuorum, CreateIndex, ModifyIndex } = readConfiguration(program);
    assert.is(MinQuorum, 3, program.name);
    assert.is(ModifyIndex, CreateIndex, `${program.name}: setup had nothing to do`);
  }
});

test("a server that is killed is not thrown out, and votes again when it is back", async () => {
  await forBoth(async (program) => {
    const host = await killFollower(program);
    await waitFor(`${program.name} misses ${host}`, () => !seesAlive(program, host));
    await sleep(TWO_ROUNDS_MS);
    assert.is(countVoters(program), 3, program.name);
    const startAgain = program.name === "consul" ? startConsul : startNomad;
    daemons.set(`${program.name} on ${host}`, await startAgain(machineOf(cluster, host)));
    await waitFor(`${program.name} sees ${host}`, () => seesAlive(program, host));
    lost.delete(program.name);
    assert.is(countVoters(program), 3, program.name);
  });
});

test("running clusters get it from setup, whoever comes first, and nothing else changes", async () => {
  for (const program of PROGRAMS) {
    const before = { ...readConfiguration(program), MinQuorum: 0, MaxTrailingLogs: 300 };
    ask(program, "operator/autopilot/configuration", "PUT", before);
    assert.is(readConfiguration(program).MinQuorum, 0, program.name);
    await runOnServers(cluster, `${program.name}-setup`);
    const { ModifyIndex, ...after } = readConfiguration(program);
    assert.is(after.MinQuorum, 3, program.name);
    assert.equal({ ...after, MinQuorum: 0, ModifyIndex: before.ModifyIndex }, before, program.name);
    assert.ok(ModifyIndex > before.ModifyIndex, program.name);
  }
});

test("without it, the same server would be thrown out", async () => {
  await forBoth(async (program) => {
    ask(program, "operator/autopilot/configuration", "PUT", { ...readConfiguration(program), MinQuorum: 0 });
    const host = await killFollower(program);
    await waitFor(`${program.name} throws ${host} out`, () => countVoters(program) === 2);
  });
});

autopilot.run();
