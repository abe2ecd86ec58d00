import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findTypeErrors } from "../../generators/load/source/types.js";
import { put } from "../tree/temp.js";
import { FLEET, HOST, printProblem, withRepository } from "./repositories.js";

/** TypeScript's own errors, in a repository that has no `node_modules`. */

const test = suite("load: type errors");

test("a fleet without mistakes has none", () =>
  withRepository(
    { "hosts/fleet.ts": FLEET, "hosts/a.ts": HOST, "hosts/b.js": "export default missing;\n" },
    async (root) => assert.equal(await findTypeErrors(root), []),
  ));

test("misspelt names have their place", () => {
  const files = {
    "hosts/fleet.ts": FLEET,
    "hosts/a.ts": HOST.replace('"home"', '"hom"'),
    "hosts/c.ts": HOST.replace("model: 4", "model: 4,\n  modle: 4"),
    "hosts/environments/dev.ts": HOST.replace("./", "../").replace("raspberryPi", "raspberyPi"),
  };
  return withRepository(files, async (root) => {
    const problems = (await findTypeErrors(root)).map(printProblem).sort();
    assert.is(problems.length, 3);
    assert.match(problems[0] ?? "", /^hosts\/a\.ts:3:36 type-error: Type '"hom"' is not assignable to type '"home"'$/);
    assert.match(problems[1] ?? "", /^hosts\/c\.ts:4:3 type-error: Object literal .*'modle' does not exist/);
    assert.match(
      problems[2] ?? "",
      /^hosts\/environments\/dev\.ts:3:22 type-error: Property 'raspberyPi' does not exist/,
    );
  });
});

test("host names are those of the files that are there now, not of the last generate", () => {
  const relays = (name: string) => FLEET.replace('0.0/16"', `0.0/16", relays: ["${name}"]`);
  const names = (name: string) =>
    `import "meshflake";\ndeclare module "meshflake" {\n  interface HostNames {\n    ${name}: true;\n  }\n}\n`;
  const files = {
    "hosts/fleet.ts": relays("new-one"),
    "hosts/a.ts": HOST,
    "hosts/home/new-one.ts": HOST.replace("./", "../"),
  };
  return withRepository({ ...files, "modules/hosts/names.d.ts": names("gone") }, async (root) => {
    assert.equal(await findTypeErrors(root), []);
    put(root, "hosts/fleet.ts", relays("gone"));
    const gone = /^hosts\/fleet\.ts:8:42 type-error: Type '"gone"' is not assignable to type 'keyof HostNames'$/;
    assert.match((await findTypeErrors(root)).map(printProblem).join("\n"), gone);
    // The same before the first generate, and with a configuration of the repository's own.
    rmSync(join(root, "modules"), { recursive: true });
    assert.match((await findTypeErrors(root)).map(printProblem).join("\n"), gone);
    const options = { module: "esnext", moduleResolution: "bundler", strict: true, target: "es2022" };
    put(
      root,
      "tsconfig.json",
      JSON.stringify({ compilerOptions: options, include: ["hosts", "modules/hosts/names.d.ts"] }),
    );
    put(root, "modules/hosts/names.d.ts", names("gone"));
    assert.match((await findTypeErrors(root)).map(printProblem).join("\n"), gone);
  });
});

test("the repository's own configuration counts where it covers the hosts", () => {
  const loose = "export default { site: (name) => name };\n";
  const config = '{ "compilerOptions": { "strict": false, "moduleResolution": "bundler", "module": "esnext" } }';
  return withRepository({ "hosts/a.ts": loose, "hosts/tsconfig.json": config }, async (root) => {
    assert.equal(await findTypeErrors(root), []);
  });
});

test("without it, the strict rules do", () =>
  withRepository({ "hosts/a.ts": "export default { site: (name) => name };\n" }, async (root) => {
    assert.match((await findTypeErrors(root)).map(printProblem).join(), /^hosts\/a\.ts:1:25 type-error: .*implicitly/);
  }));

test.run();
