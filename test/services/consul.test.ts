import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, deploy, machineOf, makeCluster, runOnServers, SERVERS, secretOf } from "./cluster.js";
import { onMachines, waitFor } from "./machine.js";
import { type Answer, mustRun, request, runScript, startConsul } from "./units.js";

/** Policies and tokens of a real Consul: three servers and an agent. */

const consul = suite("services: Consul");
const test = onMachines(consul, "consul");

let cluster: Cluster;
consul.after(() => cluster?.net.stop());

function ask(host: string, path: string, token?: string, method = "GET", body?: unknown): Answer {
  const answer = request(machineOf(cluster, host), method, 8500, path, { token, body });
  if (answer === null) throw new Error(`no answer on ${host}`);
  return answer;
}

const management = () => secretOf(cluster, "cats/consul-management");

interface Named {
  readonly ID: string;
  readonly AccessorID: string;
  readonly Name: string;
  readonly Description: string;
  readonly ModifyIndex: number;
}

/** Everything in the ACL system, with the index of its last change. */
function listAcl(): { readonly policies: readonly Named[]; readonly tokens: readonly Named[] } {
  return {
    policies: ask("cosmo", "acl/policies", management()).body,
    tokens: ask("cosmo", "acl/tokens", management()).body,
  };
}

test("three servers with gossip keys and tokens from their secrets elect a leader; an agent joins", async () => {
  cluster = await makeCluster([...SERVERS, "ari"]);
  await Promise.all([...SERVERS, "ari"].map((name) => startConsul(machineOf(cluster, name))));
  await waitFor("four members", () => ask("cosmo", "agent/members", management()).body.length === 4);
});

test("setup on three servers at once, several times: every policy and token, each once", async () => {
  for (let times = 0; times < 3; times++) await runOnServers(cluster, "consul-setup");
  const { policies, tokens } = listAcl();
  const hosts = [...cluster.plan.hosts.keys()];
  const wanted = ["builtin/global-read-only", "dns", "global-management", "nomad-client", "nomad-server", "operator"];
  assert.equal(policies.map(({ Name }) => Name).sort(), [...wanted, ...hosts.map((name) => `host-${name}`)].sort());
  const own = tokens.filter(({ Description }) => / on /.test(Description));
  assert.is(own.length, 2 * hosts.length);
  assert.equal(
    tokens
      .filter((token) => !own.includes(token))
      .map(({ Description }) => Description)
      .sort(),
    ["Anonymous Token", "Initial Management Token"],
  );
  for (const { name, consulToken, nomad } of cluster.plan.clusters.get("cats")?.acl?.hosts ?? []) {
    const read = ask("maco", `acl/token/${consulToken}`, management()).body;
    assert.is(read.SecretID, secretOf(cluster, `${name}/consul-token`));
    assert.equal(read.Policies.map((policy: Named) => policy.Name).sort(), ["dns", `host-${name}`]);
    const second = ask("maco", `acl/token/${nomad?.token}`, management()).body;
    assert.is(second.SecretID, secretOf(cluster, `${name}/nomad-token`));
    assert.equal(
      second.Policies.map((policy: Named) => policy.Name),
      [SERVERS.includes(name) ? "nomad-server" : "nomad-client"],
    );
  }
});

test("another run changes nothing, a welcome included", async () => {
  const state = () => ({ ...listAcl(), kv: ask("cosmo", "kv/meshflake?recurse", management()).body });
  const before = state();
  assert.is(before.kv.length, 1);
  await runOnServers(cluster, "consul-setup");
  assert.equal(state(), before);
});

test("a policy that somebody changed comes back", async () => {
  const read = () => ask("cosmo", "acl/policy/name/dns", management()).body;
  const before = read();
  ask("cosmo", `acl/policy/${before.ID}`, management(), "PUT", {
    Name: "dns",
    Rules: 'key_prefix "" { policy = "write" }',
  });
  assert.is.not(read().Rules, before.Rules);
  await runOnServers(cluster, "consul-setup");
  assert.is(read().Rules, before.Rules);
});

test("static services of an agent are registered, and the agent's node is", async () => {
  await waitFor("postgres", () => ask("cosmo", "catalog/service/postgres", management()).body.length === 1);
  const [entry] = ask("cosmo", "catalog/service/postgres", management()).body;
  assert.is(entry.Node, "ari");
  assert.is(entry.Address, machineOf(cluster, "ari").address);
});

test("an agent's token writes its own node and services, and no other's", () => {
  const token = secretOf(cluster, "ari/consul-token");
  const register = (node: string, service: string) =>
    ask("ari", "catalog/register", token, "PUT", {
      Node: node,
      Address: "192.0.2.1",
      SkipNodeUpdate: false,
      Service: { Service: service },
    }).status;
  const address = machineOf(cluster, "ari").address;
  assert.is(
    ask("ari", "catalog/register", token, "PUT", { Node: "ari", Address: address, Service: { Service: "postgres" } })
      .status,
    200,
  );
  assert.is(register("ziggy", "grafana"), 403);
  assert.is(register("ari", "grafana"), 403);
  assert.is(ask("ari", "agent/service/register", token, "PUT", { Name: "grafana", Port: 1 }).status, 403);
  assert.is(ask("ari", "kv/x", token, "PUT", "1").status, 403);
  assert.is(ask("ari", "acl/tokens", token).status, 403);
  assert.is(ask("ari", "operator/keyring", token).status, 403);
  assert.is(ask("ari", "kv/meshflake/gossip/toto", token).status, 403);
  assert.is(ask("ari", "kv/meshflake/gossip/toto", secretOf(cluster, "toto/consul-token")).status, 200);
});

test("nobody without a token reads anything over HTTP, but DNS answers", async () => {
  assert.equal(ask("ari", "catalog/nodes").body, []);
  assert.equal(ask("ari", "catalog/services").body, {});
  assert.equal(ask("ari", "agent/members").body, []);
  assert.is(ask("ari", "kv/meshflake?recurse").status, 404);
  assert.is(ask("ari", "kv/meshflake/gossip/toto").status, 403);
  assert.is(ask("ari", "agent/self").status, 403);
  assert.ok(ask("ari", "catalog/nodes", management()).body.length >= 4);
  assert.is(ask("cosmo", "kv/meshflake/gossip/toto", management()).status, 200);
  const script = `const r = new (require("node:dns/promises").Resolver)(); r.setServers(["127.0.0.1:8600"]);
    Promise.all(process.argv.slice(1).map((name) => r.resolve4(name))).then((all) => console.log(JSON.stringify(all.map((one) => one.sort()))))`;
  const names = ["consul.service.consul", "maco.node.consul", "postgres.service.consul"];
  const { code, stdout, stderr } = await machineOf(cluster, "ari").run([process.execPath, "-e", script, ...names]);
  assert.is(code, 0, stderr);
  const addresses = SERVERS.map((name) => machineOf(cluster, name).address);
  assert.equal(JSON.parse(stdout), [
    [...addresses].sort(),
    [machineOf(cluster, "maco").address],
    [machineOf(cluster, "ari").address],
  ]);
});

test("Nomad's client registers what it runs", () => {
  const token = secretOf(cluster, "ari/nomad-token");
  assert.is(ask("ari", "agent/service/register", token, "PUT", { Name: "whatever", Port: 80 }).status, 200);
  assert.is(ask("ari", "agent/self", token).status, 200);
  assert.is(ask("ari", "kv/x", token, "PUT", "1").status, 403);
  assert.is(ask("ari", "agent/service/deregister/whatever", token, "PUT").status, 200);
});

test("a revoked token goes, and one that nobody listed stays", async () => {
  const gone = "7d1f1c3e-1c0b-4a55-9a4c-d0d3b9a2c001";
  const kept = "7d1f1c3e-1c0b-4a55-9a4c-d0d3b9a2c002";
  for (const AccessorID of [gone, kept])
    ask("cosmo", "acl/token", management(), "PUT", { AccessorID, Description: "a person's" });
  const status = (accessor: string) => ask("cosmo", `acl/token/${accessor}`, management()).status;
  assert.equal([gone, kept].map(status), [200, 200]);
  for (const name of SERVERS) deploy(cluster, name, [gone]);
  await runOnServers(cluster, "consul-setup");
  assert.equal([gone, kept].map(status), [403, 200]);
});

test("a server that missed a removal does not bring the tokens of that host back", async () => {
  const { consulToken = "", nomad } =
    cluster.plan.clusters.get("cats")?.acl?.hosts.find(({ name }) => name === "ziggy") ?? {};
  const gone = [consulToken, nomad?.token ?? ""];
  const status = () => gone.map((accessor) => ask("cosmo", `acl/token/${accessor}`, management()).status);
  assert.equal(status(), [200, 200]);
  // Nobody else wants a token that is missing but not revoked to stay away.
  ask("cosmo", `acl/token/${gone[0]}`, management(), "DELETE");
  await mustRun(machineOf(cluster, "maco"), "consul-setup");
  assert.equal(status(), [200, 200]);
  deploy(cluster, "cosmo", gone);
  await mustRun(machineOf(cluster, "cosmo"), "consul-setup");
  assert.equal(status(), [403, 403]);
  const said = await runScript(machineOf(cluster, "maco"), "consul-setup", {}, "once");
  assert.is(said.code, 0, said.stderr);
  assert.match(said.stderr, /the token ziggy\/consul was revoked and stays gone/);
  assert.equal(status(), [403, 403]);
});

consul.run();
