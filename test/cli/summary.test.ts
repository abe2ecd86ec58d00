import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareFleets } from "../../cli/summary/compare.js";
import { formatMarkdown } from "../../cli/summary/markdown.js";
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
  assert.equal(comparison, { hosts: [], voters: [], names: [], files: { created: 0, updated: 0, deleted: 0 } });
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
    version: 1,
    hosts: { maco: { mesh: "10.10.9.9", wireguard: `${"a".repeat(43)}=`, age: "age1maco" } },
  } as const;
  const next = { version: 1, hosts: { maco: { ...lock.hosts.maco, wireguard: `${"b".repeat(43)}=` } } } as const;
  const comparison = compare(snapshot(HOSTS, next), snapshot(HOSTS, lock));
  assert.equal(
    hostOf(comparison, "maco").keys.map(({ what }) => what),
    ["WireGuard public key"],
  );
  assert.equal(hostOf(comparison, "cosmo").units, [{ unit: "systemd-networkd", action: "restarts" }]);
});

summary("where the old fleet was not valid, files and their units are compared", () => {
  const after = snapshot({ ...HOSTS, cosmo: publicHost(10, { ...VOTER, firewall: { tcp: [443] } }) });
  const comparison = compare(after, { plan: null, views: new Map(), files: BEFORE.files });
  const cosmo = hostOf(comparison, "cosmo");
  assert.is(cosmo.kind, "changed");
  assert.equal(cosmo.files, ["network.nix"]);
  assert.equal(
    cosmo.units.map(({ unit }) => unit),
    ["nftables", "systemd-networkd"],
  );
  assert.is(comparison.hosts.length, 1);
});

summary("text that changed with meshflake alone touches the units of its file", () => {
  const files = new Map(BEFORE.files);
  files.set("modules/hosts/maco/consul.nix", `${files.get("modules/hosts/maco/consul.nix")}# older\n`);
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
