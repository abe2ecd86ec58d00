import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareFleets } from "../../cli/summary/compare.js";
import { formatMarkdown } from "../../cli/summary/markdown.js";
import { stripComments } from "../../cli/summary/meaning.js";
import { formatComparison } from "../../cli/summary/text.js";
import type { FleetComparison, Snapshot } from "../../cli/summary/types.js";
import { colorsFor } from "../../cli/terminal/colors.js";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import type { Lock } from "../../generators/model/lock.js";
import { renderFleet } from "../../generators/render/fleet.js";
import { viewFleet } from "../../generators/render/views/fleet.js";
import { FLEET, pi, planOf, publicHost } from "../support/fleets.js";

const summary = suite("cli: summary");
const plain = colorsFor({ env: {}, isTty: false, off: false });
const RELAYED: FleetInput = { ...FLEET, mesh: { ...FLEET.mesh, relays: ["cosmo", "miki"] } };
const VOTER = { nomad: { server: true }, consul: { server: true } };
const HOSTS: Readonly<Record<string, HostInput>> = {
  cosmo: publicHost(10, VOTER),
  maco: publicHost(11, VOTER),
  miki: publicHost(20, VOTER),
  bianco: pi("cgnat"),
  dino: pi("cgnat"),
};

function snapshot(hosts: Readonly<Record<string, HostInput>>, lock?: Lock, fleet = RELAYED): Snapshot {
  const plan = planOf(fleet, hosts, lock);
  const views = viewFleet(plan);
  return { plan, views, files: new Map(renderFleet(plan, views).map(({ path, text }) => [path, text])) };
}

const BEFORE = snapshot(HOSTS);

function compare(after: Snapshot, before = BEFORE): FleetComparison {
  return compareFleets(before, after, "modules/hosts");
}

function hostOf(comparison: FleetComparison, name: string) {
  const host = comparison.hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`${name} has no change`);
  return host;
}

summary("nothing changes where nothing changed", () => {
  const comparison = compare(snapshot(HOSTS));
  const files = { created: 0, updated: 0, comments: 0, deleted: 0 };
  assert.equal(comparison, { fleet: [], cautions: [], hosts: [], voters: [], names: [], files });
  assert.is(formatComparison(comparison, plain), "");
  assert.match(formatMarkdown("cats", comparison, ""), /Nothing changes\./);
});

summary("a host that comes: peers, hosts behind relays, names, and what reloads", () => {
  const comparison = compare(snapshot({ ...HOSTS, pi4: pi("cgnat") }));
  assert.is(hostOf(comparison, "pi4").kind, "added");
  assert.equal(hostOf(comparison, "cosmo").peersGained, ["pi4"]);
  assert.equal(hostOf(comparison, "maco").units, [{ unit: "systemd-networkd", action: "restarts" }]);
  assert.equal(
    hostOf(comparison, "cosmo").units.map(({ unit, action }) => `${unit} ${action}`),
    ["bird reloads", "systemd-networkd restarts"],
  );
  const { behindGained, peersGained } = hostOf(comparison, "bianco");
  assert.equal(behindGained, ["pi4 behind cosmo on to-cosmo", "pi4 behind miki on to-miki"]);
  assert.equal(peersGained, []);
  assert.is(comparison.names[0]?.gained.length, 1);
  assert.equal(comparison.voters, []);
  const text = formatComparison(comparison, plain);
  assert.match(text, /^\+ pi4 \(new host\)$/m);
  assert.match(text, /^ {4}peers gained: pi4$/m);
});

summary("a host that goes is the reverse", () => {
  const { bianco: _, ...rest } = HOSTS;
  const comparison = compare(snapshot(rest));
  assert.is(hostOf(comparison, "bianco").kind, "removed");
  assert.equal(hostOf(comparison, "maco").peersLost, ["bianco"]);
  assert.match(formatComparison(comparison, plain), /^- bianco \(host goes\)$/m);
});

summary("an address that changes is an endpoint elsewhere", () => {
  const comparison = compare(snapshot({ ...HOSTS, maco: publicHost(99, VOTER) }));
  const own = hostOf(comparison, "maco").addresses.map(({ what }) => what);
  assert.equal(own, ["IPv4", "IPv6", "public IPv4", "public IPv6"]);
  assert.equal(hostOf(comparison, "cosmo").endpoints, [
    { what: "maco", before: "[2001:db8:a::11]:55820", after: "[2001:db8:a::99]:55820" },
  ]);
});

summary("ports that open and close, by where they open to", () => {
  const open = snapshot({ ...HOSTS, cosmo: publicHost(10, { ...VOTER, firewall: { tcp: [443, 8080] } }) });
  const comparison = compare(open);
  assert.equal(hostOf(comparison, "cosmo").opened, ["world tcp 443", "world tcp 8080"]);
  assert.equal(hostOf(comparison, "cosmo").units, [{ unit: "nftables", action: "reloads" }]);
  assert.equal(hostOf(compare(BEFORE, open), "cosmo").closed, ["world tcp 443", "world tcp 8080"]);
  assert.match(formatComparison(comparison, plain), /^ {4}opens to: world tcp 443, 8080$/m);
});

summary("voters: who votes before and after, and who restarts", () => {
  const comparison = compare(snapshot({ ...HOSTS, maco: publicHost(11) }));
  assert.equal(
    comparison.voters.map(({ system, before, after, restarting }) => [system, before.length, after.length, restarting]),
    [
      ["consul", 3, 2, ["cosmo", "miki"]],
      ["nomad", 3, 2, ["cosmo", "miki"]],
    ],
  );
  assert.match(
    formatComparison(comparison, plain),
    /consul of cats: cosmo, maco, miki → cosmo, miki; restarts on cosmo, miki, to be rolled out one at a time/,
  );
});

summary("a network file reloads networkd, and what is both restarts it", () => {
  const [address, gateway4] = ["203.0.113.10/24", "203.0.113.2"];
  const gateway = publicHost(10, { ...VOTER, address: { ...publicHost(10).address, ipv4: address, gateway4 } });
  const one = hostOf(compare(snapshot({ ...HOSTS, cosmo: gateway })), "cosmo");
  assert.equal(one.units, [{ unit: "systemd-networkd", action: "reloads" }]);
  const both = hostOf(compare(snapshot({ ...HOSTS, cosmo: gateway, pi4: pi("home6") })), "cosmo");
  assert.ok(both.units.some(({ unit, action }) => unit === "systemd-networkd" && action === "restarts"));
});

summary("a new key is a key change, and a restart of networkd on the others", () => {
  const lock = {
    version: 2,
    hosts: { maco: { mesh: "10.10.9.9", wireguard: `${"a".repeat(43)}=`, age: "age1maco" } },
  } as const;
  const next = { version: 2, hosts: { maco: { ...lock.hosts.maco, wireguard: `${"b".repeat(43)}=` } } } as const;
  const comparison = compare(snapshot(HOSTS, next), snapshot(HOSTS, lock));
  assert.equal(
    hostOf(comparison, "maco").keys.map(({ what }) => what),
    ["WireGuard public key"],
  );
  assert.equal(hostOf(comparison, "cosmo").units, [{ unit: "systemd-networkd", action: "restarts" }]);
});

summary("where the old fleet was not valid, files are counted and nothing is derived", () => {
  const after = snapshot({ ...HOSTS, cosmo: publicHost(10, { ...VOTER, firewall: { tcp: [443] } }) });
  const comparison = compare(after, { plan: null, views: new Map(), files: BEFORE.files });
  assert.is(comparison.files.updated, 1);
  assert.equal([comparison.hosts, comparison.voters, comparison.names, comparison.fleet], [[], [], [], []]);
  assert.is(formatComparison(comparison, plain), "Generated files: 1 changed");
});

summary("comments alone restart nothing", () => {
  const files = new Map(
    [...BEFORE.files].map(([path, text]) => [path, text.replaceAll(/^(\s*)# .*$/gm, "$1# elsewhere")]),
  );
  const comparison = compare(BEFORE, { ...BEFORE, files });
  assert.ok(comparison.files.updated > 6, "the files do differ");
  assert.is(comparison.files.comments, comparison.files.updated);
  assert.equal([comparison.hosts, comparison.voters], [[], []]);
  assert.match(formatComparison(comparison, plain), /^Generated files: \d+ changed \(in comments alone\)$/);
});

summary("a line that begins like a comment counts inside of a string", () => {
  assert.is(stripComments("# a\n{\n  # b\n  x = 1; # c\n}"), "{\n  x = 1; # c\n}");
  const script = "x = ''\n  #!/bin/sh\n  echo ''$y '''\n  # stays\n'';\n# goes";
  assert.is(stripComments(script), script.slice(0, script.lastIndexOf("\n")));
});

summary("what all hosts share is said once, with the daemons' names", () => {
  const cluster = { cats: { consul: { datacenter: "dc9" }, nomad: { region: "eu" } } };
  const fleet: FleetInput = {
    ...RELAYED,
    domain: "dogs.example.org",
    deploy: { user: "ops", port: 2222 },
    clusters: cluster,
  };
  const comparison = compare(snapshot(HOSTS, undefined, fleet));
  assert.equal(
    comparison.fleet.map(({ what, after }) => `${what} ${after}`),
    [
      "domain dogs.example.org",
      "deploy user ops",
      "SSH port 2222",
      "Consul datacenter of cats dc9",
      "Nomad region of cats eu",
    ],
  );
  assert.match(
    formatComparison(comparison, plain),
    /^All hosts\n {2}domain: cats\.example\.org → dogs\.example\.org$/m,
  );
  assert.match(formatMarkdown("cats", comparison, ""), /^#### All hosts\n\n- domain: /m);
});

summary("time zone, Nomad datacenter and state version of a host, the last with a caution", () => {
  const maco = publicHost(11, {
    nomad: { server: true, datacenter: "attic" },
    consul: { server: true },
    timeZone: "Asia/Tokyo",
    stateVersion: "24.05",
  });
  const comparison = compare(snapshot({ ...HOSTS, maco }));
  assert.equal(
    hostOf(comparison, "maco").facts.map(({ what, after }) => `${what} ${after}`),
    ["Nomad datacenter attic", "time zone Asia/Tokyo", "state version 24.05"],
  );
  assert.is(comparison.cautions.length, 1);
  assert.match(
    formatComparison(comparison, plain),
    /^caution: the state version of maco changes: it must never change on a running host/,
  );
  assert.equal(compare(snapshot({ ...HOSTS, dino2: pi("cgnat") })).cautions, []);
});

summary("a caution where the voters that stay are no majority", () => {
  const without = (...names: string[]) =>
    snapshot({ ...HOSTS, ...Object.fromEntries(names.map((name, i) => [name, publicHost([11, 20][i] ?? 0)])) });
  const one = without("maco");
  const two = without("maco", "miki");
  assert.equal(compare(one).cautions, []);
  assert.equal(compare(BEFORE, one).cautions, []);
  assert.is(compare(two).cautions.length, 2);
  assert.match(
    compare(two).cautions[0] ?? "",
    /^consul of cats: maco, miki stop voting at once, and what stays \(1 of 3\)/,
  );
  assert.match(
    compare(BEFORE, two).cautions[1] ?? "",
    /^nomad of cats: maco, miki begin to vote at once.*one at a time/,
  );
});

summary("text that changed with meshflake alone touches the units of its file", () => {
  const files = new Map(BEFORE.files);
  files.set("modules/hosts/maco/consul.nix", `${files.get("modules/hosts/maco/consul.nix")}{ }\n`);
  const comparison = compare(BEFORE, { ...BEFORE, files });
  assert.equal(hostOf(comparison, "maco").units, [{ unit: "consul", action: "restarts" }]);
  assert.equal(
    comparison.voters.map(({ restarting }) => restarting),
    [["maco"]],
  );
});

summary("Markdown escapes what would be markup, folds the diff, and cuts a long one", () => {
  const comparison = compare(snapshot({ ...HOSTS, pi4: pi("cgnat") }));
  const diff = `--- a\n+++ b\n+ \`\`\`\n${"+ line\n".repeat(20_000)}`;
  const text = formatMarkdown("cats <b>", comparison, diff, "a | b");
  assert.match(text, /^### cats \\<b\\>$/m);
  assert.match(text, /^Note: a \\\| b\.$/m);
  assert.match(text, /^\| pi4 \| new host \| \+\d+ \|/m);
  assert.match(text, /<details>\n<summary>File diff<\/summary>\n\n````diff\n/);
  assert.match(text, /\n````\n\nThe rest is left out/);
  assert.ok(text.length < 65_536);
});

summary.run();
