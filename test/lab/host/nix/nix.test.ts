import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../../../generators/compile.js";
import { planFleet } from "../../../../generators/plan/plan.js";
import type { FleetPlan } from "../../../../generators/plan/types.js";
import { viewFleet } from "../../../../generators/render/views/fleet.js";
import { planServices } from "../../../../lab/host/daemons/services.js";
import { DIFFERENCES, explain } from "../../../../lab/host/differences.js";
import { makeLabSecrets, secretsOf } from "../../../../lab/host/secrets.js";
import { planLab, readScripts } from "../../../../lab/plan.js";
import { PACKAGE } from "../../../cli/process.js";
import { findFacts } from "./evaluated.js";
import { compareFacts, type Facts, nixosFacts, readFacts } from "./facts.js";
import { labFacts } from "./lab-facts.js";

/**
 * The lab's hosts against NixOS's own evaluation of the generated modules: with Nix where it is installed, or with the facts that
 * `node scripts/lab-facts.mjs` wrote, and that the variable MESHFLAKE_NIXOS_FACTS names.
 */

const lab = suite("lab: hosts as NixOS has them");

/** A host on both sides. */
interface Pair {
  readonly title: string;
  readonly nixos: Facts;
  readonly lab: Facts;
}

/** Names for WireGuard's public keys: the fleet's on NixOS, the lab's in a lab. */
function namer(of: FleetPlan): (key: string) => string {
  const names = new Map([...of.hosts].map(([name, { mesh }]) => [mesh.publicKey ?? "", `key of ${name}`]));
  return (key) => names.get(key) ?? key;
}

/** What a lab of the fleet in a folder has of each host. */
async function readFleet(folder: string) {
  const compiled = await compileFleet(join(PACKAGE, folder));
  const spec = planLab(compiled, { name: "compared" });
  const { lock } = makeLabSecrets(compiled.plan, new Set(compiled.plan.hosts.keys()), secretsOf(spec));
  const plan = planFleet(compiled.fleet, lock);
  const views = viewFleet(plan);
  const factsOf = (name: string): Facts => {
    const own = plan.hosts.get(name);
    const view = views.get(name);
    const host = spec.hosts.find((one) => one.name === name);
    if (own === undefined || view === undefined || host === undefined) throw new Error(`no host ${name}`);
    return labFacts(host, planServices(own, view, readScripts()), namer(plan));
  };
  return { factsOf, nameKey: namer(compiled.plan) };
}

async function readPairs(file: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const [folder, hosts] of readFacts(file)) {
    const { factsOf, nameKey } = await readFleet(folder);
    for (const [name, given] of hosts)
      pairs.push({ title: `${folder} ${name}`, nixos: nixosFacts(given, nameKey), lab: factsOf(name) });
  }
  return pairs;
}

/** What differs and is not explained, where the lab has something else. */
function unexplained(pair: Pair, where: string, changed: Partial<Record<"nixos" | "lab", string>>): boolean {
  const nixos = changed.nixos ?? pair.nixos.get(where);
  const own = changed.lab ?? pair.lab.get(where);
  return explain(where, nixos, own) === undefined;
}

const found = findFacts();
if ("why" in found) console.log(`not tried: ${found.why}`);
else {
  const pairs = await readPairs(found.file);

  lab("files, rules, units and kernel settings differ where the list says so, as it says, and nowhere else", () => {
    assert.ok(pairs.length > 0);
    const seen = new Set<string>();
    const unknown: string[] = [];
    for (const { title, nixos, lab: own } of pairs) {
      for (const where of compareFacts(nixos, own)) {
        const why = explain(where, nixos.get(where), own.get(where))?.why;
        if (why !== undefined) seen.add(why);
        else unknown.push(`${title} ${where}: ${nixos.get(where)} on NixOS, ${own.get(where)} in the lab`);
      }
    }
    assert.equal(unknown, []);
    const idle = DIFFERENCES.filter((one) => one.reference !== false && !seen.has(one.why));
    assert.equal(
      idle.map(({ where }) => where.source),
      [],
      "the list names what does not differ",
    );
  });

  lab("the comparison sees a port, a peer, a script and a setting that differ", () => {
    const [pair] = pairs.filter(({ title }) => title === ". cosmo");
    if (pair === undefined) throw new Error("no facts of cosmo");
    for (const where of [
      "rules:nixos-fw",
      "networkd:40-mesh.netdev:WireGuardPeer:AllowedIPs",
      "unit:consul-setup:ExecStart",
      "unit:bird:ExecReload",
      "file:/etc/consul.json:bootstrap_expect",
      "file:/etc/unbound/unbound.conf:server.interface",
      "file:/etc/resolv.conf",
    ]) {
      const changed = new Map(pair.lab);
      assert.ok(changed.has(where), where);
      changed.set(where, `${changed.get(where)} and more`);
      assert.ok(compareFacts(pair.nixos, changed).includes(where), where);
      assert.ok(unexplained(pair, where, { lab: changed.get(where) ?? "" }), where);
    }
  });

  lab("another change where something differs anyway is no excuse: in the lab, everywhere", () => {
    for (const pair of pairs)
      for (const where of compareFacts(pair.nixos, pair.lab))
        assert.ok(
          unexplained(pair, where, { lab: `${pair.lab.get(where) ?? ""} planted` }) || /passwd|group/.test(where),
          `${pair.title} ${where}`,
        );
  });

  lab(
    "another change where something differs anyway is no excuse: on NixOS, wherever its settings are the fleet's",
    () => {
      const [pair] = pairs.filter(({ title }) => title === ". cosmo");
      if (pair === undefined) throw new Error("no facts of cosmo");
      for (const [where, change] of [
        ["unit:bird:ExecStart", (text: string) => `${text} -s /run/other`],
        ["unit:nomad:ExecStart", (text: string) => `${text} -config=/etc/more.json`],
        ["unit:nomad:after", (text: string) => text.replace("consul.service", "")],
        ["unit:consul:after", (text: string) => `${text} unbound.service`],
        ["unit:consul:preStart", (text: string) => text.replace("umask 077", "umask 022")],
        ["unit:consul:preStart", (text: string) => text.replace("delim", 'echo "$delim x"\ndelim')],
        ["unit:consul:ExecReload", (text: string) => text.replace("HUP", "TERM")],
        ["unit:nomad:KillMode", () => "control-group"],
        ["unit:consul-setup:Type", () => "oneshot"],
        ["file:/etc/nsswitch.conf", (text: string) => text.replace(/^hosts:.*$/m, "hosts: dns")],
      ] as const) {
        const given = pair.nixos.get(where);
        if (given === undefined) throw new Error(`NixOS has no ${where}`);
        assert.not.ok(unexplained(pair, where, {}), `${where} is as always`);
        assert.ok(unexplained(pair, where, { nixos: change(given) }), where);
      }
    },
  );
}

lab("no two differences have the same reason", () => {
  assert.is(new Set(DIFFERENCES.map(({ why }) => why)).size, DIFFERENCES.length);
});

lab.run();
