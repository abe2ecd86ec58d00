import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadRepository } from "../../generators/load/repository.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { type Files, FLEET, HOST, withRepository } from "./repositories.js";

/** What loads, and how. */

const test = suite("load: repository");

test("TypeScript, JavaScript and JSON, in folders, with and without extensions", () => {
  const files: Files = {
    "hosts/fleet.ts": FLEET,
    "hosts/a.ts": HOST,
    "hosts/berlin/b.mts": HOST.replace("./fleet", "../fleet.ts"),
    "hosts/berlin/cellar/c.js": HOST.replace("./fleet", "../../fleet.js"),
    "hosts/d.mjs": HOST,
    "hosts/e.json": '\uFEFF{ "$schema": "../x.json", "platform": "raspberryPi", "site": "home", "model": 4 }',
    "hosts/f.ts": 'import base from "./e.json";\n\nexport default { ...base, $schema: undefined, tags: ["f"] };\n',
    "hosts/_shared.ts": "export const x = 1;\n",
    "hosts/.hidden.ts": "export const x = 1;\n",
    "hosts/names.d.ts": "export {};\n",
    "hosts/tsconfig.json": "{}",
    "hosts/notes.md": "not read",
    "hosts/fleet.lock.json": '{ "version": 1, "hosts": { "a": { "mesh": "10.10.0.1" } } }',
  };
  return withRepository(files, async (root) => {
    const repository = await loadRepository(root);
    assert.equal(repository.problems, []);
    assert.equal(
      repository.hosts.map(({ name }) => name),
      ["a", "b", "c", "d", "e", "f"],
    );
    assert.equal(repository.hosts[2]?.file, "hosts/berlin/cellar/c.js");
    for (const { name, value } of repository.hosts.slice(0, 5)) {
      assert.equal(value, { platform: "raspberryPi", site: "home", model: 4 }, name);
    }
    assert.equal(repository.lock.hosts, { a: { mesh: "10.10.0.1" } });
    assert.is(repository.lockFile, "hosts/fleet.lock.json");
  });
});

test("a fleet without any code", () => {
  const files: Files = {
    "hosts/fleet.json": JSON.stringify({
      $schema: "x",
      name: "cats",
      domain: "cats.example.org",
      admins: {},
      sites: { home: { ipv4: "cgnat", ipv6: "public" } },
      mesh: { ipv4: "10.10.0.0/16" },
    }),
    "hosts/a.json": '{ "platform": "bareMetal", "site": "home" }',
  };
  return withRepository(files, async (root) => {
    const { inputs, problems } = validateSchemas(await loadRepository(root));
    assert.equal(problems, []);
    assert.equal(inputs?.hosts.get("a")?.value, { platform: "bareMetal", site: "home" });
  });
});

test("packages of the repository and Node's modules, CommonJS too", () => {
  const files: Files = {
    "package.json": '{ "type": "module" }',
    "node_modules/racks/package.json": '{ "name": "racks", "main": "index.js" }',
    "node_modules/racks/index.js": 'const { basename } = require("path");\nexports.rack = (path) => basename(path);\n',
    "hosts/fleet.ts": FLEET,
    "hosts/a.ts":
      'import { hostname } from "node:os";\nimport { rack } from "racks";\nimport fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "home", model: 4, tags: [rack("x/7"), typeof hostname()] });\n',
  };
  return withRepository(files, async (root) => {
    const { hosts, problems } = await loadRepository(root);
    assert.equal(problems, []);
    assert.equal(hosts[0]?.value, { platform: "raspberryPi", site: "home", model: 4, tags: ["7", "string"] });
  });
});

test("files beside a host file", () => {
  const read = 'readFileSync(new URL("./key.txt", import.meta.url), "utf8")';
  const files: Files = {
    "hosts/fleet.ts": FLEET,
    "hosts/berlin/key.txt": "ssh-ed25519 AAAA",
    "hosts/berlin/a.ts": `import { readFileSync } from "node:fs";\nimport fleet from "../fleet";\n\nexport default fleet.raspberryPi({ site: "home", model: 4, sshKeys: [${read}] });\n`,
  };
  return withRepository(files, async (root) => {
    const { hosts, problems } = await loadRepository(root);
    assert.equal(problems, []);
    assert.equal(hosts[0]?.value, {
      platform: "raspberryPi",
      site: "home",
      model: 4,
      sshKeys: ["ssh-ed25519 AAAA"],
    });
  });
});

test("what a host file prints does not reach stdout", () => {
  const files: Files = { "hosts/fleet.ts": FLEET, "hosts/a.ts": `${HOST}console.log("noise");\n` };
  const written: string[] = [];
  const write = console.error;
  return withRepository(files, async (root) => {
    console.error = (text: string) => written.push(text);
    try {
      assert.equal((await loadRepository(root)).problems, []);
    } finally {
      console.error = write;
    }
    assert.equal(written, ["noise"]);
  });
});

test("a broken host is missing, and its name is known", () =>
  withRepository({ "hosts/fleet.ts": FLEET, "hosts/a.ts": HOST, "hosts/b.ts": "export default {" }, async (root) => {
    const { hosts, hostNames } = await loadRepository(root);
    assert.equal(
      hosts.map(({ name }) => name),
      ["a"],
    );
    assert.equal([...hostNames], ["a", "b"]);
  }));

test("300 hosts", () => {
  const names = Array.from({ length: 300 }, (_, index) => `host${index}`);
  const files = Object.fromEntries(names.map((name) => [`hosts/${name}.ts`, HOST]));
  return withRepository({ "hosts/fleet.ts": FLEET, ...files }, async (root) => {
    const { inputs, problems } = validateSchemas(await loadRepository(root));
    assert.equal(problems, []);
    assert.equal([...(inputs?.hosts.keys() ?? [])], names.sort());
  });
});

test.run();
