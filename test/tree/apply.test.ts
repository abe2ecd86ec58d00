import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../generators/model/problem.js";
import { applyChanges, commitStages, stageChanges } from "../../generators/tree/apply.js";
import { diffTree } from "../../generators/tree/diff.js";
import { bundleScript, eachOf } from "./crash.js";
import { failure, put, readTree, withFolder } from "./temp.js";
import { TREE, treeOf } from "./versions.js";

const test = suite("tree/apply");

async function bring(root: string, version: number, force = false): Promise<void> {
  await applyChanges(root, await diffTree(root, treeOf(version), TREE), { ...TREE, force });
}

test("hosts come and go, and empty folders with them", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    await bring(root, 2);
    const files = Object.keys(readTree(root));
    assert.ok(files.includes("modules/hosts/miki/units/mesh.nix"));
    assert.not.ok(files.some((path) => path.includes("ari")));
    assert.equal(await diffTree(root, treeOf(2), TREE), []);
  }));

test("what is generated does not depend on what was there before", () =>
  withFolder(async (first) =>
    withFolder(async (second) => {
      await bring(first, 3);
      for (const version of [1, 2, 3]) await bring(second, version);
      assert.equal(readTree(second), readTree(first));
    }),
  ));

test("unchanged files are not touched", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    const path = join(root, "modules/hosts/cosmo/default.nix");
    const before = statSync(path, { bigint: true });
    await bring(root, 3);
    const after = statSync(path, { bigint: true });
    assert.is(after.ino, before.ino);
    assert.is(after.mtimeNs, before.mtimeNs);
    const mesh = statSync(join(root, "modules/hosts/cosmo/units/mesh.nix"), { bigint: true });
    assert.ok(mesh.mtimeNs >= after.mtimeNs);
  }));

test("an edited file stops everything, with its diff; force overwrites it", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    put(root, "modules/hosts/cosmo/units/mesh.nix", "{\n  mine = true;\n}\n");
    const before = readTree(root);
    const error = await failure(bring(root, 3), UserError);
    assert.is(error.exitCode, 1);
    assert.match(error.message, /^- {2}mine = true;$/m);
    assert.match(error.message, /^\+ {2}peers = "ari cosmo ziggy";$/m);
    assert.match(error.hint ?? "", /--force/);
    assert.equal(readTree(root), before);
    await bring(root, 3, true);
    assert.equal(await diffTree(root, treeOf(3), TREE), []);
  }));

test("after a merge that failed, generated files are generated anew, and others have a hint", () =>
  withFolder(async (root) => {
    const marked = "{\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n}\n";
    put(root, "modules/hosts/cosmo/units/mesh.nix", marked);
    assert.match((await failure(bring(root, 1), UserError)).hint ?? "", /conflict markers/);
    await bring(root, 1, true);
    put(root, "modules/hosts/cosmo/units/mesh.nix", marked);
    await bring(root, 1);
    assert.equal(await diffTree(root, treeOf(1), TREE), []);
  }));

test("an edited orphan is kept without force", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    put(root, "modules/hosts/ari/default.nix", "mine\n");
    await failure(bring(root, 2), UserError);
    assert.ok(existsSync(join(root, "modules/hosts/ari/default.nix")));
    await bring(root, 2, true);
    assert.not.ok(existsSync(join(root, "modules/hosts/ari")));
  }));

test("a person's own file keeps its folder alive", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    put(root, "modules/hosts/ari/notes.txt", "mine\n");
    await bring(root, 2);
    assert.equal(Object.keys(readTree(root, "modules/hosts/ari")), ["modules/hosts/ari/notes.txt"]);
  }));

test("a symbolic link in the way is refused, and nothing is written through it", () =>
  withFolder(async (root) => {
    mkdirSync(join(root, "modules/hosts"), { recursive: true });
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), join(root, "modules/hosts/cosmo"));
    assert.match((await failure(bring(root, 1), UserError)).message, /modules\/hosts\/cosmo is a symbolic link/);
    assert.equal(readTree(root, "elsewhere"), {});
  }));

test("more files than are synced one by one", () =>
  withFolder(async (root) => {
    const files = Array.from({ length: 700 }, (_, index) => ({
      path: `modules/hosts/h${index % 90}/f${index}.nix`,
      text: `{ n = ${index}; }\n`,
    }));
    await applyChanges(root, await diffTree(root, files, TREE), TREE);
    assert.equal(await diffTree(root, files, TREE), []);
    assert.is(Object.values(readTree(root)).filter((text) => text?.startsWith("{ n")).length, 700);
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      const next = files.map((file) => ({ ...file, text: "{ }\n" }));
      await applyChanges(root, await diffTree(root, next, TREE), TREE);
      assert.equal(await diffTree(root, next, TREE), []);
    } finally {
      process.env.PATH = path;
    }
  }));

test("when staging fails, nothing has changed", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    const other = {
      manifestPath: "modules/environments/dev/.meshflake.json",
      generatedRoots: ["modules/environments/dev"],
    };
    const path = "modules/environments/dev/default.nix";
    await applyChanges(root, await diffTree(root, [{ path, text: "old\n" }], other), other);
    const before = readTree(root);
    const changesOfOther = await diffTree(root, [{ path, text: "new\n" }], other);
    const changes = await diffTree(root, treeOf(3), TREE);
    const groups = [
      () => stageChanges(root, changesOfOther, other),
      () => stageChanges(root, changes, TREE),
      () => Promise.reject(new Error("disk full")),
    ];
    assert.is((await failure(commitStages(groups), Error)).message, "disk full");
    assert.equal(readTree(root), before);
    await commitStages(groups.slice(0, 2));
    assert.is(readFileSync(join(root, path), "utf8"), "new\n");
    assert.equal(await diffTree(root, treeOf(3), TREE), []);
  }));

test("a folder that cannot be written to leaves everything as it was", () =>
  withFolder(async (root) => {
    if (process.getuid?.() === 0) return; // root may write anywhere
    await bring(root, 1);
    const before = readTree(root);
    chmodSync(join(root, "modules/hosts/cosmo"), 0o500);
    assert.match((await failure(bring(root, 3), Error)).message, /EACCES/);
    chmodSync(join(root, "modules/hosts/cosmo"), 0o755);
    assert.equal(readTree(root), before);
  }));

test("killed at any operation, the next run finishes the job, whatever it is asked for", async () => {
  const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
  try {
    const count = await countOperations(script);
    assert.ok(count > 15, `only ${count} operations`);
    const points = Array.from({ length: count }, (_, index) => index + 1);
    await eachOf(points, (killAt) => withFolder((root) => killAndFinish(script, root, killAt)));
  } finally {
    script.remove();
  }
});

type Script = Awaited<ReturnType<typeof bundleScript>>;

async function countOperations(script: Script): Promise<number> {
  let operations = 0;
  await withFolder(async (root) => {
    await bring(root, 1);
    const result = await script.run([root, "2"], 0);
    assert.is(result.code, 0, result.output);
    operations = result.operations;
  });
  return operations;
}

async function killAndFinish(script: Script, root: string, killAt: number): Promise<void> {
  await bring(root, 1);
  const result = await script.run([root, "2"], killAt);
  assert.ok(result.killed, `operation ${killAt}: ${result.output}`);
  // Even points: the same job again. Odd points: the host files changed meanwhile; on half of them it is killed once more.
  const version = killAt % 2 === 0 ? 2 : 3;
  if (killAt % 4 === 1) await script.run([root, "0"], Math.ceil(killAt / 2));
  await bring(root, version);
  await withFolder(async (fresh) => {
    await bring(fresh, version);
    assert.equal(readTree(root), readTree(fresh), `killed before operation ${killAt}`);
  });
}

test.run();
