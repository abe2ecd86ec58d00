import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findTypeErrors } from "../../generators/load/source/types.js";
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
