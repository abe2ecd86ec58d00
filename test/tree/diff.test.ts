import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../generators/model/problem.js";
import { applyChanges } from "../../generators/tree/apply.js";
import { type Change, diffTree } from "../../generators/tree/diff.js";
import { formatManifest, hashFile, parseManifest } from "../../generators/tree/manifest.js";
import { findPathFault } from "../../generators/tree/paths.js";
import { failure, put, readTree, withFolder } from "./temp.js";
import { TREE, treeOf } from "./versions.js";

const test = suite("tree/diff");

const MESH = "modules/hosts/cosmo/units/mesh.nix";

async function bring(root: string, version: number): Promise<void> {
  await applyChanges(root, await diffTree(root, treeOf(version), TREE), TREE);
}

function words(changes: readonly Change[]): string[] {
  return changes.map((change) => `${change.kind} ${change.path}`);
}

test("an empty folder gets everything, sorted, the manifest last; looking writes nothing", () =>
  withFolder(async (root) => {
    assert.equal(words(await diffTree(root, treeOf(1).reverse(), TREE)), [
      "create modules/hosts/ari/default.nix",
      "create modules/hosts/ari/units/mesh.nix",
      "create modules/hosts/cosmo/default.nix",
      "create modules/hosts/cosmo/units/mesh.nix",
      "create modules/hosts/default.nix",
      "create modules/hosts/.meshflake.json",
    ]);
    assert.equal(readTree(root), {});
  }));

test("updates and orphans carry their texts", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    const changes = await diffTree(root, treeOf(2), TREE);
    assert.equal(words(changes), [
      "delete modules/hosts/ari/default.nix",
      "delete modules/hosts/ari/units/mesh.nix",
      "update modules/hosts/cosmo/units/mesh.nix",
      "update modules/hosts/default.nix",
      "create modules/hosts/miki/default.nix",
      "create modules/hosts/miki/units/mesh.nix",
      "update modules/hosts/.meshflake.json",
    ]);
    assert.is(changes[0]?.before, '{ networking.hostName = "ari"; }\n');
    assert.is(changes[0]?.after, undefined);
    assert.is(changes[2]?.before, '{\n  peers = "ari cosmo";\n}\n');
    assert.is(changes[2]?.after, '{\n  peers = "cosmo miki";\n}\n');
    assert.is(changes.at(-1)?.manifest, true);
  }));

test("an edit is a conflict, unless it is what would be written", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    put(root, MESH, "mine\n");
    assert.equal(words(await diffTree(root, treeOf(1), TREE)), [`conflict ${MESH}`]);
    put(root, MESH, '{\n  peers = "cosmo miki";\n}\n');
    assert.ok(!words(await diffTree(root, treeOf(2), TREE)).some((line) => line.endsWith(MESH)));
  }));

test("a deleted file is made again", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    rmSync(join(root, MESH));
    assert.equal(words(await diffTree(root, treeOf(1), TREE)), [`create ${MESH}`]);
  }));

test("a file of a person where a new one belongs is a conflict, unless identical", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    put(root, "modules/hosts/miki/default.nix", "mine\n");
    put(root, "modules/hosts/miki/units/mesh.nix", '{\n  peers = "cosmo miki";\n}\n');
    const lines = words(await diffTree(root, treeOf(2), TREE)).filter((line) => line.includes("miki"));
    assert.equal(lines, ["conflict modules/hosts/miki/default.nix"]);
  }));

test("a lost manifest makes a conflict of what differs, and of nothing else", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    rmSync(join(root, TREE.manifestPath));
    assert.equal(words(await diffTree(root, treeOf(1), TREE)), [`create ${TREE.manifestPath}`]);
    const kinds = (await diffTree(root, treeOf(3), TREE)).map((change) => change.kind);
    assert.equal(kinds.filter((kind) => kind === "conflict").length, 3);
    assert.not.ok(kinds.includes("update"));
  }));

test("line ends and stray bytes are differences", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    writeFileSync(join(root, MESH), readFileSync(join(root, MESH), "utf8").replaceAll("\n", "\r\n"));
    assert.equal(words(await diffTree(root, treeOf(1), TREE)), [`conflict ${MESH}`]);
    writeFileSync(join(root, MESH), Buffer.from([0xff, 0xfe]));
    assert.equal(words(await diffTree(root, treeOf(1), TREE)), [`conflict ${MESH}`]);
  }));

const hash = hashFile("x");

test("a manifest is one sorted line a file, and is read back", () => {
  const text = formatManifest(
    new Map([
      ["b", hash],
      ['a "quoted"', hash],
    ]),
  );
  assert.is(text, `{\n  "version": 1,\n  "files": {\n    "a \\"quoted\\"": "${hash}",\n    "b": "${hash}"\n  }\n}\n`);
  assert.equal(
    [...parseManifest(text, "m")],
    [
      ['a "quoted"', [hash]],
      ["b", [hash]],
    ],
  );
  assert.equal(JSON.parse(formatManifest([])), { version: 1, files: {} });
  assert.equal([...parseManifest(formatManifest([]), "m")], []);
});

test("both sides of a merge count, with conflict markers and with merge=union", () => {
  const [ours, theirs] = [hashFile("ours"), hashFile("theirs")];
  const lines = (...middle: string[]): string =>
    ["{", '  "version": 1,', '  "files": {', ...middle, "  }", "}", ""].join("\n");
  const marked = lines("<<<<<<< HEAD", `    "a": "${ours}",`, "=======", `    "a": "${theirs}"`, ">>>>>>> topic");
  const union = lines(`    "a": "${ours}"`, `    "a": "${theirs}"`);
  for (const text of [marked, union]) assert.equal([...parseManifest(text, "m")], [["a", [ours, theirs]]]);
});

test("a merged tree is generated again without force", () =>
  withFolder(async (root) => {
    await bring(root, 1);
    const ours = readFileSync(join(root, TREE.manifestPath), "utf8");
    await bring(root, 2);
    const theirs = readFileSync(join(root, TREE.manifestPath), "utf8");
    put(root, TREE.manifestPath, `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> topic\n`);
    put(root, MESH, '{\n  peers = "ari cosmo";\n}\n');
    assert.ok(words(await diffTree(root, treeOf(3), TREE)).includes(`update ${MESH}`));
    await bring(root, 3);
    assert.equal(await diffTree(root, treeOf(3), TREE), []);
  }));

test("a damaged manifest names its line", () => {
  const parse = (text: string) => parseManifest(text, "m.json");
  assert.throws(() => parse('{\n  "version": 2,\n'), /m\.json:2 is not a line/);
  assert.throws(() => parse(`{\n    "a": "${hash.slice(1)}"\n`), /m\.json:2 /);
  assert.throws(() => parse(`{\n    "\\x": "${hash}"\n`), /m\.json:2 /);
});

const EVIL: readonly (readonly [string, RegExp])[] = [
  ["/etc/passwd", /absolute/],
  ["modules/hosts/../../.ssh/config", /upwards/],
  ["../x", /upwards/],
  ["modules/hosts/..", /upwards/],
  ["modules/hosts/./x", /shortest/],
  ["modules/hosts//x", /shortest/],
  ["modules/hosts", /outside/],
  ["modules/hostsile/x", /outside/],
  ["hosts/cosmo.ts", /outside/],
  ["modules\\hosts\\x", /backslash/],
  ["modules/hosts/a\nb", /control/],
];

test("the manifest is not trusted", () =>
  withFolder(async (root) => {
    for (const [path, fault] of EVIL) {
      assert.match(findPathFault(path, TREE.generatedRoots) ?? "none", fault);
      put(root, TREE.manifestPath, formatManifest([[path, hash]]));
      const error = await failure(diffTree(root, treeOf(1), TREE), UserError);
      assert.match(error.message, fault);
    }
    assert.is(findPathFault("modules/hosts/..x/y..", TREE.generatedRoots), undefined);
  }));

test("the manifest leads through no symbolic link, in any component", () =>
  withFolder(async (root) => {
    put(root, "precious/default.nix", "x");
    mkdirSync(join(root, "modules/hosts/real"), { recursive: true });
    symlinkSync("../../precious", join(root, "modules/hosts/link"));
    symlinkSync("../../../precious/default.nix", join(root, "modules/hosts/real/default.nix"));
    for (const path of ["modules/hosts/link/default.nix", "modules/hosts/real/default.nix"]) {
      put(root, TREE.manifestPath, formatManifest([[path, hash]]));
      assert.match((await failure(diffTree(root, [], TREE), UserError)).message, /symbolic link/);
    }
    rmSync(join(root, TREE.manifestPath));
    symlinkSync("../../precious/default.nix", join(root, TREE.manifestPath));
    assert.match((await failure(diffTree(root, [], TREE), UserError)).message, /symbolic link/);
    assert.is(readFileSync(join(root, "precious/default.nix"), "utf8"), "x");
  }));

test("a folder where a file belongs is an error, and so is a file where a folder belongs", () =>
  withFolder(async (root) => {
    mkdirSync(join(root, MESH), { recursive: true });
    assert.match((await failure(diffTree(root, treeOf(1), TREE), UserError)).message, /is a folder/);
    rmSync(join(root, "modules/hosts/cosmo"), { recursive: true });
    put(root, "modules/hosts/cosmo", "x");
    assert.match((await failure(diffTree(root, treeOf(1), TREE), UserError)).message, /a folder belongs there/);
  }));

test("rendering a path twice, or outside of the tree, is a bug", async () =>
  withFolder(async (root) => {
    const [one] = treeOf(1);
    if (one === undefined) throw new Error("no file");
    assert.match((await failure(diffTree(root, [one, one], TREE), Error)).message, /rendered twice/);
    const out = { path: "hosts/cosmo.ts", text: "" };
    assert.match((await failure(diffTree(root, [out], TREE), Error)).message, /outside/);
  }));

test.run();
