import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LOCK_VERSION, type Lock } from "../../generators/model/lock.js";
import { checkCredentials } from "../../pulumi/checks/credentials.js";
import { checkPreviousStack, forgiveUnknown } from "../../pulumi/checks/previous.js";
import { checkStaleSettings } from "../../pulumi/checks/stale.js";
import { checkVoters } from "../../pulumi/checks/voters.js";
import { sourceOf } from "../../pulumi/hetzner/addresses.js";
import { listRules } from "../../pulumi/hetzner/firewall.js";
import { joinCommand } from "../../pulumi/plan/join.js";
import type { OpenView } from "../../pulumi/plan/types.js";
import { viewCloud } from "../../pulumi/plan/view.js";
import { findImage } from "../../pulumi/proxmox/images.js";
import { FLEET, planOf } from "../support/fleets.js";
import { container, EMPTY_HETZNER, server, viewOf, voter } from "./clouds.js";

/** The small decisions of the program, without Pulumi. */

const parts = suite("pulumi: parts");

const SSH: OpenView = { purpose: "ssh", protocol: "tcp", port: 22 };
const MESH: OpenView = { purpose: "mesh", protocol: "udp", port: 51820 };

/** A stack that had nothing. */
const PREVIOUS = { fleet: "cats", environment: null, cluster: null, protected: [], voters: [], keepsakes: {} };

/** Rules as `listRules` made them, as the provider tells them. */
function seen(rules: ReturnType<typeof listRules>) {
  return rules.map(({ description, protocol, port = "" }) => ({ description, protocol, port }));
}

parts("the port of SSH and of the mesh is never closed in the step that opens another", () => {
  const before = listRules([SSH, MESH], []);
  const moved: OpenView[] = [
    { ...SSH, port: 2222 },
    { ...MESH, port: 51821 },
  ];
  const during = listRules(moved, seen(before));
  assert.equal(
    during.map(({ port }) => port),
    ["2222", "51821", "22", "51820"],
  );
  const after = listRules(moved, seen(during));
  assert.equal(
    after.map(({ port }) => port),
    ["2222", "51821"],
  );
  // Updates that are one run with others end no grace: nobody could deploy in between.
  assert.equal(listRules(moved, seen(during), true), during);
  // Nothing more changes.
  assert.equal(listRules(moved, seen(after)), after);
});

parts("the port of a service closes at once", () => {
  const service: OpenView = { purpose: "service", protocol: "tcp", port: 443 };
  const before = listRules([SSH, service], []);
  assert.equal(
    listRules([SSH], seen(before)).map(({ port }) => port),
    ["22"],
  );
});

parts("filing the address that the stack made changes nothing", () => {
  const view = viewOf({ a: server() });
  const labels = { "managed-by": "meshflake", stack: "cats" };
  const own = { id: 7, name: "a-ipv6-nbg1", type: "ipv6", ipAddress: "2001:db8:1::", location: "nbg1", labels };
  const primaryIps = [{ ...own, ipNetwork: "2001:db8:1::/64", assigneeId: 1 }];
  const fixed = { family: "ipv6", fixed: "2001:db8:1::1" } as const;
  assert.equal(sourceOf(view, { ...EMPTY_HETZNER, primaryIps }, fixed), { kind: "made" });
  const foreign = primaryIps.map((one) => ({ ...one, labels: {} }));
  assert.equal(sourceOf(view, { ...EMPTY_HETZNER, primaryIps: foreign }, fixed), { kind: "existing", id: 7 });
  assert.equal(sourceOf(view, EMPTY_HETZNER, fixed), { kind: "missing" });
});

parts("credentials are asked for where a host needs them, and never shown", () => {
  const none = () => undefined;
  assert.equal(checkCredentials(viewOf({}), none, none), []);
  const [hetzner] = checkCredentials(viewOf({ a: server() }), none, () => "too-short-and-secret");
  assert.match(hetzner?.message ?? "", /HCLOUD_TOKEN has 20 characters instead of 64/);
  assert.not.match(JSON.stringify(hetzner), /too-short/);
  const proxmox = checkCredentials(viewOf({ a: container() }), none, none).map(({ message }) => message);
  assert.equal(proxmox, ["PROXMOX_VE_ENDPOINT is no https address", "Proxmox has no credentials"]);
});

parts("no setting with a secret is overlooked, of all that the providers' packages know", () => {
  const secret = /token|key|password|secret|ticket|otp|ssh/i;
  const packages = {
    hcloud: "@pulumi/hcloud",
    proxmoxve: "@muhlba91/pulumi-proxmoxve",
    cloudflare: "@pulumi/cloudflare",
  };
  const found = Object.entries(packages).flatMap(([namespace, name]) => {
    const types = readFileSync(new URL("config/vars.d.ts", import.meta.resolve(`${name}/package.json`)), "utf8");
    const keys = [...types.matchAll(/^export declare const (\w+):/gm)].map(([, key]) => String(key));
    return keys.filter((key) => secret.test(key)).map((key) => `${namespace}:${key}`);
  });
  assert.ok(found.length >= 10);
  for (const key of found) {
    const planted = key === "proxmoxve:ssh" ? '{"password":"planted"}' : "planted";
    const problems = checkCredentials(
      viewOf({}),
      (name) => (name === key ? planted : undefined),
      () => undefined,
    );
    assert.equal([problems.length, JSON.stringify(problems).includes("planted")], [1, false], key);
  }
  const nodes = (key: string) =>
    key === "proxmoxve:ssh" ? '{"nodes":[{"name":"pve","address":"192.0.2.1"}]}' : undefined;
  assert.equal(
    checkCredentials(viewOf({}), nodes, () => undefined),
    [],
  );
});

parts("a setting that would make a machine anew with every update is refused", () => {
  const [stale] = checkStaleSettings((key) => (key === "meshflake:replace" ? "a" : undefined));
  assert.match(stale?.hint ?? "", /^pulumi config rm meshflake:replace; meshflake provision --replace a /);
  assert.equal(
    checkStaleSettings(() => undefined),
    [],
  );
});

parts("a stack of another fleet, environment or cluster is refused", () => {
  const view = viewOf({ a: server() });
  const same = { ...PREVIOUS, protected: ["a"] };
  assert.equal(checkPreviousStack(null, view), []);
  assert.equal(checkPreviousStack(same, view), []);
  for (const other of [{ fleet: "dogs" }, { environment: "dev" }, { cluster: "data" }])
    assert.is(checkPreviousStack({ ...same, ...other }, view).length, 1);
  const [gone] = checkPreviousStack({ ...same, protected: ["a", "b"] }, view);
  assert.match(gone?.message ?? "", /^b is gone from the fleet, but its machine is protected$/);
});

parts("a volume or an address that a host file lost is refused, unless its protection was lifted", () => {
  const volumes = { data: { size: 10, mount: "/data" } };
  const before = { ...PREVIOUS, keepsakes: { a: { volumes: ["data"], families: ["ipv6", "ipv4"] as const } } };
  assert.equal(checkPreviousStack(before, viewOf({ a: server({ volumes }) })), []);
  const [lost, ...more] = checkPreviousStack(before, viewOf({ a: server() }));
  assert.is(lost?.message, "the volume data of a is gone from its host file, but is protected");
  assert.match(lost?.hint ?? "", /meshflake remove a and meshflake provision lift the protection; .*remove a --undo/);
  assert.equal(more, []);
  assert.equal(checkPreviousStack(PREVIOUS, viewOf({ a: server() })), []);
});

parts("several voters of a cluster do not change or leave in one update", () => {
  const hosts = { a: voter(), b: voter(), c: voter(), d: server() };
  const view = viewOf(hosts);
  const refused = (...args: Parameters<typeof checkVoters>) => checkVoters(...args).map(({ message }) => message);
  assert.equal(refused(null, view, new Set(["a", "d"])), []);
  const both = ["the update would change or remove 2 voters of cats at once: a, b"];
  assert.equal(refused(null, view, new Set(["a", "b"])), both);
  const lock: Lock = { version: LOCK_VERSION, hosts: { a: { leaving: "machine" } } };
  assert.equal(refused(null, viewOf(hosts, {}, lock), new Set(["b"])), both);
  assert.equal(refused(null, viewOf(hosts, { replace: "b" }, lock), new Set()), both);
  const gone = { ...PREVIOUS, voters: ["a", "e"].map((host) => ({ host, cluster: "cats" })) };
  assert.equal(refused(gone, view, new Set()), []);
  assert.match(refused(gone, view, new Set(["b"]))[0] ?? "", /at once: b, e$/);
  const dogs = { ...PREVIOUS, voters: [{ host: "e", cluster: "dogs" }] };
  assert.equal(refused(dogs, view, new Set(["b"])), []);
});

parts("only a stack that was never updated is one that had nothing", () => {
  assert.is(forgiveUnknown(new Error('unknown stack "organization/meshflake/prod"')), null);
  assert.throws(() => forgiveUnknown(new Error("incorrect passphrase")), /incorrect passphrase/);
});

parts("a stack may be a cluster alone, whose shared things have its name", () => {
  const clusters = { cats: {}, dogs: { mesh: { ipv4: "10.20.0.0/16", port: 55821 } } };
  const hosts = { a: server({ cluster: "cats" }), b: server({ cluster: "dogs" }) };
  const plan = planOf({ ...FLEET, clusters }, hosts);
  const hostsOf = (cluster?: string) => viewCloud(plan, cluster === undefined ? {} : { cluster });
  assert.equal(
    [hostsOf(), hostsOf("dogs")].map(({ machines, prefix }) => [prefix, ...machines.map(({ host }) => host)]),
    [
      ["cats", "a", "b"],
      ["cats-dogs", "b"],
    ],
  );
});

parts("an image has its version in its name, by content or by Nix's own hash", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-images-"));
  writeFileSync(join(folder, "lxc.tar.xz"), "one");
  const first = await findImage("proxmox-lxc", "lxc.tar.xz", folder);
  writeFileSync(join(folder, "lxc.tar.xz"), "two");
  const second = await findImage("proxmox-lxc", "lxc.tar.xz", folder);
  assert.ok(first.kind === "file" && second.kind === "file");
  assert.match(first.fileName, /^meshflake-proxmox-lxc-[0-9a-f]{12}\.tar\.xz$/);
  assert.is.not(first.fileName, second.fileName);
  assert.equal(await findImage("proxmox-lxc", "local:vztmpl/x.tar.xz", folder), {
    kind: "uploaded",
    id: "local:vztmpl/x.tar.xz",
  });
  assert.equal(await findImage("proxmox-lxc", "none.tar.xz", folder), { kind: "missing", path: "none.tar.xz" });
  assert.equal(await findImage("proxmox-lxc", undefined, folder), { kind: "missing", path: null });
});

parts("every platform has its way for the identity, none through Pulumi", () => {
  assert.is(joinCommand({ platform: "hetznerVm", host: "a", at: "192.0.2.1" }), "meshflake install a --at 192.0.2.1");
  const lxc = joinCommand({ platform: "proxmoxLxc", host: "a", node: "pve", id: "201" }, "dev");
  assert.match(lxc, /^meshflake identity a --env dev --tar \| ssh .* root@pve 'pct exec 201 -- .*tar -C \/ -xpf -'$/);
  const vm = joinCommand({ platform: "proxmoxVm", host: "a", node: "pve", id: "210" });
  assert.match(vm, /qm guest exec 210 --pass-stdin 1/);
});

parts.run();
