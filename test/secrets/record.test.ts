import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fleet } from "../../generators/model/fleet.js";
import type { Lock, LockedHost } from "../../generators/model/lock.js";
import { adminsOf, findAdminDrift, printAdmins } from "../../generators/model/made-for.js";
import type { SecretSpec } from "../../generators/model/secrets.js";
import { withSecret, withSecrets } from "../../generators/secrets/lock-entries.js";
import { planSecretWork } from "../../generators/secrets/make/work.js";
import { withAdmins, withWritten } from "../../generators/secrets/record.js";
import { sealOf } from "../../generators/secrets/sealed.js";
import { planOf, type Shape, shapeFleet } from "./support/fleet.js";
import { makeMissing } from "./support/generate.js";

/** Whom files were made for: what the lock says of it, and what follows for those who came or left. Nothing touches a disk. */

const test = suite("secrets/record");

const ONE = "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s";
const TWO = "age16ls3gmzzjcsdnlt96uqu5v47g90m422y2agcf582rgynh3x67fus9up6wh";
const SHAPE: Shape = { admins: { nico: [ONE], eva: [TWO] }, servers: ["cosmo"], agents: ["ari"] };
const BOTH = shapeFleet(SHAPE);
const ALONE = shapeFleet({ ...SHAPE, admins: { nico: [ONE] } });

function specOf(fleet: Fleet, name: string): SecretSpec {
  const spec = planOf(fleet).secrets.get(name);
  if (spec === undefined) throw new Error(`no ${name}`);
  return spec;
}

const prints = (fleet: Fleet, of: string) => printAdmins(adminsOf(fleet), of);
const drift = (fleet: Fleet, lock: Lock) => findAdminDrift(fleet, lock, planOf(fleet, lock).secrets.values());
const all = (fleet: Fleet) => [...planOf(fleet).secrets.values()];

function changeHost(lock: Lock, name: string, change: Partial<LockedHost>): Lock {
  return { ...lock, hosts: { ...lock.hosts, [name]: { ...lock.hosts[name], ...change } } };
}

test("a print is a short hash a recipient, sorted; an admin without one is none", () => {
  const prints = printAdmins({ nico: [ONE], eva: [TWO, ONE] }, "ari");
  assert.equal(prints, { eva: [TWO_PRINT, ONE_PRINT].sort().join(" "), nico: ONE_PRINT });
  assert.is.not(printAdmins({ nico: [ONE] }, "cosmo").nico, ONE_PRINT, "two hosts have nothing in common");
  assert.equal(adminsOf({ admins: [] }), {});
});

/** `printf %s "ari RECIPIENT" | sha256sum | cut -c1-16`. */
const ONE_PRINT = "a20e783fc2f3d00d";
const TWO_PRINT = "bb5cf38a7cbcbb0f";

test("what generate makes of a host's and a cluster's first secrets is noted for all of them, and once", async () => {
  const { lock } = await makeMissing(BOTH);
  for (const [of, block] of [...Object.entries(lock.hosts), ...Object.entries(lock.clusters ?? {})]) {
    assert.equal([block.admins, block.apart], [prints(BOTH, of), undefined]);
  }
  assert.equal(drift(BOTH, lock), []);
  const plan = planOf(BOTH, lock);
  assert.equal(planSecretWork(BOTH, plan.secrets, lock, plan.lock), { lock, missing: [], removed: [] });
});

test("a secret that joins others later is noted by itself, also where it is like them", async () => {
  const { lock: before } = await makeMissing(shapeFleet({ ...SHAPE, agents: [], plain: ["ari"] }));
  const { lock } = await makeMissing(BOTH, before);
  assert.equal(lock.hosts.ari?.admins, prints(BOTH, "ari"));
  assert.equal(lock.hosts.ari?.apart, { "consul-token": prints(BOTH, "ari"), "nomad-token": prints(BOTH, "ari") });
  // Another branch encrypted anew what it knew, and git merged both.
  const merged = changeHost({ ...lock, admins: adminsOf(ALONE) }, "ari", { admins: prints(ALONE, "ari") });
  const others = { ...merged.clusters, cats: { ...merged.clusters?.cats, admins: prints(ALONE, "cats") } };
  const ours = changeHost({ ...merged, clusters: others }, "cosmo", { admins: prints(ALONE, "cosmo") });
  const left = { admin: "eva", kind: "left", known: true };
  assert.equal(drift(ALONE, ours), [{ ...left, owners: [], names: ["ari/consul-token", "ari/nomad-token"] }]);
});

test("a lock from before blocks said it means the lock's admins, and goes on meaning those who were", async () => {
  const { lock } = await makeMissing(BOTH);
  const bare = (blocks: Lock["hosts"]) =>
    Object.fromEntries(Object.entries(blocks).map(([name, { admins: _, ...rest }]) => [name, rest]));
  const old: Lock = { ...lock, hosts: bare(lock.hosts) };
  assert.equal(drift(BOTH, old), []);
  const plan = planOf(BOTH, old);
  assert.equal(planSecretWork(BOTH, plan.secrets, old, plan.lock).lock, old);
  assert.is(sealOf(old, specOf(BOTH, "ari/ssh")), sealOf(lock, specOf(BOTH, "ari/ssh")));
  const next = withAdmins(ALONE, old);
  assert.equal([next.hosts.ari?.admins, next.admins], [prints(BOTH, "ari"), adminsOf(ALONE)]);
});

test("files for somebody who left: the same value is known to them, a new one is not", async () => {
  const { lock } = await makeMissing(BOTH);
  const ssh = specOf(ALONE, "ari/ssh");
  const same = withWritten(ALONE, lock, lock, [ssh]);
  assert.equal(same.rotate, { "ari/ssh": ["admin eva"] });
  assert.equal(same.hosts.ari?.apart, { ssh: prints(ALONE, "ari") });
  assert.is.not(sealOf(same, ssh), sealOf(lock, ssh));
  const renewed = withSecret(lock, ssh, { id: "ssh-ed25519 other", readers: ["ari"] });
  assert.is(withWritten(ALONE, lock, renewed, [ssh]).rotate, undefined);
  // Written once more, nobody is added.
  assert.equal(withWritten(ALONE, same, same, [ssh]).rotate, same.rotate);
});

test("a recipient that an admin gave up counts, and one that they took beside it does not", async () => {
  const moved = shapeFleet({ ...SHAPE, admins: { nico: [ONE], eva: [ONE] } });
  const more = shapeFleet({ ...SHAPE, admins: { nico: [ONE], eva: [TWO, ONE] } });
  const { lock } = await makeMissing(BOTH);
  assert.equal(withWritten(moved, lock, lock, [specOf(moved, "ari/ssh")]).rotate, {
    "ari/ssh": ["admin eva's old key"],
  });
  assert.is(withWritten(more, lock, lock, [specOf(more, "ari/ssh")]).rotate, undefined);
});

test("all files of a block, and all but a few: one note for those alike", async () => {
  const { lock } = await makeMissing(BOTH);
  const own = all(ALONE).filter(({ of }) => of === "ari");
  const whole = withWritten(ALONE, lock, lock, own);
  assert.equal([whole.hosts.ari?.admins, whole.hosts.ari?.apart], [prints(ALONE, "ari"), undefined]);
  const most = withWritten(ALONE, lock, lock, own.slice(1));
  assert.equal(
    [most.hosts.ari?.admins, most.hosts.ari?.apart],
    [prints(ALONE, "ari"), { identity: prints(BOTH, "ari") }],
  );
  const last = withWritten(ALONE, most, most, own.slice(0, 1));
  assert.equal([last.hosts.ari?.admins, last.hosts.ari?.apart], [prints(ALONE, "ari"), undefined]);
  assert.equal(last.rotate, whole.rotate);
});

test("what is gone is not spoken of any more", async () => {
  const { lock } = await makeMissing(BOTH);
  const specs = ["ari/ssh", "ari/consul-token", "cats/consul-gossip"].map((name) => specOf(ALONE, name));
  const noted = withWritten(ALONE, lock, lock, specs);
  assert.equal(Object.keys(noted.hosts.ari?.apart ?? {}), ["ssh", "consul-token"]);
  assert.equal(Object.keys(noted.clusters?.cats?.apart ?? {}), ["consul-gossip"]);
  const gone = withSecrets(
    noted,
    specs.map((spec) => ({ spec, entry: null })),
  );
  assert.equal([gone.hosts.ari?.apart, gone.clusters?.cats?.apart], [undefined, undefined]);
  assert.equal(gone.clusters?.cats?.admins, prints(BOTH, "cats"));
});

test("what is true of all files is not said of each: only what differs from the lock's admins is drift", async () => {
  const { lock } = await makeMissing(BOTH);
  assert.equal(drift(ALONE, lock), []);
  const three = shapeFleet({ ...SHAPE, admins: { ...SHAPE.admins, maria: [ONE] } });
  assert.equal(drift(three, lock), []);
  const behind = changeHost(lock, "ari", { admins: prints(ALONE, "ari") });
  const came = { admin: "eva", kind: "came", known: false, names: [] };
  assert.equal(drift(three, behind), [{ ...came, owners: ["ari"] }]);
});

test.run();
