import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCHEMA_CODES } from "../../generators/validate/schema-errors.js";
import { type Files, FLEET, findProblems, HOST, problemsOf, withRepository } from "./repositories.js";

/** What the schemas reject, in words, at its place. */

const host = (fields: string, builder = "raspberryPi") => `import fleet from "./fleet";

export default fleet.${builder}({
  site: "home",
  ${fields}
});
`;

const CASES: Readonly<Record<string, readonly [files: Files, problems: readonly string[]]>> = {
  "unknown fields": [
    {
      "hosts/a.ts": host("model: 4,\n  mesh: { prot: 1 },\n  address: {\n    ipv44: '1',\n  },"),
      "hosts/b.ts": host("model: 4,", "contaboVm"),
    },
    [
      "hosts/a.ts:6:11 unknown-field mesh.prot: no such field",
      "hosts/a.ts:8:5 unknown-field address.ipv44: no such field",
      "hosts/b.ts:5:3 unknown-field model: a contaboVm has no such field",
    ],
  ],
  "missing fields point at the object": [
    {
      "hosts/a.ts": host(""),
      "hosts/b.ts": host('consul: {\n    services: [\n      { name: "db" },\n    ],\n  },', "bareMetal"),
      "hosts/c.json": '{\n  "site": "home"\n}\n',
    },
    [
      "hosts/a.ts:3:16 missing-field model: is missing",
      "hosts/b.ts:7:7 missing-field consul.services.0.port: is missing",
      "hosts/c.json:1:1 missing-field platform: is missing",
    ],
  ],
  "wrong types, one problem for each": [
    {
      "hosts/a.ts": host(
        'model: "4",\n  tags: "x",\n  nomad: "yes",\n  consul: true,\n  nixos: { a: [() => 1] },\n  disks: 4,',
      ),
      "hosts/b.ts": host("firewall: { tcp: [80, 1.5] },\n  cluster: null,", "bareMetal"),
    },
    [
      'hosts/a.ts:5:3 wrong-type model: "4" is not a number',
      'hosts/a.ts:6:3 wrong-type tags: "x" is not a list',
      'hosts/a.ts:7:3 wrong-type nomad: "yes" is not `false` or an object',
      "hosts/a.ts:8:3 not-one-of consul: true is not taken here",
      "hosts/a.ts:9:16 wrong-type nixos.a.0: a function is not plain data",
      "hosts/a.ts:10:3 wrong-type disks: 4 is not an object or a string",
      "hosts/b.ts:5:25 wrong-type firewall.tcp.1: 1.5 is not a whole number",
      "hosts/b.ts:6:3 wrong-type cluster: null is not a string",
    ],
  ],
  "a union reports the errors of the branch that was meant": [
    { "hosts/a.ts": host('model: 4,\n  nomad: { servr: true, client: 1 },\n  disks: { layout: "ext3" },') },
    [
      "hosts/a.ts:6:12 unknown-field nomad.servr: no such field",
      "hosts/a.ts:6:25 wrong-type nomad.client: 1 is not true or false",
      'hosts/a.ts:7:12 not-one-of disks.layout: "ext3" is not one of its values',
    ],
  ],
  "values, ranges and patterns": [
    {
      "hosts/a.ts": host(
        'model: 6,\n  mesh: { mtu: 100, keepalive: 0 },\n  consul: { services: [{ name: "a", port: 70000, checks: [{ interval: "5 minutes" }] }] },',
      ),
      "hosts/b.json": '{\n  "platform": "raspbery",\n  "site": "home"\n}\n',
      "hosts/c.json": '{\n  "platform": 4,\n  "site": "home"\n}\n',
    },
    [
      "hosts/a.ts:5:3 not-one-of model: 6 is not one of its values",
      "hosts/a.ts:6:11 out-of-range mesh.mtu: 100 is below 1280",
      "hosts/a.ts:6:21 out-of-range mesh.keepalive: 0 is below 1",
      "hosts/a.ts:7:37 port-range consul.services.0.port: 70000 is above 65535",
      'hosts/a.ts:7:61 pattern consul.services.0.checks.0.interval: "5 minutes" is not written as it has to be',
      'hosts/b.json:2:3 not-one-of platform: "raspbery" is not one of its values',
      "hosts/c.json:2:3 wrong-type platform: 4 is not a string",
    ],
  ],
  "the fleet file": [
    {
      "hosts/fleet.ts": FLEET.replace('"cgnat"', '"cgnt"')
        .replace('ipv4: "10.10.0.0/16"', "port: 0, dns: {}")
        .replace("admins: {},", ""),
      "hosts/a.ts": HOST,
    },
    [
      "hosts/fleet.ts:3:16 missing-field admins: is missing",
      'hosts/fleet.ts:7:20 not-one-of sites.home.ipv4: "cgnt" is not one of its values',
      "hosts/fleet.ts:8:11 port-range mesh.port: 0 is below 1",
      "hosts/fleet.ts:8:20 unknown-field mesh.dns: no such field",
      "hosts/fleet.ts:8:3 missing-field mesh.ipv4: is missing",
    ],
  ],
  "a value that contains itself": [
    {
      "hosts/a.ts":
        'import fleet from "./fleet";\n\nconst nixos = { a: {} };\nnixos.a = nixos;\nexport default fleet.raspberryPi({ site: "home", model: 4, nixos });\n',
    },
    ["hosts/a.ts:5:16 wrong-type: it contains itself, without end"],
  ],
};

const test = suite("load: schemas");

for (const [title, [files, problems]] of Object.entries(CASES)) {
  test(title, async () => {
    assert.equal(await problemsOf({ "hosts/fleet.ts": FLEET, ...files }), [...problems].sort());
  });
}

test("every code of the schemas has a case", () => {
  const said = Object.values(CASES).flatMap(([, problems]) =>
    problems.map((problem) => problem.split(" ")[1]?.replace(":", "")),
  );
  assert.equal(
    SCHEMA_CODES.filter((code) => !said.includes(code)),
    [],
  );
});

test("hints name what was meant", async () => {
  const files = {
    "hosts/fleet.ts": FLEET,
    "hosts/a.ts": host(
      'modle: 4,\n  model: 4,\n  vlan: 3,\n  zzz: 1,\n  mesh: { prot: 1 },\n  disks: { layout: "ext" },',
    ),
    "hosts/b.ts": host("", "proxmoxVm"),
    "hosts/c.ts": host("consul: { services: [{ name: 'a', port: 70000 }] },", "bareMetal"),
  };
  const hints = new Map<string, string>();
  await withRepository(files, async (root) => {
    for (const { origins, hint } of await findProblems(root)) hints.set(String(origins[0]?.path.at(-1)), hint ?? "");
  });
  assert.is(hints.get("modle"), "did you mean `model`?");
  assert.is(hints.get("vlan"), "only a `proxmoxLxc` or `proxmoxVm` has it");
  assert.match(hints.get("zzz") ?? "", /^it takes `.*` and \d+ more$/);
  assert.is(hints.get("prot"), "it takes `ip`, `mtu`, `relay`, `endpoint` and `keepalive`");
  assert.is(hints.get("layout"), "choose `ext4`, `xfs`, `zfs` or `btrfs`");
  assert.is(hints.get("node"), "add `node`: The Proxmox node that runs it.");
  assert.is(hints.get("port"), "choose 1 to 65535");
});

test.run();
