import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listEnvironments } from "../../../generators/load/files.js";
import { loadRepository } from "../../../generators/load/repository.js";
import type { FleetInputs } from "../../../generators/model/inputs.js";
import { validateSchemas } from "../../../generators/validate/schema.js";
import { type Files, FLEET, problemsOf, withRepository } from "../repositories.js";

/** Environments, laid over the fleet and its hosts. */

const FILES: Files = {
  "hosts/fleet.ts": FLEET,
  "hosts/pi.ts": `import fleet from "./fleet";

export default fleet.raspberryPi({
  site: "home",
  model: 4,
  tags: ["a", "b"],
  address: { ipv4: "192.168.1.2/24", ipv6: "2001:db8::2/64" },
  nomad: { server: true, meta: { rack: "1", room: "2" } },
  nixos: { a: { $nix: "x" } },
});
`,
  "hosts/vm.ts": 'import fleet from "./fleet";\n\nexport default fleet.bareMetal({ site: "home" });\n',
  "hosts/old.ts": 'import fleet from "./fleet";\n\nexport default fleet.bareMetal({ site: "home" });\n',
};

const environment = (fields: string) => `import fleet from "../fleet";

export default fleet.environment({
  ${fields}
});
`;

async function withInputs(fields: string, work: (inputs: FleetInputs) => void): Promise<void> {
  await withRepository({ ...FILES, "hosts/environments/dev.ts": environment(fields) }, async (root) => {
    const repository = await loadRepository(root, { environment: "dev" });
    const { inputs, problems } = validateSchemas(repository);
    assert.equal([...repository.problems, ...problems], []);
    if (inputs === null) throw new Error("no inputs");
    work(inputs);
  });
}

const test = suite("load: environments");

test("what is not named stays, and the domain gets the environment's label", () =>
  withInputs("", ({ fleet, hosts, environment: loaded, lockFile }) => {
    assert.is(fleet.value.domain, "dev.cats.example.org");
    assert.equal([...hosts.keys()], ["old", "pi", "vm"]);
    assert.is(loaded?.name, "dev");
    assert.is(lockFile, "hosts/environments/dev.lock.json");
  }));

test("fields of the fleet are merged", () =>
  withInputs('domain: "dev.example.org", mesh: { port: 51999 }, sites: { home: { ipv4: "nat" } },', ({ fleet }) => {
    assert.is(fleet.value.domain, "dev.example.org");
    assert.equal(fleet.value.mesh, { ipv4: "10.10.0.0/16", port: 51999 });
    assert.equal(fleet.value.sites, { home: { ipv4: "nat", ipv6: "public" } });
  }));

test("single fields: objects are merged, lists and Nix expressions are replaced, `undefined` takes away", () => {
  const fields =
    'pi: { tags: ["c"], nomad: { meta: { rack: "9" } }, address: { ipv6: undefined }, nixos: { a: { b: 1 } } }';
  return withInputs(`hosts: { ${fields} },`, ({ hosts }) => {
    assert.equal(hosts.get("pi")?.value, {
      platform: "raspberryPi",
      site: "home",
      model: 4,
      tags: ["c"],
      address: { ipv4: "192.168.1.2/24" },
      nomad: { server: true, meta: { rack: "9", room: "2" } },
      nixos: { a: { b: 1 } },
    });
  });
});

test("a builder's result replaces the platform's fields and the machine's, and common fields stay", () => {
  const fields = 'pi: fleet.proxmoxVm({ site: "home", node: "laptop", address: { ipv4: "192.168.122.2/24" } }),';
  return withInputs(`hosts: { ${fields} },`, ({ hosts }) => {
    assert.equal(hosts.get("pi")?.value, {
      platform: "proxmoxVm",
      site: "home",
      node: "laptop",
      tags: ["a", "b"],
      address: { ipv4: "192.168.122.2/24" },
      nomad: { server: true, meta: { rack: "1", room: "2" } },
      nixos: { a: { $nix: "x" } },
    });
    assert.is(hosts.get("pi")?.file, "hosts/pi.ts");
  });
});

test("`false` leaves a host out, and a builder's result may add one", () =>
  withInputs('hosts: { old: false, extra: fleet.bareMetal({ site: "home" }) },', ({ hosts, hostNames, originsOf }) => {
    assert.equal([...hosts.keys()], ["extra", "pi", "vm"]);
    assert.equal([...hostNames].sort(), ["extra", "pi", "vm"]);
    assert.equal(originsOf("extra", ["site"]), [
      { file: "hosts/environments/dev.ts", path: ["hosts", "extra", "site"] },
    ]);
  }));

test("places: the environment first, then the host's own file where it still has a say", () => {
  const fields = 'pi: { tags: [] }, vm: fleet.proxmoxVm({ site: "home", node: "laptop" }),';
  return withInputs(`mesh: { port: 1 }, hosts: { ${fields} },`, ({ originsOf, fleetOriginsOf }) => {
    const [dev, pi, vm] = ["hosts/environments/dev.ts", "hosts/pi.ts", "hosts/vm.ts"];
    assert.equal(originsOf("pi", ["tags", 0]), [
      { file: dev, path: ["hosts", "pi", "tags", 0] },
      { file: pi, path: ["tags", 0] },
    ]);
    assert.equal(originsOf("old", ["site"]), [{ file: "hosts/old.ts", path: ["site"] }]);
    assert.equal(originsOf("vm", ["node"]), [{ file: dev, path: ["hosts", "vm", "node"] }]);
    assert.equal(
      originsOf("vm", ["nomad"]).map(({ file }) => file),
      [dev, vm],
    );
    assert.equal(
      fleetOriginsOf(["mesh", "ipv4"]).map(({ file }) => file),
      [dev, "hosts/fleet.ts"],
    );
    assert.equal(
      fleetOriginsOf(["name"]).map(({ file }) => file),
      ["hosts/fleet.ts"],
    );
  });
});

test("problems are said in the file that they come from", async () => {
  const fields = [
    "domian: 'x',",
    "mesh: { port: 70000 },",
    "hosts: {",
    "  pi: { vlan: 3 },",
    "  vm: fleet.proxmoxVm({ site: 'home' }),",
    "  pj: { tags: [] },",
    "  old: true,",
    "},",
  ].join("\n  ");
  const files = {
    ...FILES,
    "hosts/vm.ts": 'import fleet from "./fleet";\n\nexport default fleet.bareMetal({ site: "home", tags: 4 });\n',
    "hosts/environments/dev.ts": environment(fields),
  };
  assert.equal(await problemsOf(files, "dev"), [
    "hosts/environments/dev.ts:10:5 not-one-of hosts.old: true is not taken here",
    "hosts/environments/dev.ts:4:3 unknown-field domian: no such field",
    "hosts/environments/dev.ts:5:11 port-range mesh.port: 70000 is above 65535",
    "hosts/environments/dev.ts:7:11 unknown-field hosts.pi.vlan: a raspberryPi has no such field",
    "hosts/environments/dev.ts:8:5 missing-field hosts.vm.node: is missing",
    "hosts/environments/dev.ts:9:5 unknown-host hosts.pj: no host is named `pj`",
    "hosts/vm.ts:3:48 wrong-type tags: 4 is not a list",
  ]);
});

test("environments are listed by name, and no lock is one", () =>
  withRepository(
    {
      ...FILES,
      "hosts/environments/prod.json": "{}",
      "hosts/environments/dev.ts": environment(""),
      "hosts/environments/dev.lock.json": "{}",
    },
    async (root) => assert.equal(listEnvironments(root), ["dev", "prod"]),
  ));

test("an environment as JSON, with a schema for editors", async () => {
  const text = '{\n  "$schema": "x",\n  "mesh": { "port": 0 },\n  "hosts": { "old": false }\n}\n';
  assert.equal(await problemsOf({ ...FILES, "hosts/environments/dev.json": text }, "dev"), [
    "hosts/environments/dev.json:3:13 port-range mesh.port: 0 is below 1",
  ]);
});

test.run();
