import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fleet } from "../../generators/model/fleet.js";
import type { HostInput } from "../../generators/model/input.js";
import type { Lock, LockedSecret } from "../../generators/model/lock.js";
import { planSecretWork } from "../../generators/secrets/make/work.js";
import { FLEET, fleetOf, pi, publicHost } from "../support/fleets.js";
import { planOf, type Shape, shapeFleet } from "./support/fleet.js";
import { makeMissing } from "./support/generate.js";

/** What follows from a host, a role or a cluster that goes. Decided from fleet and lock alone: nothing touches a disk. */

const test = suite("secrets/departures");

const ADMINS = { nico: ["age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s"] };
const THREE: Shape = { admins: ADMINS, servers: ["cosmo", "maco", "miki"], agents: ["ari"], plain: ["toto"] };

function work(fleet: Fleet, before: Lock, lost?: ReadonlySet<string>) {
  const plan = planOf(fleet, before);
  return planSecretWork(fleet, plan.secrets, before, plan.lock, lost);
}

function idsOf(lock: Lock, host: string): string[] {
  const secrets = lock.hosts[host]?.secrets ?? {};
  return ["consul-token", "nomad-token"].map((slug) => secrets[slug]?.id ?? "");
}

test("an agent that goes: its tokens are revoked, and the gossip key is to be rotated", async () => {
  const { lock: before } = await makeMissing(shapeFleet(THREE));
  const { lock, missing, removed } = work(shapeFleet({ ...THREE, agents: [] }), before);
  assert.equal(missing, []);
  assert.equal(
    removed,
    ["consul-token", "identity", "nomad-token", "ssh", "wireguard"].map((slug) => `ari/${slug}`),
  );
  assert.not.ok("ari" in lock.hosts);
  assert.equal(lock.revoked, idsOf(before, "ari").sort());
  assert.equal(lock.rotate, { "cats/consul-gossip": ["host ari"] });
  assert.equal(lock.clusters?.cats?.secrets?.["consul-gossip"]?.readers, ["cosmo", "maco", "miki"]);
  assert.is(lock.clusters?.cats?.secrets?.["consul-gossip"]?.id, before.clusters?.cats?.secrets?.["consul-gossip"]?.id);
  const again = work(shapeFleet({ ...THREE, agents: [] }), lock);
  assert.equal([again.lock.rotate, again.lock.revoked, again.removed], [lock.rotate, lock.revoked, []]);
});

test("an agent that came after the gossip key was encrypted knew it as well", async () => {
  const { lock: early } = await makeMissing(shapeFleet({ ...THREE, agents: [] }));
  const { lock: before } = await makeMissing(shapeFleet(THREE), early);
  assert.not.ok(before.clusters?.cats?.secrets?.["consul-gossip"]?.readers.includes("ari"));
  const { lock } = work(shapeFleet({ ...THREE, agents: [] }), before);
  assert.equal(lock.rotate, { "cats/consul-gossip": ["host ari"] });
});

test("a host without daemons knew nothing of others", async () => {
  const { lock: before } = await makeMissing(shapeFleet(THREE));
  const { lock, removed } = work(shapeFleet({ ...THREE, plain: [] }), before);
  assert.equal([lock.rotate, lock.revoked, removed.length], [undefined, undefined, 5]);
});

test("a server that goes knew the gossip keys, the management tokens and everybody's tokens", async () => {
  const { lock: before } = await makeMissing(shapeFleet({ ...THREE, shared: ["db"] }));
  const { lock } = work(shapeFleet({ ...THREE, servers: ["cosmo", "maco"] }), before);
  const cluster = ["consul-gossip", "consul-management", "nomad-gossip", "nomad-management"].map((s) => `cats/${s}`);
  const tokens = ["ari", "cosmo", "maco"].flatMap((host) => [`${host}/consul-token`, `${host}/nomad-token`]);
  assert.equal(Object.keys(lock.rotate ?? {}).sort(), [...tokens, ...cluster].sort());
  for (const who of Object.values(lock.rotate ?? {})) assert.equal(who, ["host miki"]);
  assert.not.ok(JSON.stringify(lock.clusters).includes("miki"));
  assert.not.ok(JSON.stringify(lock.hosts).includes("miki"));
});

test("own secrets of others that it read are to be rotated, its own go, and what retires is revoked too", async () => {
  const shape: Shape = { ...THREE, shared: ["db"], own: { ari: ["mail"] } };
  const { lock: made } = await makeMissing(shapeFleet(shape));
  const own = (readers: string[]): LockedSecret => ({ id: "0".repeat(32), readers });
  const token = made.hosts.ari?.secrets?.["consul-token"] as LockedSecret;
  const before: Lock = {
    ...made,
    clusters: { cats: { secrets: { ...made.clusters?.cats?.secrets, db: own(["ari", "cosmo"]) } } },
    hosts: {
      ...made.hosts,
      ari: {
        ...made.hosts.ari,
        secrets: { ...made.hosts.ari?.secrets, mail: own(["ari"]), "consul-token": { ...token, retiring: ["older"] } },
      },
    },
    rotate: { "ari/consul-token": ["admin ana"], "cats/db": ["admin ana"] },
  };
  const { lock, removed } = work(shapeFleet({ ...shape, agents: [], own: {} }), before);
  assert.ok(removed.includes("ari/mail"));
  assert.equal(lock.clusters?.cats?.secrets?.db?.readers, ["cosmo"]);
  assert.equal(lock.rotate, { "cats/consul-gossip": ["host ari"], "cats/db": ["admin ana", "host ari"] });
  assert.equal(lock.revoked, [...idsOf(before, "ari"), "older"].sort());
});

test("an identity taken out of the lock: all of the host's own is made anew, and what it shared is to be rotated", async () => {
  const fleet = shapeFleet({ ...THREE, own: { miki: ["mail"] } });
  const { lock: made } = await makeMissing(fleet);
  const { age: _, ...rest } = made.hosts.miki ?? {};
  const mail: LockedSecret = { id: "0".repeat(32), readers: ["miki"] };
  const before: Lock = { ...made, hosts: { ...made.hosts, miki: { ...rest, secrets: { ...rest.secrets, mail } } } };
  const { lock, missing, removed } = work(fleet, before);
  assert.equal(removed, []);
  assert.equal(missing.map(({ slug }) => slug).sort(), ["consul-token", "identity", "nomad-token", "ssh", "wireguard"]);
  assert.equal(lock.revoked, idsOf(before, "miki").sort());
  assert.equal(lock.rotate?.["miki/mail"], ["host miki"]);
  assert.equal(lock.rotate?.["cats/nomad-gossip"], ["host miki"]);
  assert.equal(lock.rotate?.["ari/consul-token"], ["host miki"]);
  assert.is(lock.rotate?.["miki/consul-token"], undefined);
  const { lock: after } = await makeMissing(fleet, before);
  assert.equal(after.hosts.miki?.secrets?.["consul-token"]?.readers, ["cosmo", "maco", "miki"]);
  assert.equal(after.hosts.miki?.secrets?.mail?.readers, []);
  assert.equal(after.hosts.ari?.secrets?.["consul-token"]?.readers, ["ari", "cosmo", "maco"]);
  assert.is.not(after.hosts.miki?.wireguard, made.hosts.miki?.wireguard);
  assert.is.not(after.hosts.miki?.ssh, made.hosts.miki?.ssh);
  assert.is(after.hosts.miki?.mesh, made.hosts.miki?.mesh);
});

test("a token that another branch made for a server which is gone since is to be rotated", async () => {
  const { lock: made } = await makeMissing(shapeFleet(THREE));
  const { miki: _, ...hosts } = made.hosts;
  const { lock, removed } = work(shapeFleet({ ...THREE, servers: ["cosmo", "maco"] }), { ...made, hosts });
  assert.equal(removed, []);
  assert.equal(lock.rotate?.["ari/consul-token"], ["host miki"]);
  assert.equal(lock.hosts.ari?.secrets?.["consul-token"]?.readers, ["ari", "cosmo", "maco"]);
});

test("a role that goes takes its tokens along; who could read stays written down", async () => {
  const { lock: before } = await makeMissing(shapeFleet(THREE));
  const noAgent = work(shapeFleet({ ...THREE, agents: [], plain: ["ari", "toto"] }), before);
  assert.equal(noAgent.removed, ["ari/consul-token", "ari/nomad-token"]);
  assert.equal(noAgent.lock.revoked, idsOf(before, "ari").sort());
  assert.is(noAgent.lock.hosts.ari?.secrets, undefined);
  assert.ok(noAgent.lock.clusters?.cats?.secrets?.["consul-gossip"]?.readers.includes("ari"));
  const noServer = work(shapeFleet({ ...THREE, servers: ["cosmo", "maco"], agents: ["ari", "miki"] }), before);
  assert.equal([noServer.removed, noServer.lock.revoked, noServer.lock.rotate], [[], undefined, undefined]);
  assert.ok(noServer.lock.clusters?.cats?.secrets?.["consul-management"]?.readers.includes("miki"));
});

test("a cluster that is gone takes its secrets along", async () => {
  const server: Partial<HostInput> = { nomad: { server: true }, consul: { server: true } };
  const input = { ...FLEET, admins: { nico: { sshKeys: [], age: ADMINS.nico } } };
  const { mesh: _, ...rest } = input;
  const clusters = { cats: { mesh: FLEET.mesh }, dogs: { mesh: { ...FLEET.mesh, ipv4: "10.20.0.0/16" } } };
  const hosts = {
    cosmo: publicHost(10, { ...server, cluster: "cats" }),
    rex: publicHost(11, { ...server, cluster: "dogs" }),
  };
  const both = fleetOf({ ...rest, clusters } as unknown as typeof FLEET, hosts);
  const { lock: before } = await makeMissing(both);
  assert.equal(Object.keys(before.clusters ?? {}).sort(), ["cats", "dogs"]);
  const one = fleetOf({ ...rest, clusters: { cats: clusters.cats } } as unknown as typeof FLEET, {
    cosmo: hosts.cosmo,
  });
  const { lock, removed } = work(one, before);
  assert.equal(Object.keys(lock.clusters ?? {}), ["cats"]);
  assert.is(removed.filter((name) => name.startsWith("dogs/")).length, 4);
  assert.is(removed.filter((name) => name.startsWith("rex/")).length, 5);
  assert.equal(lock.clusters?.cats, before.clusters?.cats);
  assert.is(lock.rotate, undefined);
});

test("own secrets that nothing declares stay until their file is gone, too", async () => {
  const { lock: made } = await makeMissing(shapeFleet(THREE));
  const old: LockedSecret = { id: "0".repeat(32), readers: ["ari"] };
  const ari = { ...made.hosts.ari, secrets: { ...made.hosts.ari?.secrets, old } };
  const before: Lock = { ...made, hosts: { ...made.hosts, ari }, rotate: { "ari/old": ["admin ana"] } };
  assert.equal(work(shapeFleet(THREE), before).lock.hosts.ari, ari);
  const { lock } = work(shapeFleet(THREE), before, new Set(["ari/old"]));
  assert.equal(lock.hosts.ari, made.hosts.ari);
  assert.is(lock.rotate, undefined);
});

test("a pi that becomes another host is two: one gone, one new", async () => {
  const admins = { nico: { sshKeys: [], age: ADMINS.nico } };
  const before = (
    await makeMissing(fleetOf({ ...FLEET, admins }, { ari: pi("home6", { consul: false, nomad: false }) }))
  ).lock;
  const { missing, removed } = work(
    fleetOf({ ...FLEET, admins }, { ziggy: pi("home6", { consul: false, nomad: false }) }),
    before,
  );
  assert.equal(
    missing.map(({ of }) => of),
    ["ziggy", "ziggy", "ziggy"],
  );
  assert.ok(removed.every((name) => name.startsWith("ari/")));
});

test.run();
