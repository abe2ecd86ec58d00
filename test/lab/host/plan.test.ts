import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planFleet } from "../../../generators/plan/plan.js";
import { wireguardPublicKeyOf } from "../../../generators/secrets/decrypt/public-half.js";
import { planLab } from "../../../lab/plan.js";
import type { LabSpec } from "../../../lab/spec.js";
import { FLEET, planOf, publicHost, SIX, SIX_FLEET } from "../../support/fleets.js";
import { everyHost, makeLabs, textOf } from "./labs.js";

/** What a lab is made of: its own keys, its own tokens, and the fleet's plan otherwise. */

const lab = suite("lab: the plan of a lab");
const labs = await makeLabs();

/** Public keys of hosts, from the private ones. */
function ownKeys(spec: LabSpec): Map<string, string> {
  return new Map(
    spec.hosts.map((host) => [wireguardPublicKeyOf(textOf(host, "/run/agenix/wireguard") ?? "") ?? "", host.name]),
  );
}

function peersOf(spec: LabSpec): string[] {
  return spec.hosts.flatMap(({ networkd }) =>
    Object.values(networkd.netdevs).flatMap((netdev) =>
      "wireguardPeers" in netdev
        ? (netdev.wireguardPeers as { PublicKey: string }[]).map((peer) => peer.PublicKey)
        : [],
    ),
  );
}

lab("every public key belongs to a private key of this lab, or to a device of the fleet's", () => {
  for (const { title, spec, compiled } of labs) {
    const own = ownKeys(spec);
    assert.is(own.size, spec.hosts.length, title);
    const devices = new Set([...compiled.fleet.devices.values()].map(({ publicKey }) => publicKey));
    const peers = peersOf(spec);
    assert.ok(peers.length > 0);
    assert.equal(
      peers.filter((key) => !own.has(key) && !devices.has(key)),
      [],
      title,
    );
  }
});

lab("no key of the fleet's own is there, but the search finds the lab's", () => {
  for (const { title, spec, compiled } of labs) {
    const text = JSON.stringify(spec);
    const keys = [...compiled.plan.hosts.values()].flatMap(({ mesh, age }) => [mesh.publicKey, age]);
    assert.equal(
      keys.filter((key) => key !== null && text.includes(key)),
      [],
      title,
    );
    for (const key of ownKeys(spec).keys()) assert.ok(text.includes(key));
  }
});

lab("two labs of a fleet have no secret in common", () => {
  const [first] = labs;
  if (first === undefined) throw new Error("no fleet");
  const again = JSON.stringify(planLab(first.compiled, { name: "other" }));
  const secrets = everyHost([first]).flatMap(({ host }) =>
    host.files.filter(({ path }) => path.startsWith("/run/agenix/")),
  );
  assert.ok(secrets.length > 40);
  assert.equal(
    secrets.filter(({ text }) => again.includes(text.trim())).map(({ path }) => path),
    [],
  );
  assert.ok(secrets.every(({ mode }) => mode === 0o400));
});

lab("secrets are in files for them alone, and in the lab's own tokens", () => {
  for (const { title, host, lab: of } of everyHost(labs)) {
    const values = host.files.filter(({ path }) => path.startsWith("/run/agenix/")).map(({ text }) => text.trim());
    const { files: _, ...rest } = host;
    const others = JSON.stringify([rest, host.files.filter(({ path }) => !path.startsWith("/run/agenix/"))]);
    assert.equal(
      values.filter((value) => others.includes(value)),
      [],
      title,
    );
    const cluster = of.spec.clusters.find(({ name }) => name === host.cluster);
    const management = textOf(host, "/run/agenix/consul-management")?.trim();
    if (management !== undefined) assert.is(management, cluster?.tokens.consul, title);
  }
});

lab("every secret that a unit wants is there", () => {
  for (const { title, host } of everyHost(labs)) {
    const paths = new Set(host.files.map(({ path }) => path));
    for (const unit of host.units)
      for (const step of unit.before ?? []) {
        const wanted = step.find((argument) => argument.startsWith("/run/agenix/"));
        if (wanted !== undefined) assert.ok(paths.has(wanted), `${title}: ${unit.name} wants ${wanted}`);
      }
  }
});

lab("scripts of units are those of the modules, and can be run", () => {
  for (const { title, host } of everyHost(labs))
    for (const unit of host.units) {
      const scripts = [unit.exec[0], ...(unit.before ?? []).map(([program]) => program)].filter((one) =>
        one?.includes("/"),
      );
      for (const path of scripts) {
        const file = host.files.find((one) => one.path === path);
        assert.is(file?.mode, 0o555, `${title}: ${path}`);
        assert.match(file?.text ?? "", /^#!\/usr\/bin\/env bash\nset -e\n/);
      }
    }
  const text = readFileSync(new URL("../../../modules/services/scripts/nomad-setup.sh", import.meta.url), "utf8");
  assert.ok(everyHost(labs).some(({ host }) => textOf(host, "/run/unit-scripts/nomad-setup-start")?.includes(text)));
});

lab("a lab that runs keeps its keys and tokens when hosts are added", () => {
  const { cosmo, maco, miki, ari, ...late } = SIX;
  if (cosmo === undefined || maco === undefined || miki === undefined || ari === undefined) throw new Error("no hosts");
  const before = planLab({ plan: planOf(SIX_FLEET, { cosmo, maco, miki, ari }) }, { name: "grows" });
  const after = planLab(
    { plan: planOf(SIX_FLEET, { cosmo, maco, miki, ari, ...late }) },
    { name: "grows", previous: before },
  );
  assert.is(after.hosts.length, 6);
  for (const host of before.hosts)
    for (const { path, text } of host.files.filter((file) => file.path.startsWith("/run/agenix/")))
      assert.is(textOf(after.hosts.find(({ name }) => name === host.name) ?? host, path), text, `${host.name} ${path}`);
  assert.equal(after.clusters[0]?.tokens, before.clusters[0]?.tokens);
  const ownAfter = ownKeys(after);
  assert.equal(
    peersOf(after).filter((key) => !ownAfter.has(key)),
    [],
  );
});

lab("a host that came after the gossip key is welcomed by the servers", () => {
  const plan = planOf(SIX_FLEET, SIX);
  const readers = [...plan.hosts.keys()].filter((name) => name !== "ziggy");
  const gossip = { id: "0".repeat(32), readers };
  const lock = { ...plan.lock, clusters: { cats: { secrets: { "consul-gossip": gossip } } } };
  const late = planFleet(plan.fleet, lock);
  const spec = planLab({ plan: late }, { name: "late" });
  const ziggy = spec.hosts.find(({ name }) => name === "ziggy");
  const cosmo = spec.hosts.find(({ name }) => name === "cosmo");
  if (ziggy === undefined || cosmo === undefined) throw new Error("no hosts");
  assert.is(textOf(ziggy, "/run/agenix/consul-gossip"), null);
  assert.ok(ziggy.units.some(({ name }) => name === "consul-welcome"));
  const recipient = /^# public key: (age1\w+)$/m.exec(textOf(ziggy, "/etc/meshflake/identity") ?? "")?.[1];
  assert.ok(recipient !== undefined && textOf(cosmo, "/etc/meshflake/consul.json")?.includes(recipient));
  const again = planLab({ plan: late }, { name: "late", previous: spec });
  assert.ok(JSON.stringify(again).includes(recipient));
});

lab("a part of the fleet needs its servers", () => {
  const [first] = labs;
  if (first === undefined) throw new Error("no fleet");
  assert.throws(
    () => planLab(first.compiled, { name: "part", hosts: ["ari", "cosmo"] }),
    (error: Error) => error instanceof RangeError && error.message.includes("maco, miki"),
  );
  assert.throws(
    () => planLab(first.compiled, { name: "part", hosts: ["nobody"] }),
    (error: Error) => error instanceof RangeError && error.message.includes("nobody"),
  );
  const part = planLab(first.compiled, { name: "part", hosts: ["miki", "ari", "cosmo", "maco"] });
  assert.equal(
    part.hosts.map(({ name }) => name),
    ["ari", "cosmo", "maco", "miki"],
  );
  assert.equal(part.clusters[0]?.hosts, ["ari", "cosmo", "maco", "miki"]);
  assert.is(part.clusters[0]?.links.length, 6);
  assert.equal(part.world.sites.flatMap(({ attachments }) => attachments.map(({ host }) => host)).sort(), [
    "ari",
    "cosmo",
    "maco",
    "miki",
  ]);
});

lab("links are what the plan promises", () => {
  const links = labs[0]?.spec.clusters[0]?.links ?? [];
  assert.is(links.length, 15);
  assert.equal(
    links.find(({ a, b }) => a === "ari" && b === "bianco"),
    {
      a: "ari",
      b: "bianco",
      kind: "relay",
      relays: ["cosmo", "miki"],
    },
  );
  assert.equal(links.find(({ a, b }) => a === "ari" && b === "ziggy")?.kind, "direct");
});

lab("a pair whose relays are not booted has no link", () => {
  const plan = planOf({ ...FLEET, mesh: { ...FLEET.mesh, relays: ["solo"] } }, { ...SIX, solo: publicHost(30) });
  const linkIn = (hosts: readonly string[]) =>
    planLab({ plan }, { name: "part", hosts }).clusters[0]?.links.find(({ a, b }) => a === "ari" && b === "bianco");
  const hosts = ["ari", "bianco", "cosmo", "maco", "miki"];
  assert.equal(linkIn(hosts), { a: "ari", b: "bianco", kind: "none", relays: [] });
  assert.equal(linkIn([...hosts, "solo"]), { a: "ari", b: "bianco", kind: "relay", relays: ["solo"] });
});

lab("what is open to the world is what the plan says", () => {
  const cosmo = labs[0]?.spec.hosts.find(({ name }) => name === "cosmo");
  assert.equal(cosmo?.open, [
    { protocol: "tcp", port: 22 },
    { protocol: "tcp", port: 80 },
    { protocol: "tcp", port: 443 },
    { protocol: "udp", port: 55820 },
  ]);
});

lab.run();
