import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LOAD_CODES } from "../../generators/load/problems.js";
import { type Files, FLEET, HOST, problemsOf } from "./repositories.js";

/** Every problem of the loader, with its place. */

interface Case {
  readonly title: string;
  readonly files: Files;
  readonly environment?: string;
  readonly problems: readonly string[];
}

const CASES: readonly Case[] = [
  { title: "nothing is wrong", files: { "hosts/fleet.ts": FLEET, "hosts/pi.ts": HOST }, problems: [] },
  {
    title: "syntax errors stop no other file",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": 'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "home" model: 4 });\n',
      "hosts/b.json": '{\n  "platform": "bareMetal",\n  "site" "home"\n}\n',
      "hosts/c.ts": HOST.replace("4", '"4"'),
    },
    problems: [
      'hosts/a.ts:3:49 syntax: Expected "}" but found "model"',
      'hosts/b.json:3:10 syntax: is not JSON: Expected ":" in JSON but found "\\"home\\""',
      'hosts/c.ts:3:50 wrong-type model: "4" is not a number',
    ],
  },
  {
    title: "a builder that there is none of, and one that gets a name",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": 'import fleet from "./fleet";\n\nexport default (fleet as any).bareMetall({ site: "home" });\n',
      "hosts/b.ts": 'import fleet from "./fleet";\n\nexport default (fleet as any).bareMetal("web", {});\n',
    },
    problems: [
      "hosts/a.ts:3:31 host-throws: there is no builder `bareMetall`",
      "hosts/b.ts:3:31 host-throws: throws TypeError: fleet.bareMetal takes one object, the host's fields; its name is the file's",
    ],
  },
  {
    title: "files with an ending that no host has are named, and those that begin with a line are none",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/web.tsx": HOST,
      "hosts/_lib.jsx": "",
      "hosts/r/b.jsx": "",
    },
    problems: [
      "hosts/r/b.jsx:1:1 host-ignored: is no host: its name ends in none of .ts, .mts, .js, .mjs and .json",
      "hosts/web.tsx:1:1 host-ignored: is no host: its name ends in none of .ts, .mts, .js, .mjs and .json",
    ],
  },
  {
    title: "a column counts characters, not bytes",
    files: { "hosts/fleet.ts": FLEET, "hosts/a.ts": 'const x = "\u00e4\u00f6\u00fc" y;\nexport default x;\n' },
    problems: ['hosts/a.ts:1:17 syntax: Expected ";" but found "y"'],
  },
  {
    title: "unknown imports, and names that a file does not export",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": 'import fleet from "./flet";\n\nexport default fleet.raspberryPi({ site: "home", model: 4 });\n',
      "hosts/b.ts":
        'import fleet from "./fleet";\nimport { nets } from "./_nets";\n\nexport default fleet.bareMetal({ site: "home", ...nets });\n',
      "hosts/c.ts": 'import nets from "./_nets.js";\n\nexport default nets;\n',
      "hosts/_nets.ts": "export const net = {};\n",
    },
    problems: [
      "hosts/a.ts:1:19 import: cannot find the module `./flet`",
      "hosts/b.ts:2:10 import: `hosts/_nets.ts` does not export `nets`",
      "hosts/c.ts:1:8 import: `hosts/_nets.ts` does not export `default`",
    ],
  },
  {
    title: "an exception has the line of the user's file that threw",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts":
        'import fleet from "./fleet";\n\ntype Site = { name: string };\n\nfunction pick(sites: Site[]): string {\n  return sites[0].name;\n}\n\nexport default fleet.raspberryPi({ site: pick([]), model: 4 });\n',
      "hosts/b.ts": 'export default await Promise.reject("no network");\n',
      "hosts/c.ts": 'import { site } from "./_sites";\nexport default { site: site("x") };\n',
      "hosts/_sites.ts":
        '// one\n// two\nexport const site = (name: string) => {\n  throw new RangeError(["no", name].join(" "));\n};\n',
    },
    problems: [
      "hosts/_sites.ts:4:9 host-throws: throws RangeError: no x",
      "hosts/a.ts:6:19 host-throws: throws TypeError: Cannot read properties of undefined (reading 'name')",
      "hosts/b.ts:1:1 host-throws: throws no network",
    ],
  },
  {
    title: "a file that would end the command",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": "const done = 1;\nif (done === 1) process.exit(0);\nexport default {};\n",
      "hosts/b.ts": 'import { exit } from "node:process";\nexit();\nexport default {};\n',
    },
    problems: [
      "hosts/a.ts:2:25 host-throws: throws Error: process.exit() would end the command that reads the file",
      "hosts/b.ts:2:1 host-throws: throws Error: process.exit() would end the command that reads the file",
    ],
  },
  {
    title: "a key that is there twice, also beside a broken file",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": HOST.replace("model: 4", 'model: 4, tags: ["a"],\n  tags: ["b"]'),
      "hosts/b.ts": "export default {;\n",
    },
    problems: [
      'hosts/a.ts:4:3 duplicate-key: "tags" is there twice, and the first one is lost',
      'hosts/b.ts:1:17 syntax: Expected identifier but found ";"',
    ],
  },
  {
    title: "an exception of a file that two hosts import is said once",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": 'import "./_lib";\nexport default {};\n',
      "hosts/b.ts": 'import "./_lib";\nexport default {};\n',
      "hosts/_lib.ts": 'throw new Error("broken");\n',
    },
    problems: ["hosts/_lib.ts:1:7 host-throws: throws Error: broken"],
  },
  {
    title: "a fleet with a syntax error is the only one to blame",
    files: { "hosts/fleet.ts": "export default {\n", "hosts/pi.ts": HOST },
    problems: ["hosts/fleet.ts:2:1 syntax: Expected identifier but found end of file"],
  },
  {
    title: "a fleet that throws is the only one to blame",
    files: {
      "hosts/fleet.ts": 'import { defineFleet } from "meshflake";\nexport default defineFleet(missing);\n',
      "hosts/pi.ts": HOST,
      "hosts/pi2.ts": HOST,
    },
    problems: ["hosts/fleet.ts:2:28 host-throws: throws ReferenceError: missing is not defined"],
  },
  {
    title: "a fleet without a default export is the only one to blame",
    files: { "hosts/fleet.ts": "export const fleet = 1;\n", "hosts/pi.ts": HOST, "hosts/pi2.ts": HOST },
    problems: ["hosts/fleet.ts:1:1 no-default-export: has no default export"],
  },
  {
    title: "a fleet that exports the wrong thing is the only one to blame",
    files: { "hosts/fleet.ts": "export default 4;\n", "hosts/pi.ts": HOST },
    problems: ["hosts/fleet.ts:1:16 default-export: exports a number where a fleet belongs"],
  },
  {
    title: "default exports that are missing or wrong",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/a.ts": "export const a = 1;\n",
      "hosts/b.ts": 'export { default } from "./fleet";\n',
      "hosts/c.ts":
        'import fleet from "./fleet";\n\nexport default () => fleet.raspberryPi({ site: "home", model: 4 });\n',
      "hosts/d.ts": "const hosts = [1];\nexport default hosts;\n",
      "hosts/e.ts": "export default Promise.resolve({});\n",
      "hosts/f.json": "null\n",
      "hosts/g.ts": "export default undefined;\n",
      "hosts/h.cjs": "not read\n",
    },
    problems: [
      "hosts/a.ts:1:1 no-default-export: has no default export",
      "hosts/b.ts:1:10 default-export: exports a fleet where a host belongs",
      "hosts/c.ts:3:16 default-export: exports a function where a host belongs",
      "hosts/d.ts:1:15 default-export: exports a list where a host belongs",
      "hosts/e.ts:1:16 default-export: exports a promise where a host belongs",
      "hosts/f.json:1:1 default-export: exports null where a host belongs",
      "hosts/g.ts:1:16 default-export: exports undefined where a host belongs",
    ],
  },
  {
    title: "a host where the fleet belongs",
    files: {
      "hosts/fleet.json": '{ "platform": "bareMetal", "site": "home" }\n',
      "hosts/a.json": '{ "platform": "bareMetal", "site": "home" }\n',
    },
    problems: ["hosts/fleet.json:1:1 default-export: exports a host where a fleet belongs"],
  },
  {
    title: "two files of one name",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/fleet.json": "{}\n",
      "hosts/a/pi.ts": HOST.replace("./", "../"),
      "hosts/pi.ts": HOST,
    },
    problems: [
      "hosts/fleet.ts:1:1 duplicate-host: is named `fleet` like hosts/fleet.json",
      "hosts/pi.ts:1:1 duplicate-host: is named `pi` like hosts/a/pi.ts",
    ].concat(
      ["admins", "domain", "mesh", "name", "sites"].map(
        (field) => `hosts/fleet.json:1:1 missing-field ${field}: is missing`,
      ),
    ),
  },
  {
    title: "no fleet file, and the imports of it are no problems of their own",
    files: { "hosts/pi.ts": HOST },
    problems: ["hosts/fleet.ts:1:1 no-fleet: there is no fleet file"],
  },
  {
    title: "no folder of hosts",
    files: { "README.md": "" },
    problems: ["hosts/fleet.ts:1:1 no-fleet: there is no `hosts` folder"],
  },
  {
    title: "no hosts",
    files: { "hosts/fleet.ts": FLEET },
    problems: ["hosts/fleet.ts:3:16 no-hosts: the fleet has no hosts"],
  },
  {
    title: "an environment that does not exist",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/environments/dev.ts": "",
      "hosts/environments/prod.json": "{}",
    },
    environment: "div",
    problems: [
      "hosts/environments/div.ts:1:1 unknown-environment: no environment is named `div`; there are `dev` and `prod`",
    ],
  },
  {
    title: "a lock with conflict markers",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json":
        '{\n  "version": 1,\n<<<<<<< HEAD\n  "hosts": {}\n=======\n  "hosts": { "a": {} }\n>>>>>>> topic\n}\n',
    },
    problems: [
      "hosts/fleet.lock.json:3:1 lock-merged: git left its conflict markers here, and both sides are taken: a of topic",
    ],
  },
  {
    title: "a lock whose two sides contradict each other",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json":
        '{\n  "version": 1,\n  "hosts": {\n    "pi": {\n<<<<<<< HEAD\n      "mesh": "10.10.0.1"\n=======\n      "mesh": "10.10.0.2"\n>>>>>>> topic\n    }\n  }\n}\n',
    },
    problems: [
      'hosts/fleet.lock.json:6:7 lock-conflict: hosts.pi.mesh is "10.10.0.1" in HEAD, and "10.10.0.2" in topic',
    ],
  },
  {
    title: "a lock with markers that somebody has begun to remove",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json": '{\n  "version": 1,\n  "hosts": {}\n=======\n  "hosts": { "a": {} }\n>>>>>>> topic\n}\n',
    },
    problems: ["hosts/fleet.lock.json:4:1 lock-syntax: has conflict markers in lines 4, 6, and its sides are not JSON"],
  },
  {
    title: "a lock with a host that git merged twice",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json":
        '{\n  "version": 1,\n  "hosts": {\n    "pi": {\n      "mesh": "10.10.0.1"\n    },\n    "pi": {\n      "mesh": "10.10.0.2"\n    }\n  }\n}\n',
    },
    problems: [
      "hosts/fleet.lock.json:7:1 duplicate-key: hosts.pi is there twice, as git leaves it where both branches added it",
    ],
  },
  {
    title: "a lock that is not JSON",
    files: { "hosts/fleet.ts": FLEET, "hosts/pi.ts": HOST, "hosts/fleet.lock.json": '{\n  "version": 1,\n}\n' },
    problems: ["hosts/fleet.lock.json:2:15 lock-syntax: is not JSON: JSON does not support trailing commas"],
  },
  {
    title: "a lock of another version",
    files: { "hosts/fleet.ts": FLEET, "hosts/pi.ts": HOST, "hosts/fleet.lock.json": '{ "version": 3, "hosts": {} }\n' },
    problems: ["hosts/fleet.lock.json:1:3 lock-syntax version: version 3 is not 2, the one that this meshflake reads"],
  },
  {
    title: "a lock of the wrong shape",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json":
        '{\n  "version": 1,\n  "hosts": {\n    "a": { "mesh": 4 },\n    "b": { "mesh": "10.10.0.1", "facts": { "ipv4": [] } },\n    "c": [],\n    "d": { "wireguard": "x" }\n  },\n  "devices": 1\n}\n',
    },
    problems: [
      "hosts/fleet.lock.json:4:12 lock-syntax hosts.a.mesh: is not an address",
      "hosts/fleet.lock.json:5:44 lock-syntax hosts.b.facts.ipv4: is not an address",
      "hosts/fleet.lock.json:6:5 lock-syntax hosts.c: is not an object",
      "hosts/fleet.lock.json:9:3 lock-syntax devices: is not an object",
    ],
  },
  {
    title: "a lock that does not say whom files were made for",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json": `{
  "version": 1,
  "clusters": { "cats": { "apart": { "db": "1" } } },
  "hosts": {
    "a": { "admins": ["1"] },
    "b": { "admins": { "nico": 1 }, "apart": [] }
  }
}
`,
    },
    problems: [
      "hosts/fleet.lock.json:3:38 lock-syntax clusters.cats.apart.db: is not an object",
      "hosts/fleet.lock.json:5:12 lock-syntax hosts.a.admins: is not an object",
      "hosts/fleet.lock.json:6:24 lock-syntax hosts.b.admins.nico: is not a text",
      "hosts/fleet.lock.json:6:37 lock-syntax hosts.b.apart: is not an object",
    ],
  },
  {
    title: "a lock whose secrets have the wrong shape",
    files: {
      "hosts/fleet.ts": FLEET,
      "hosts/pi.ts": HOST,
      "hosts/fleet.lock.json": `{
  "version": 1,
  "admins": { "nico": "age1" },
  "clusters": { "cats": { "secrets": { "consul-gossip": { "id": "1" } } } },
  "hosts": {
    "a": { "ssh": 1, "secrets": { "ssh": "1", "db": { "readers": ["a", 1] } } }
  },
  "rotate": [],
  "revoked": "1"
}
`,
    },
    problems: [
      "hosts/fleet.lock.json:3:15 lock-syntax admins.nico: is not a list of texts",
      "hosts/fleet.lock.json:4:40 lock-syntax clusters.cats.secrets.consul-gossip.readers: is not a list of texts",
      "hosts/fleet.lock.json:6:12 lock-syntax hosts.a.ssh: is not a text",
      "hosts/fleet.lock.json:6:35 lock-syntax hosts.a.secrets.ssh: is not an object",
      "hosts/fleet.lock.json:6:47 lock-syntax hosts.a.secrets.db.id: is not a text",
      "hosts/fleet.lock.json:6:55 lock-syntax hosts.a.secrets.db.readers: is not a list of texts",
      "hosts/fleet.lock.json:8:3 lock-syntax rotate: is not an object",
      "hosts/fleet.lock.json:9:3 lock-syntax revoked: is not a list of texts",
    ],
  },
];

const test = suite("load: problems");

for (const { title, files, environment, problems } of CASES) {
  test(title, async () => assert.equal(await problemsOf(files, environment), [...problems].sort()));
}

test("every code of the loader has a case", () => {
  const said = CASES.flatMap(({ problems }) => problems.map((problem) => problem.split(" ")[1]?.replace(":", "")));
  assert.equal(
    LOAD_CODES.filter((code) => !said.includes(code)),
    [],
  );
});

test.run();
