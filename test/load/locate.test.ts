import { suite } from "uvu";
import * as assert from "uvu/assert";
import { locateProblems } from "../../generators/load/source/locate.js";
import type { Origin, Problem, ValuePath } from "../../generators/model/problem.js";
import { type Files, withRepository } from "./repositories.js";

/** Where values are written. */

const problemOf = (...origins: Origin[]): Problem => ({ code: "x", severity: "error", origins, message: "m" });

/** Finds places of one file. @returns `LINE:COLUMN` each */
async function placesOf(file: string, text: string, paths: readonly ValuePath[]): Promise<string[]> {
  let places: string[] = [];
  await withRepository({ [file]: text }, async (root) => {
    const found = await locateProblems(
      paths.map((path) => problemOf({ file, path })),
      root,
    );
    places = found.map(({ line, column }) => `${line}:${column}`);
  });
  return places;
}

const test = suite("load: locate");

test("objects, lists, and the builder itself", async () => {
  const text = `import fleet from "./fleet";

export default fleet.raspberryPi({
  "site": "home",
  ["model"]: 4,
  consul: {
    services: [
      { name: "db", port: 5432 },
      { name: "web", port: 80 },
    ],
  },
});
`;
  const paths = [[], ["platform"], ["site"], ["model"], ["consul", "services", 1, "port"], ["consul", "services", 0]];
  assert.equal(await placesOf("hosts/a.ts", text, paths), ["3:16", "3:22", "4:3", "5:3", "9:22", "8:7"]);
});

test("what is not there is its nearest parent", async () => {
  const text = "export default {\n  mesh: { port: 1 },\n  list: [1],\n};\n";
  const paths = [["nomad"], ["mesh", "mtu"], ["mesh", "port", "deep"], ["list", 4], ["list", "x"]];
  assert.equal(await placesOf("hosts/a.ts", text, paths), ["1:16", "2:3", "2:11", "3:3", "3:3"]);
});

test("constants, spreads, shorthands and types", async () => {
  const text = `const site = "home";
const common = { tags: ["a"], model: 3 } as const;
const nomad = { server: true } satisfies object;
const host = fleet.raspberryPi({
  ...common,
  site,
  nomad,
  model: (4),
  mesh: ({ mtu: 1 } as { mtu: number })!,
  ...unknown(),
});
export default host;
`;
  const paths = [[], ["tags", 0], ["model"], ["site"], ["nomad", "server"], ["mesh", "mtu"], ["other"]];
  assert.equal(await placesOf("hosts/a.ts", text, paths), ["4:14", "2:25", "8:3", "6:3", "3:17", "9:12", "4:14"]);
});

test("default exports of every kind of file", async () => {
  assert.equal(await placesOf("hosts/a.js", "module.exports = { a: 1 };\n", [["a"]]), ["1:20"]);
  assert.equal(await placesOf("hosts/a.mjs", "const x = { a: 1 };\nexport { x as default };\n", [["a"]]), ["1:13"]);
  assert.equal(await placesOf("hosts/a.json", '{\n  "a": { "b/c": [1, 2] }\n}\n', [["a", "b/c", 1], []]), [
    "2:21",
    "1:1",
  ]);
  assert.equal(await placesOf("hosts/a.ts", "const x = x;\nexport default x;\n", [["a"]]), ["1:11"]);
  assert.equal(await placesOf("hosts/a.ts", "export const a = 1;\n", [["a"]]), ["1:1"]);
});

test("the first origin that holds the path wins and comes first, otherwise the last one's nearest parent", () => {
  const files: Files = {
    "hosts/environments/dev.ts": "export default fleet.environment({ hosts: { a: { mesh: { mtu: 1 } } } });\n",
    "hosts/a.ts": "export default {\n  mesh: { mtu: 2, port: 3 },\n};\n",
  };
  const both = (...path: string[]) =>
    problemOf({ file: "hosts/environments/dev.ts", path: ["hosts", "a", ...path] }, { file: "hosts/a.ts", path });
  return withRepository(files, async (root) => {
    const found = await locateProblems([both("mesh", "mtu"), both("mesh", "port"), both("mesh", "ip")], root);
    assert.equal(
      found.map(({ origins, line, column }) => [origins[0]?.file, line, column]),
      [
        ["hosts/environments/dev.ts", 1, 58],
        ["hosts/a.ts", 2, 19],
        ["hosts/a.ts", 2, 3],
      ],
    );
  });
});

test("what has a place keeps it, what has no file gets none, and a missing file begins at its first line", () =>
  withRepository({}, async (root) => {
    const known = { ...problemOf({ file: "x.ts", path: [] }), line: 7, column: 8 };
    const found = await locateProblems([known, problemOf(), problemOf({ file: "gone.ts", path: [] })], root);
    assert.equal(
      found.map(({ line, column }) => [line, column]),
      [
        [7, 8],
        [undefined, undefined],
        [1, 1],
      ],
    );
  }));

test.run();
