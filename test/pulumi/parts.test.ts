import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkCredentials } from "../../pulumi/checks/credentials.js";
import { checkPreviousStack } from "../../pulumi/checks/previous.js";
import { sourceOf } from "../../pulumi/hetzner/addresses.js";
import { listRules } from "../../pulumi/hetzner/firewall.js";
import { joinCommand } from "../../pulumi/plan/join.js";
import type { OpenView } from "../../pulumi/plan/types.js";
import { viewCloud } from "../../pulumi/plan/view.js";
import { findImage } from "../../pulumi/proxmox/images.js";
import { FLEET, planOf } from "../support/fleets.js";
import { container, EMPTY_HETZNER, server, viewOf } from "./clouds.js";

/** The small decisions of the program, without Pulumi. */

const parts = suite("pulumi: parts");

const SSH: OpenView = { purpose: "ssh", protocol: "tcp", port: 22 };
const MESH: OpenView = { purpose: "mesh", protocol: "udp", port: 51820 };

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

parts("a stack of another fleet, environment or cluster is refused", () => {
  const view = viewOf({ a: server() });
  const same = { fleet: "cats", environment: null, cluster: null, protected: ["a"] };
  assert.equal(checkPreviousStack(null, view), []);
  assert.equal(checkPreviousStack(same, view), []);
  for (const other of [{ fleet: "dogs" }, { environment: "dev" }, { cluster: "data" }])
    assert.is(checkPreviousStack({ ...same, ...other }, view).length, 1);
  const [gone] = checkPreviousStack({ ...same, protected: ["a", "b"] }, view);
  assert.match(gone?.message ?? "", /^b is gone from the fleet, but its machine is protected$/);
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
