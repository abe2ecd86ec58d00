import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../generators/compile.js";
import { FleetError } from "../../generators/model/problem.js";
import { printProblem } from "../load/repositories.js";
import { putLock } from "../support/locks.js";
import { failure, put, withFolder } from "../tree/temp.js";

/** One broken file makes no other file wrong: every problem is shown at once, and only the real ones. */

const BASE = fileURLToPath(new URL("../fixtures/rules/base", import.meta.url));
const HOSTS = ["alpha", "beta", "gamma", "pi"];
const test = suite("rules: with a broken host");

/** A fleet in which every host is needed by something: a relay of devices, a cluster, a forwarded port, a voter. */
function fill(root: string): void {
  cpSync(BASE, root, { recursive: true });
  put(
    root,
    "hosts/fleet.ts",
    `import { defineFleet } from "meshflake";

export default defineFleet({
  name: "cats",
  domain: "cats.example.org",
  admins: {
    nico: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ nico@example.org"],
      age: "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s",
    },
  },
  sites: {
    berlin: { ipv4: "public", ipv6: "public" },
    nuremberg: { ipv4: "public", ipv6: "public" },
    helsinki: { ipv4: "public", ipv6: "public" },
    home: { ipv4: "portForwarded", ipv6: "none", lan: "192.168.1.0/24" },
  },
  mesh: { ipv4: "10.10.0.0/16", port: 55820, relays: ["alpha"] },
  clusters: { cats: {}, lone: { mesh: { ipv4: "10.11.0.0/16", port: 55821, relays: [] } } },
  devices: { phone: { publicKey: "OPj6eLrGE48U9yaEI6vuDuWMHqYm+EMeUEqmioEphSM=", cluster: "cats" } },
});
`,
  );
  put(
    root,
    "hosts/pi.ts",
    `import fleet from "./fleet";

export default fleet.raspberryPi({
  site: "home",
  model: 4,
  cluster: "lone",
  mesh: { endpoint: "203.0.113.77:55821" },
  nomad: { server: true },
  consul: { server: true },
});
`,
  );
  for (const [host, site] of Object.entries({ alpha: "berlin", beta: "nuremberg", gamma: "helsinki" })) {
    const number = 10 + HOSTS.indexOf(host);
    put(
      root,
      `hosts/${host}.ts`,
      `import fleet from "./fleet";

export default fleet.contaboVm({
  site: "${site}",
  cluster: "cats",
  address: { ipv4: "203.0.113.${number}/24", gateway4: "203.0.113.1" },
  nomad: { server: true },
  consul: { server: true },
});
`,
    );
  }
  const locked = HOSTS.map((name, index) => [name, { mesh: `10.${name === "pi" ? 11 : 10}.0.${index + 1}` }]);
  putLock(root, { version: 2, hosts: Object.fromEntries(locked) });
}

test("the whole fleet has no problem", () =>
  withFolder(async (root) => {
    fill(root);
    assert.equal((await compileFleet(root)).problems.map(printProblem), []);
  }));

for (const host of HOSTS) {
  const file = `hosts/${host}.ts`;
  const broken = {
    throws: { text: "throw new Error('no');\n", found: `${file}:1:7 host-throws: throws Error: no` },
    "unknown field": {
      text: 'export default { platform: "bareMetal", site: "home", modle: 4 };\n',
      found: `${file}:1:55 unknown-field modle: a bareMetal has no such field`,
    },
    syntax: { text: "export default {;\n", found: `${file}:1:17 syntax: Expected identifier but found ";"` },
    "no export": { text: "export {};\n", found: `${file}:1:1 no-default-export: has no default export` },
    number: {
      text: "export default 7;\n",
      found: `${file}:1:16 default-export: exports a number where a host belongs`,
    },
  };
  for (const [title, { text, found }] of Object.entries(broken)) {
    test(`${host}, ${title}: that is the only problem`, () =>
      withFolder(async (root) => {
        fill(root);
        put(root, file, text);
        const { problems } = await failure(compileFleet(root), FleetError);
        assert.equal(problems.map(printProblem), [found]);
      }));
  }
}

test("what is wrong in other files is shown as well", () =>
  withFolder(async (root) => {
    fill(root);
    put(root, "hosts/beta.ts", "throw new Error('no');\n");
    put(root, "hosts/gamma.ts", 'export default { platform: "raspberryPi", model: 4, site: "hom" };\n');
    const { problems } = await failure(compileFleet(root), FleetError);
    const codes = problems.map(({ code }) => code).sort();
    assert.equal(codes, ["host-throws", "unknown-cluster", "unknown-site"]);
  }));

test.run();
