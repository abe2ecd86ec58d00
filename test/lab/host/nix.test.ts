import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../../generators/compile.js";
import { planFleet } from "../../../generators/plan/plan.js";
import { viewFleet } from "../../../generators/render/views/fleet.js";
import { planServices } from "../../../lab/host/daemons/services.js";
import { DIFFERENCES, explain } from "../../../lab/host/differences.js";
import { makeLabSecrets, secretsOf } from "../../../lab/host/secrets.js";
import { planLab, readScripts } from "../../../lab/plan.js";
import { compareFacts, type Facts, nixosFacts, readFacts } from "./facts.js";
import { labFacts } from "./lab-facts.js";

/**
 * The lab's hosts against NixOS's own evaluation of the generated modules. `node scripts/lab-facts.mjs` writes the facts that
 * the variable MESHFLAKE_NIXOS_FACTS names.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const file = process.env.MESHFLAKE_NIXOS_FACTS ?? "";
const lab = suite("lab: hosts as NixOS has them");

const compiled = await compileFleet(root);
const spec = planLab(compiled, { name: "compared" });
const { lock } = makeLabSecrets(compiled.plan, new Set(compiled.plan.hosts.keys()), secretsOf(spec));
const plan = planFleet(compiled.fleet, lock);
const views = viewFleet(plan);

/** Names for WireGuard's public keys: the fleet's on NixOS, the lab's in a lab. */
function namer(of: typeof plan): (key: string) => string {
  const names = new Map([...of.hosts].map(([name, { mesh }]) => [mesh.publicKey ?? "", `key of ${name}`]));
  return (key) => names.get(key) ?? key;
}

function factsOfLab(name: string): Facts {
  const own = plan.hosts.get(name);
  const view = views.get(name);
  const host = spec.hosts.find((one) => one.name === name);
  if (own === undefined || view === undefined || host === undefined) throw new Error(`no host ${name}`);
  return labFacts(host, planServices(own, view, readScripts()), namer(plan));
}

if (!existsSync(file)) {
  console.log("not tried: MESHFLAKE_NIXOS_FACTS names no file; scripts/lab-facts.mjs writes one");
} else {
  const facts = readFacts(file);

  lab("every host of the fleet was evaluated", () => {
    assert.equal([...facts.keys()].sort(), [...plan.hosts.keys()]);
  });

  lab("files, rules, units and kernel settings differ where the list says so, and nowhere else", () => {
    const found = new Set<string>();
    const unexplained: string[] = [];
    for (const [name, given] of facts) {
      const nixos = nixosFacts(given, namer(compiled.plan));
      const own = factsOfLab(name);
      for (const where of compareFacts(nixos, own)) {
        const why = explain(where);
        if (why !== undefined) found.add(why.why);
        else unexplained.push(`${name} ${where}: ${nixos.get(where)} on NixOS, ${own.get(where)} in the lab`);
      }
    }
    assert.equal(unexplained, []);
    const idle = DIFFERENCES.filter((one) => one.reference !== false && !found.has(one.why)).map(
      ({ where }) => where.source,
    );
    assert.equal(idle, [], "the list names what does not differ");
  });

  lab("before Consul starts, its own module's part comes last, whole", () => {
    const scripts = readScripts();
    for (const [name, { units }] of facts)
      assert.ok(units.consul?.preStart.endsWith(scripts.keyring + scripts["consul-secrets"]), name);
  });

  lab("the comparison sees a port, a peer, a script and a setting that differ", () => {
    const given = facts.get("cosmo");
    if (given === undefined) throw new Error("no facts of cosmo");
    const changed = factsOfLab("cosmo");
    for (const where of [
      "rules:nixos-fw",
      "networkd:40-mesh.netdev:WireGuardPeer:AllowedIPs",
      "unit:consul-setup:ExecStart",
      "file:/etc/consul.json:bootstrap_expect",
      "file:/etc/unbound/unbound.conf:server.interface",
      "file:/etc/resolv.conf",
    ]) {
      assert.ok(changed.has(where), where);
      changed.set(where, `${changed.get(where)} and more`);
      assert.ok(compareFacts(nixosFacts(given, namer(compiled.plan)), changed).includes(where), where);
      assert.is(explain(where), undefined);
    }
  });
}

lab("no two differences have the same reason", () => {
  assert.is(new Set(DIFFERENCES.map(({ why }) => why)).size, DIFFERENCES.length);
});

lab.run();
