import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EMPTY_LOCK, type Lock, type LockedSecret } from "../../generators/model/lock.js";
import { planSecretFiles } from "../../generators/plan/secrets.js";
import { FLEET, fleetOf, pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";

/** Which secrets there are, who is to read each, and what follows where somebody cannot yet. */

const secrets = suite("plan: secrets");

function readersIn(fleet: typeof FLEET, hosts: typeof SIX): Record<string, readonly string[]> {
  return Object.fromEntries([...planSecretFiles(fleetOf(fleet, hosts))].map(([name, { readers }]) => [name, readers]));
}

function namesOf(plan: ReturnType<typeof planOf>, host: string): string[] {
  return (plan.hosts.get(host)?.secrets ?? []).map(({ name }) => name);
}

/** A lock as `generate` leaves it for these hosts, encrypted to exactly those who are to read. */
function lockOf(hosts: typeof SIX): Lock {
  const specs = [...planSecretFiles(fleetOf(SIX_FLEET, hosts)).values()];
  const entries = (of: string): Record<string, LockedSecret> =>
    Object.fromEntries(
      specs
        .filter((spec) => spec.of === of && !["identity", "ssh", "wireguard"].includes(spec.kind))
        .map(({ slug, name, readers }) => [slug, { id: name, readers }]),
    );
  return {
    ...EMPTY_LOCK,
    hosts: Object.fromEntries(
      Object.keys(hosts).map((name) => [
        name,
        { age: `age-${name}`, ssh: name, wireguard: name, secrets: entries(name) },
      ]),
    ),
    clusters: { cats: { secrets: entries("cats") } },
  };
}

secrets("a file is for the hosts that use it: servers read tokens, since they install them", () => {
  const readers = readersIn(SIX_FLEET, SIX);
  const servers = ["cosmo", "maco", "miki"];
  assert.equal(readers["bianco/identity"], []);
  assert.equal(readers["bianco/ssh"], ["bianco"]);
  assert.equal(readers["bianco/wireguard"], ["bianco"]);
  assert.equal(readers["bianco/consul-token"], ["bianco", ...servers]);
  assert.equal(readers["cosmo/nomad-token"], servers);
  assert.equal(readers["cats/consul-gossip"], Object.keys(SIX).sort());
  assert.equal(readers["cats/consul-management"], servers);
  assert.equal(readers["cats/nomad-gossip"], servers);
  assert.equal(readers["cats/nomad-management"], servers);
  assert.is(Object.keys(readers).length, 6 * 5 + 4);
});

secrets("a daemon that is not there has no secrets", () => {
  const only = readersIn(FLEET, { a: pi("nat", { nomad: false, consul: false }) });
  assert.equal(Object.keys(only), ["a/identity", "a/ssh", "a/wireguard"]);
  const plan = planOf(FLEET, { a: pi("nat", { nomad: false, consul: false }) });
  assert.equal(namesOf(plan, "a"), ["ssh", "wireguard"]);
  assert.is(plan.clusters.get("cats")?.acl, null);
});

secrets("before anything is made, the plan is the one that generate will make", () => {
  const plan = planOf(SIX_FLEET, SIX);
  assert.equal(namesOf(plan, "bianco"), ["ssh", "wireguard", "consul-token", "nomad-token", "consul-gossip"]);
  assert.equal(namesOf(plan, "cosmo").slice(-3), ["consul-management", "nomad-gossip", "nomad-management"]);
  assert.is(plan.hosts.get("cosmo")?.consul?.installs, true);
  assert.is(plan.hosts.get("bianco")?.consul?.gossip, "file");
});

secrets("a host that comes later asks the servers for the gossip key, and nothing that is shared changes", () => {
  const before = lockOf(SIX);
  const hosts = { ...SIX, late: pi("cgnat") };
  const lock = {
    ...before,
    hosts: { ...before.hosts, late: { ...lockOf({ late: pi("cgnat") }).hosts.late, age: "age1late" } },
  };
  const own = { id: "late", readers: ["cosmo", "late", "maco", "miki"] };
  lock.hosts.late = { ...lock.hosts.late, secrets: { "consul-token": own, "nomad-token": own } };
  const plan = planOf(SIX_FLEET, hosts, lock);
  assert.is(plan.hosts.get("late")?.consul?.gossip, "servers");
  assert.not(namesOf(plan, "late").includes("consul-gossip"));
  assert.is(plan.hosts.get("cosmo")?.consul?.installs, true);
  const acl = plan.clusters.get("cats")?.acl;
  assert.is(acl?.hosts.find(({ name }) => name === "late")?.recipient, "age1late");
  assert.is(acl?.hosts.find(({ name }) => name === "bianco")?.recipient, null);
  assert.is(plan.hosts.get("bianco")?.consul?.gossip, "file");
});

secrets("a new server installs nothing before it can read all that this takes", () => {
  const hosts = { ...SIX, bianco: pi("cgnat", { consul: { server: true }, nomad: { server: true } }) };
  const plan = planOf(SIX_FLEET, hosts, lockOf(SIX));
  const bianco = plan.hosts.get("bianco");
  assert.is(bianco?.consul?.server, true);
  assert.is(bianco?.consul?.installs, false);
  assert.is(bianco?.nomad?.installs, false);
  assert.not(namesOf(plan, "bianco").includes("consul-management"));
  assert.is(plan.hosts.get("cosmo")?.consul?.installs, true);
});

secrets("a new server that can read everything but the gossip keys installs nothing either", () => {
  const hosts = { ...SIX, bianco: pi("cgnat", { consul: { server: true }, nomad: { server: true } }) };
  const all = lockOf(hosts);
  const files = all.clusters?.cats?.secrets ?? {};
  const withOld = (slug: string): typeof all => {
    const { id = "", readers = [] } = files[slug] ?? {};
    const old = { id, readers: readers.filter((name) => name !== "bianco") };
    return { ...all, clusters: { cats: { secrets: { ...files, [slug]: old } } } };
  };
  const installs = (lock: typeof all) => {
    const bianco = planOf(SIX_FLEET, hosts, lock).hosts.get("bianco");
    return [bianco?.consul?.installs, bianco?.nomad?.installs];
  };
  assert.equal(installs(all), [true, true]);
  assert.equal(installs(withOld("consul-gossip")), [false, true]);
  assert.equal(installs(withOld("nomad-gossip")), [true, false]);
});

secrets("who can read a file and should not any more does not list it", () => {
  const hosts = { ...SIX, miki: publicHost(20) };
  const plan = planOf(SIX_FLEET, hosts, lockOf(SIX));
  assert.not(namesOf(plan, "miki").includes("consul-management"));
  assert.is(plan.hosts.get("miki")?.consul?.installs, false);
});

secrets("own secrets: on a host, for a cluster or for some of its hosts, and only once they have a value", () => {
  const fleet = {
    ...SIX_FLEET,
    secrets: { "smtp-password": { hosts: ["cosmo", "bianco"], owner: "grafana" }, all: {} },
  };
  const hosts = { ...SIX, bianco: pi("cgnat", { secrets: { db: { mode: "440", restart: ["postgresql.service"] } } }) };
  const readers = readersIn(fleet, hosts);
  assert.equal(readers["cats/smtp-password"], ["bianco", "cosmo"]);
  assert.equal(readers["cats/all"], Object.keys(SIX).sort());
  assert.equal(readers["bianco/db"], ["bianco"]);
  const before = lockOf(SIX);
  assert.not(namesOf(planOf(fleet, hosts, before), "bianco").includes("db"));
  const { bianco } = before.hosts;
  const set = { db: { id: "1", readers: ["bianco"] }, ...bianco?.secrets };
  const shared = { ...before.clusters?.cats?.secrets, "smtp-password": { id: "2", readers: ["bianco", "cosmo"] } };
  const lock = {
    ...before,
    hosts: { ...before.hosts, bianco: { ...bianco, secrets: set } },
    clusters: { cats: { secrets: shared } },
  };
  const plan = planOf(fleet, hosts, lock);
  const db = plan.hosts.get("bianco")?.secrets.find(({ name }) => name === "db");
  assert.is(db?.mode, "0440");
  assert.is(db?.file, "secrets/bianco/db.age");
  assert.equal(db?.restart, ["postgresql.service"]);
  const smtp = plan.hosts.get("cosmo")?.secrets.find(({ name }) => name === "smtp-password");
  assert.is(smtp?.owner, "grafana");
  assert.is(smtp?.file, "secrets/cats/smtp-password.age");
  assert.not(namesOf(plan, "maco").includes("smtp-password"));
  assert.not(namesOf(plan, "cosmo").includes("all"));
});

secrets("clusters have secrets of their own", () => {
  const fleet = {
    ...FLEET,
    clusters: { prod: {}, dev: { mesh: { ipv4: "10.20.0.0/16", port: 51821 }, secrets: { seed: {} } } },
    secrets: { shared: {} },
  };
  const server = { consul: { server: true }, nomad: { server: true } };
  const readers = readersIn(fleet, {
    p: publicHost(1, { cluster: "prod", ...server }),
    d: publicHost(2, { cluster: "dev", ...server }),
  });
  assert.equal(readers["prod/consul-gossip"], ["p"]);
  assert.equal(readers["dev/consul-gossip"], ["d"]);
  assert.equal(readers["p/consul-token"], ["p"]);
  assert.equal(readers["prod/shared"], ["p"]);
  assert.equal(readers["dev/shared"], ["d"]);
  assert.is(readers["prod/seed"], undefined);
});

secrets.run();
