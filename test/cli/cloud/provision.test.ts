import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeFolder, PACKAGE, runCli } from "../process.js";
import { makeCloudFleet } from "./fleet.js";

/** What stops `provision` before Pulumi's engine runs; what it does with the engine is in `test/real/pulumi`. */
const provision = suite("cli: provision");

function makeProject(root: string): void {
  mkdirSync(join(root, "pulumi"));
  writeFileSync(join(root, "pulumi/Pulumi.yaml"), "name: meshflake\nmain: index.ts\nruntime: nodejs\n");
  writeFileSync(join(root, "pulumi/package.json"), '{ "type": "module" }\n');
  writeFileSync(join(root, "pulumi/index.ts"), "export default () => {};\n");
}

/** A `pulumi` that can nothing but be found. */
function fakePulumi(): string {
  const bin = makeFolder();
  writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho v3.245.0\n");
  chmodSync(join(bin, "pulumi"), 0o755);
  return `${bin}:${process.env.PATH}`;
}

provision("says what is missing: the program, the pulumi command, the project's packages", async () => {
  const { root, run } = await makeCloudFleet();
  assert.match(
    (await run("provision")).stderr,
    /the repository has no pulumi\/Pulumi\.yaml\nHint: meshflake init writes one/,
  );
  makeProject(root);
  const bare = await runCli(["provision"], { cwd: root, env: { PATH: makeFolder() } });
  assert.is(bare.code, 1);
  assert.match(bare.stderr, /pulumi is not installed\nHint: install it/);
  const { code, stderr } = await runCli(["provision"], { cwd: root, env: { PATH: fakePulumi() } });
  assert.is(code, 1);
  assert.match(stderr, /@pulumi\/pulumi is not installed for pulumi\/\nHint: run npm install/);
});

provision("a fleet that is wrong is not provisioned, and --replace names a host of it", async () => {
  const { root } = await makeCloudFleet();
  makeProject(root);
  symlinkSync(join(PACKAGE, "node_modules"), join(root, "node_modules"));
  const env = { PATH: fakePulumi() };
  const unknown = await runCli(["provision", "--replace", "mikki"], { cwd: root, env });
  assert.equal([unknown.code, /no host is named `mikki`/.test(unknown.stderr)], [2, true]);
  writeFileSync(join(root, "hosts/other.ts"), "export default 1;\n");
  assert.is((await runCli(["provision"], { cwd: root, env })).code, 2);
});

provision.run();
