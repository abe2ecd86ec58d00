import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Leaving, LOCK_VERSION } from "../../generators/model/lock.js";
import { checkHetzner } from "../../pulumi/checks/hetzner.js";
import { HetznerServer } from "../../pulumi/components/hetzner.js";
import { HetznerProject } from "../../pulumi/components/hetzner-project.js";
import type { Inventory } from "../../pulumi/hetzner/inventory.js";
import { makeInOrder } from "../../pulumi/machines.js";
import type { CloudView } from "../../pulumi/plan/types.js";
import { FLEET, planOf } from "../support/fleets.js";
import { EMPTY_HETZNER, server, viewOf, voter } from "./clouds.js";
import { type Registered, record } from "./record.js";

/** Every option that protects a server at Hetzner, as the program registers it. */

const hetzner = suite("pulumi: hetzner");

function make(view: CloudView, inventory: Inventory = EMPTY_HETZNER): Promise<ReadonlyMap<string, Registered>> {
  return record(() => {
    const project = new HetznerProject(view, inventory);
    makeInOrder(view.machines, (one, after) => {
      if (one.platform !== "hetznerVm") throw new Error(`${one.host} is elsewhere`);
      const { output, server: resource } = new HetznerServer(one, project, { dependsOn: [...after] });
      return { output, resource };
    });
  });
}

/** One of what was registered. @throws Error where it was not */
function get(all: ReadonlyMap<string, Registered>, key: string): Registered {
  const found = all.get(key);
  if (found === undefined) throw new Error(`no ${key} among ${[...all.keys()].join(", ")}`);
  return found;
}

const WITH_DATA = { a: server({ volumes: { data: { size: 10, mount: "/data" } } }) };

function leaving(how: Leaving): CloudView {
  return viewOf(WITH_DATA, {}, { version: LOCK_VERSION, hosts: { a: { leaving: how } } });
}

hetzner("a server and all that belongs to it are protected", async () => {
  const all = await make(viewOf(WITH_DATA));
  const parts = [...all.values()].filter(({ type, name }) => type.startsWith("hcloud:") && name.startsWith("a"));
  assert.ok(parts.length > 5);
  for (const { name, protect } of parts) assert.ok(protect, name);
  const { inputs } = get(all, "Server a");
  assert.is(inputs.deleteProtection, true);
  assert.is(inputs.rebuildProtection, true);
  assert.is(get(all, "PrimaryIp a-ipv4-nbg1").inputs.autoDelete, false);
});

hetzner("a server ignores what would replace it, and is deleted before it is made anew", async () => {
  const { ignoreChanges, deleteBeforeReplace, inputs } = get(await make(viewOf({ a: server() })), "Server a");
  assert.equal([...ignoreChanges].sort(), ["image", "sshKeys", "userData"]);
  assert.is(deleteBeforeReplace, true);
  assert.is(inputs.userData, undefined);
  assert.is(inputs.image, "11");
});

hetzner("what outlives a server stays when Pulumi forgets it", async () => {
  const all = await make(viewOf(WITH_DATA));
  for (const name of ["PrimaryIp a-ipv4-nbg1", "PrimaryIp a-ipv6-nbg1", "Volume a-data"]) {
    const { retainOnDelete, inputs } = get(all, name);
    assert.is(retainOnDelete, true, name);
    assert.is(inputs.deleteProtection, true, name);
  }
});

hetzner("a server that leaves is unlocked, and its addresses and volumes stay", async () => {
  const all = await make(leaving("machine"));
  assert.is(get(all, "Server a").protect, false);
  assert.is(get(all, "Server a").inputs.deleteProtection, false);
  for (const name of ["PrimaryIp a-ipv4-nbg1", "Volume a-data"]) {
    const { protect, retainOnDelete, inputs } = get(all, name);
    assert.equal([protect, retainOnDelete, inputs.deleteProtection], [false, true, true], name);
  }
});

hetzner("a server that leaves with its data takes everything with it", async () => {
  const all = await make(leaving("data"));
  for (const name of ["PrimaryIp a-ipv4-nbg1", "Volume a-data"]) {
    const { protect, retainOnDelete, inputs } = get(all, name);
    assert.equal([protect, retainOnDelete, inputs.deleteProtection], [false, false, false], name);
  }
});

hetzner("a server that is made anew gets the newest image, and keeps its addresses protected", async () => {
  const all = await make(viewOf(WITH_DATA, { replace: "a" }));
  const { protect, ignoreChanges } = get(all, "Server a");
  assert.is(protect, false);
  assert.equal(ignoreChanges, []);
  assert.is(get(all, "PrimaryIp a-ipv4-nbg1").protect, true);
  assert.is(get(all, "Volume a-data").protect, true);
});

hetzner("only the host that was named loses its protection", async () => {
  const all = await make(viewOf({ a: voter(), b: voter(), c: voter() }, { replace: "b" }));
  assert.equal(
    ["a", "b", "c"].map((name) => get(all, `Server ${name}`).protect),
    [true, false, true],
  );
});

hetzner("voters wait for one another, by name; others wait for nobody", async () => {
  const all = await make(viewOf({ c: voter(), a: voter(), b: voter(), d: server() }));
  const machines = ["a", "b", "c", "d"].map((name) =>
    get(all, `Server ${name}`).dependsOn.filter((one) => /^[abcd]$/.test(one) && one !== name),
  );
  // The firewall of a server has the server's name.
  assert.equal(machines, [[], ["a"], ["b"], []]);
});

hetzner("voters are spread, others are not", async () => {
  const all = await make(viewOf({ a: voter(), b: voter(), c: voter(), d: server() }));
  assert.is(get(all, "PlacementGroup cats-voters").inputs.type, "spread");
  assert.ok(get(all, "Server a").inputs.placementGroupId);
  assert.is(get(all, "Server d").inputs.placementGroupId, undefined);
});

hetzner("the firewall lets in exactly what the plan opens", async () => {
  const all = await make(viewOf({ a: server({ firewall: { tcp: [443], udp: [3478] } }) }));
  const rules = get(all, "Firewall a").inputs.rules as readonly Record<string, unknown>[];
  assert.equal(
    rules.map(({ direction, protocol, port, description }) => [direction, protocol, port, description].join(" ")),
    ["in icmp  ping", "in tcp 22 ssh", "in tcp 443 service", "in udp 3478 service", "in udp 55820 mesh"],
  );
});

hetzner("reverse DNS is of the address, and says the public name", async () => {
  const all = await make(viewOf({ a: server() }));
  for (const [family, ip] of [
    ["ipv4", "192.0.2.1"],
    ["ipv6", "2001:db8:1::1"],
  ]) {
    const { inputs } = get(all, `Rdns a-${family}`);
    assert.equal([inputs.ipAddress, inputs.dnsPtr, inputs.serverId], [ip, "a.cats.example.org", undefined]);
    assert.type(inputs.primaryIpId, "number");
  }
});

hetzner("a volume is in the server's location, and is attached to it", async () => {
  const all = await make(viewOf(WITH_DATA));
  const { inputs, ignoreChanges } = get(all, "Volume a-data");
  assert.equal([inputs.size, inputs.location, inputs.format], [10, "nbg1", "ext4"]);
  assert.equal(ignoreChanges, ["format"]);
  const attachment = get(all, "VolumeAttachment a-data");
  assert.equal([attachment.inputs.automount, attachment.deleteBeforeReplace], [false, true]);
  assert.type(attachment.inputs.serverId, "number");
});

hetzner("a key that somebody brought already is used as it is", async () => {
  const view = viewOf({ a: server() });
  const [key] = view.sshKeys;
  assert.ok(key);
  const sshKeys = [{ id: 5, name: "theirs", publicKey: `${key.publicKey} somebody`, labels: {} }];
  const all = await make(view, { ...EMPTY_HETZNER, sshKeys });
  assert.not(all.has("SshKey cats-nico"));
  assert.equal(get(all, "Server a").inputs.sshKeys, ["5"]);
});

/** Problems of a fleet of these hosts, as text. */
function check(hosts: Parameters<typeof viewOf>[0], inventory: Inventory): string[] {
  return checkHetzner(planOf(FLEET, hosts).fleet, viewOf(hosts), inventory, null).map(({ message }) => message);
}

hetzner("a name that somebody else took is refused, of every kind", () => {
  const hosts = { a: voter({ volumes: { data: { size: 10, mount: "/data" } } }) };
  const named = (name: string, labels = {}) => [{ id: 7, name, labels }];
  const address = { type: "ipv4", ipAddress: "192.0.2.1", ipNetwork: "", location: "nbg1", assigneeId: 0 };
  const kinds = (labels: object): readonly [string, Partial<Inventory>][] => [
    ["firewall a", { firewalls: named("a", labels).map((one) => ({ ...one, rules: [] })) }],
    ["primary IP a-ipv4-nbg1", { primaryIps: named("a-ipv4-nbg1", labels).map((one) => ({ ...one, ...address })) }],
    ["volume a-data", { volumes: named("a-data", labels) }],
    [
      "SSH key cats-nico",
      { sshKeys: named("cats-nico", labels).map((one) => ({ ...one, publicKey: "ssh-rsa AAAA" })) },
    ],
    ["placement group cats-voters", { placementGroups: named("cats-voters", labels) }],
  ];
  for (const [what, taken] of kinds({})) {
    const message = `a ${what} exists already (7), and this stack did not make it`;
    assert.ok(
      check(hosts, { ...EMPTY_HETZNER, ...taken }).some((text) => text.endsWith(message)),
      what,
    );
  }
  for (const [what, taken] of kinds({ "managed-by": "meshflake", stack: "cats" }))
    assert.equal(check(hosts, { ...EMPTY_HETZNER, ...taken }), [], what);
});

hetzner("a server becomes no type with a smaller disk, or another architecture", () => {
  const labels = { "managed-by": "meshflake", stack: "cats" };
  const existing = { id: 7, name: "a", labels, location: "nbg1", serverType: "cx33", primaryDiskSize: 80 };
  const becoming = (serverType: string, more = {}) =>
    check({ a: server({ serverType }) }, { ...EMPTY_HETZNER, servers: [{ ...existing, ...more }] });
  assert.equal(becoming("cx33"), []);
  assert.match(becoming("cx23")[0] ?? "", /its disk has 80 GB, that type's 40 GB, and disks do not shrink/);
  assert.match(becoming("cax11")[0] ?? "", /that is arm, and it is x86/);
  assert.equal(becoming("cx33", { serverType: "cx23", primaryDiskSize: 40 }), []);
});

hetzner("the rules of somebody else's firewall are not taken over", async () => {
  const rules = [{ description: "ssh", protocol: "tcp", port: "2200" }];
  const portsWith = async (labels: Record<string, string>) => {
    const firewalls = [{ id: 7, name: "a", labels, rules }];
    const all = await make(viewOf({ a: server() }), { ...EMPTY_HETZNER, firewalls });
    return JSON.stringify(get(all, "Firewall a").inputs.rules);
  };
  assert.match(await portsWith({ "managed-by": "meshflake", stack: "cats" }), /2200/);
  assert.not.match(await portsWith({}), /2200/);
});

hetzner("labels name fleet, host and cluster", async () => {
  const all = await make(viewOf({ a: server() }));
  assert.equal(get(all, "Server a").inputs.labels, {
    "managed-by": "meshflake",
    fleet: "cats",
    stack: "cats",
    host: "a",
    cluster: "cats",
  });
});

hetzner("a site's LAN is a private network, in which the server has the address of its host file", async () => {
  const at = { site: "nat", address: { lan: "192.168.1.9" } };
  const all = await make(viewOf({ a: server(at) }));
  assert.is(get(all, "Network cats-nat").inputs.ipRange, "192.168.1.0/24");
  assert.is(get(all, "NetworkSubnet cats-nat").inputs.networkZone, "eu-central");
  const [network] = get(all, "Server a").inputs.networks as readonly Record<string, unknown>[];
  assert.is(network?.ip, "192.168.1.9");
});

hetzner.run();
