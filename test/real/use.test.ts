import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LabClient } from "../../lab/client/client.js";
import type { LabState, Remain } from "../../lab/protocol.js";
import { cleanEnv, PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";
import { eventually } from "./support/wait.js";

/** `lab test --use` leaves a lab as it was, however it ends: interrupted or killed in the middle of each check that changes anything. */

const real = suite("real: tests in a lab that is up");
const test = onLab(real);

const root = join(PACKAGE, "examples/pis-and-proxmox");
const labs = new Labs(root);
const client = new LabClient(join(labs.env.XDG_RUNTIME_DIR ?? "", "meshflake-labs/hashlab/control.sock"));

real.after(async () => {
  await labs.run("down", "--all");
});

/** Looks often: a check may be over soon. */
const until = (what: string, isSo: () => boolean | Promise<boolean>) => eventually(what, isSo, { everyMs: 50 });

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

/** `lab test --use`, as a person sees it who can press ^C. */
function start(check: string): Running {
  const main = join(PACKAGE, "dist/cli/main.js");
  const argv = [main, "lab", "test", "--use", "--rounds", "1", "--only", check];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: cleanEnv(labs.env),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, said }))) };
}

/** A question to Consul or Nomad, of a server that may have no leader yet. @returns what is named so in the list that it answers */
async function list(daemon: "consul" | "nomad", path: string, field?: string): Promise<string[]> {
  const [cluster] = (await client.spec()).clusters;
  const [server = ""] = (daemon === "consul" ? cluster?.consulServers : cluster?.nomadServers) ?? [];
  const [port, header] = daemon === "consul" ? [8500, "X-Consul-Token"] : [4646, "X-Nomad-Token"];
  const script = [
    `printf 'header = "${header}: %s"\\n' "$(cat /run/agenix/${daemon}-management)" |`,
    `curl -s -m 5 -w '\\n%{http_code}' --config - 'http://127.0.0.1:${port}/v1/${path}'`,
  ].join(" ");
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(500)) {
    const { stdout } = await labs.run("exec", server, "--", "sh", "-c", script);
    const [, body = "", status] = /^([\s\S]*)\n(\d+)$/.exec(stdout) ?? [];
    if (status === "404") return [];
    if (status !== "200") continue;
    const all: readonly unknown[] = JSON.parse(body) ?? [];
    return all.map((one) => String(field === undefined ? one : (one as Record<string, unknown>)[field])).sort();
  }
  throw new Error(`${daemon} on ${server} does not answer ${path}`);
}

/** Names of nftables' tables on a host. */
async function tablesOf(host: string): Promise<string> {
  return labs.must("exec", host, "--", "nft", "list", "tables");
}

/** Of the tests alone: an agent tells of its host's own ones when it comes to it. */
async function listOwnServices(): Promise<string[]> {
  return (await list("consul", "internal/ui/services?stale", "Name")).filter((name) =>
    name.startsWith("meshflake-lab"),
  );
}

/** Everything that a test may leave behind. */
async function look() {
  const { hosts, sites, faults } = await client.state();
  const first = hosts.find(({ state }) => state === "up")?.name ?? "";
  return {
    hosts: hosts.map(({ name, state }) => `${name} ${state}`),
    addresses: sites.map(({ name, wan4 }) => `${name} ${wan4}`),
    faults,
    tables: await tablesOf(first),
    keys: await list("consul", "kv/?keys&stale"),
    services: await listOwnServices(),
    members: await list("consul", "agent/members", "Name"),
    nodes: await list("consul", "catalog/nodes?stale", "Node"),
    jobs: await list("nomad", "jobs?stale", "ID"),
    variables: await list("nomad", "vars?stale", "Path"),
    clients: await list("nomad", "nodes?stale", "Name"),
  };
}

let before: Awaited<ReturnType<typeof look>>;

async function readTest(): Promise<LabState["test"]> {
  return (await client.state()).test;
}

/** Waits until a check has noted something of that kind. */
async function untilMade(kind: Remain["kind"]): Promise<void> {
  await until(`${kind} is noted`, async () => (await readTest()).remains.some((one) => one.kind === kind));
}

async function assertAsBefore(): Promise<void> {
  assert.equal(await readTest(), { holder: null, remains: [] });
  assert.equal(await look(), before);
}

/** Kills it, and whatever else it started, without a word to any. */
async function kill({ child, ended }: Running): Promise<void> {
  child.kill("SIGKILL");
  await ended;
  await until("the test is over", async () => (await readTest()).holder === null);
}

async function assertLeft(what: RegExp): Promise<void> {
  assert.match(await labs.must("status"), /Left by a test that was killed; meshflake lab heal takes it back:\n/);
  assert.match(await labs.must("status"), what);
}

test("the lab comes up", async () => {
  await labs.must("up");
  before = await look();
});

test("^C while a job runs: the job is gone, and its services", async () => {
  const running = start("services");
  await until("the job runs", async () => (await listOwnServices()).length > 0);
  assert.is((await list("nomad", "jobs?stale", "ID")).length, 1);
  running.child.kill("SIGINT");
  const { code, said } = await running.ended;
  assert.is(code, 130, said);
  await assertAsBefore();
});

test("a terminal that is closed while the cluster is asked for its secrets", async () => {
  const running = start("cluster");
  await untilMade("variable");
  running.child.kill("SIGHUP");
  assert.is((await running.ended).code, 129);
  await assertAsBefore();
});

test("SIGTERM after a site has moved: it has its address back", async () => {
  const running = start("renumber");
  const readAddresses = async () => (await client.state()).sites.map(({ name, wan4 }) => `${name} ${wan4}`);
  await until("it has moved", async () => String(await readAddresses()) !== String(before.addresses));
  running.child.kill("SIGTERM");
  assert.is((await running.ended).code, 143);
  await assertAsBefore();
});

test("killed while a voter is dead: status says what is left, and heal takes it back", async () => {
  const running = start("failover");
  await until("a voter is dead", async () => {
    const { hosts, test: now } = await client.state();
    return hosts.some(({ state }) => state === "off") && now.remains.some(({ kind }) => kind === "keys");
  });
  await kill(running);
  await assertLeft(/^ {2}the keys meshflake-lab\/writer-\S+ in Consul of /m);
  assert.match(await labs.must("heal"), /took back what a test had left: .*the keys meshflake-lab\/writer-/);
  await assertAsBefore();
});

test("killed while all hosts are off: the next test takes it back, and passes", async () => {
  const running = start("cold-start");
  await until("all are off", async () => (await client.state()).hosts.every(({ state }) => state === "off"));
  await kill(running);
  assert.ok((await readTest()).remains.length > 1);
  const { code, stdout, stderr } = await labs.run("test", "--use", "--only", "cluster");
  assert.is(code, 0, stdout + stderr);
  assert.match(stderr, /taking back what a test has left: kill /);
  await assertAsBefore();
});

test("killed while a newcomer is there: it goes, and the cluster forgets it", async () => {
  const running = start("add-host");
  await until(
    "the newcomer has joined",
    async () => (await list("nomad", "nodes?stale", "Name")).length > before.clients.length,
  );
  await kill(running);
  await assertLeft(/^ {2}the host newcomer1 in /m);
  assert.match(await labs.must("heal"), /took back what a test had left: the host newcomer1 in /);
  await assertAsBefore();
});

test("a second test is refused, and neither it nor a heal takes anything from the first", async () => {
  const running = start("renumber");
  await untilMade("address");
  const { code, stderr } = await labs.run("test", "--use", "--only", "reach");
  assert.is(code, 1);
  assert.match(stderr, new RegExp(`a test is under way in this lab: process ${running.child.pid}\nHint: wait`));
  assert.match(await labs.must("status"), new RegExp(`^A test is under way: process ${running.child.pid}$`, "m"));
  assert.not.match(await labs.must("heal"), /took back/);
  const first = await running.ended;
  assert.is(first.code, 0, first.said);
  await assertAsBefore();
});

real.run();
