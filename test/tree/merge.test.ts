import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GITATTRIBUTES } from "../../cli/init/project.js";
import { loadLock } from "../../generators/load/lock/load.js";
import type { HostInput } from "../../generators/model/input.js";
import type { Lock } from "../../generators/model/lock.js";
import { planFleet } from "../../generators/plan/plan.js";
import { renderFleet } from "../../generators/render/fleet.js";
import type { RenderedFile } from "../../generators/render/types.js";
import { viewFleet } from "../../generators/render/views/fleet.js";
import { writeLock } from "../../generators/secrets/disk/lock-files.js";
import { printLock } from "../../generators/secrets/lock-text.js";
import { applyChanges } from "../../generators/tree/apply.js";
import { diffTree, listMerged } from "../../generators/tree/diff.js";
import { formatManifest, hashFile } from "../../generators/tree/manifest.js";
import { FLEET, fleetOf, pi, publicHost } from "../support/fleets.js";
import { put, withFolder } from "./temp.js";
import { TREE } from "./versions.js";

/** Two branches that add a host each, merged by git itself. */

const test = suite("tree/merge");

const LOCK = "hosts/fleet.lock.json";
const MESH = "modules/hosts/ari/mesh.nix";

const HOSTS: Readonly<Record<string, HostInput>> = {
  ari: publicHost(10, { nomad: { server: true }, consul: { server: true } }),
  cosmo: publicHost(11),
  miki: pi("home6"),
  toto: pi("home6"),
};

function git(root: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=nico", "-c", "user.email=nico@example.org", "-c", "init.defaultBranch=main"];
  const env = { PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...identity, ...args], { cwd: root, env, encoding: "utf8", stdio: "pipe" });
}

function plan(names: readonly string[], lock: Lock): { readonly files: readonly RenderedFile[]; readonly lock: Lock } {
  const hosts = Object.fromEntries(names.map((name) => [name, HOSTS[name] as HostInput]));
  const planned = planFleet(fleetOf(FLEET, hosts, lock), lock);
  return { files: renderFleet(planned, viewFleet(planned)), lock: planned.lock };
}

/** What `generate` does to the lock and to the tree, without force. */
async function generate(root: string, names: readonly string[]): Promise<readonly string[]> {
  const { lock, problems } = await loadLock(root, LOCK);
  assert.ok(problems.every(({ code }) => code === "lock-merged"));
  const planned = plan(names, lock);
  await writeLock(root, LOCK, planned.lock);
  const changes = await diffTree(root, planned.files, TREE);
  await applyChanges(root, changes, TREE);
  return changes.map(({ kind }) => kind);
}

function commit(root: string, message: string): void {
  git(root, "add", ".");
  git(root, "commit", "-q", "-m", message);
}

/** Merges `theirs` into `ours`, each of which adds a host; the lock is left as git left it. */
async function mergeBranches(root: string, stops = true): Promise<void> {
  git(root, "init", "-q");
  await generate(root, ["ari", "toto"]);
  commit(root, "two hosts");
  git(root, "checkout", "-q", "-b", "theirs");
  await generate(root, ["ari", "miki", "toto"]);
  commit(root, "add miki");
  git(root, "checkout", "-q", "main");
  await generate(root, ["ari", "cosmo", "toto"]);
  commit(root, "add cosmo");
  const merge = () => git(root, "merge", "-q", "theirs");
  if (stops) assert.throws(merge, /Command failed: git/);
  else merge();
}

for (const [drivers, attributes] of [
  ["no merge driver", ""],
  ["one of the manifest, as in repositories from before", "modules/hosts/.meshflake.json merge=union\n"],
  ["one of the whole tree", GITATTRIBUTES],
] as const) {
  test(`after a merge nothing has to be forced: ${drivers}`, () =>
    withFolder(async (root) => {
      if (attributes !== "") put(root, ".gitattributes", attributes);
      const stops = attributes !== GITATTRIBUTES;
      await mergeBranches(root, stops);
      const merged = await loadLock(root, LOCK);
      assert.equal([Object.keys(merged.lock.hosts), merged.problems], [["ari", "cosmo", "miki", "toto"], []]);
      assert.is(/^<{7} /m.test(readFileSync(join(root, MESH), "utf8")), stops);
      assert.ok(listMerged(root, TREE).includes(MESH));

      const kinds = await generate(root, ["ari", "cosmo", "miki", "toto"]);
      assert.ok(kinds.includes("update"));
      assert.not(kinds.includes("conflict"));
      assert.equal(listMerged(root, TREE), []);
      const { files, lock } = plan(["ari", "cosmo", "miki", "toto"], (await loadLock(root, LOCK)).lock);
      for (const [path, text] of printLock(LOCK, lock)) assert.is(readFileSync(join(root, path), "utf8"), text);
      assert.equal(await diffTree(root, files, TREE), []);
    }));
}

test("a hand edit is one, before a merge and after it", () =>
  withFolder(async (root) => {
    await mergeBranches(root);
    const names = ["ari", "cosmo", "miki", "toto"];
    await generate(root, names);
    put(root, MESH, "{ }\n");
    const { files } = plan(names, (await loadLock(root, LOCK)).lock);
    assert.equal(
      (await diffTree(root, files, TREE)).map(({ kind, path }) => `${kind} ${path}`),
      [`conflict ${MESH}`],
    );
  }));

test("what git merged into the files of a host that it took for a renamed one is no hand edit", () =>
  withFolder(async (root) => {
    const files = ["ari", "miki"].map((host) => ({ path: `modules/hosts/${host}/mesh.nix`, text: `{ ${host} }\n` }));
    const hashes = (...more: [string, string][]) =>
      formatManifest([...files.map(({ path, text }) => [path, hashFile(text)] as const), ...more]);
    for (const { path, text } of files) put(root, path, text);
    put(root, "modules/hosts/miki/mesh.nix", "{ neither branch's }\n");
    const kinds = async (manifest: string) => {
      put(root, TREE.manifestPath, manifest);
      const changes = await diffTree(root, files, TREE);
      return changes.filter((change) => !change.manifest).map(({ kind, path }) => `${kind} ${path}`);
    };
    const twice: [string, string] = [MESH, hashFile("{ theirs }\n")];
    const gone = (file: string): [string, string] => [`modules/hosts/toto/${file}`, hashFile("{ toto }\n")];
    assert.equal(await kinds(hashes(twice, gone("mesh.nix"))), ["update modules/hosts/miki/mesh.nix"]);
    for (const more of [[twice], [gone("mesh.nix")], [twice, gone("dns.nix")]])
      assert.equal(await kinds(hashes(...more)), ["conflict modules/hosts/miki/mesh.nix"]);
  }));

test("a file of somebody else's with markers in it stays one", () =>
  withFolder(async (root) => {
    put(root, MESH, "<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n");
    const [change] = await diffTree(root, [{ path: MESH, text: "{ }\n" }], TREE);
    assert.is(change?.kind, "conflict");
  }));

test.run();
