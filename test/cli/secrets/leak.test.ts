import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { put } from "../../tree/temp.js";
import { cleanEnv, commitAll, makeFolder, type Run, runCli } from "../process.js";
import { copyFleet, listSecrets } from "./fleet.js";

/**
 * Secrets of a whole fleet in the clear, looked for where they must not be: in its files, in git's objects, in what commands
 * print, and in the folders for temporary files.
 */

const leak = suite("cli: leaks");

/** Commands that only read, as one without a key runs them. */
const READING: readonly (readonly string[])[] = [
  ["check"],
  ["plan"],
  ["plan", "cosmo"],
  ["diff"],
  ["diff", "--summary"],
  ["graph"],
  ["generate", "--check"],
  ["generate", "--dry-run"],
  ["secrets", "list"],
  ["secrets", "audit"],
];

const KINDS = ["identity", "ssh", "wireguard", "consul-token", "nomad-token", "photos"];
const CLUSTER = ["consul-gossip", "consul-management", "nomad-gossip", "nomad-management", "shared"];

/** Everything that is searched, by where it came from. */
type Places = Map<string, Buffer>;

interface World {
  readonly root: string;
  readonly temp: string;
  readonly runs: ReadonlyMap<string, Run>;
  /** Values in the clear, by name. */
  readonly secrets: ReadonlyMap<string, string>;
}

async function makeWorld(): Promise<World> {
  const { root, identity, pipe } = await copyFleet();
  const temp = makeFolder();
  const env = { TMPDIR: temp, XDG_RUNTIME_DIR: temp, MESHFLAKE_IDENTITY: identity };
  for (const name of ["cosmo/photos", "cats/shared"]) {
    assert.is(pipe(`the value of ${name}, which nobody guesses`, "secrets", "set", name).code, 0);
  }
  const runs = new Map<string, Run>();
  const run = async (...args: readonly string[]) => {
    const made = await runCli(args, { cwd: root, env });
    runs.set(args.join(" "), made);
    return made;
  };
  assert.is((await run("generate")).code, 0);
  commitAll(root);
  for (const args of READING) {
    for (const more of [[], ["--json"]]) {
      const { code, stderr } = await run(...args, ...more);
      assert.is(code, 0, `${args}: ${stderr}`);
    }
  }
  const secrets = new Map<string, string>();
  for (const name of listSecrets(root)) {
    const { code, stdout, stderr } = await runCli(["secrets", "show", name], { cwd: root, env });
    assert.is(code, 0, stderr);
    secrets.set(name, stdout.trim());
  }
  return { root, temp, runs, secrets };
}

/** What is unmistakably the secret's: each key of a ring, the private part of an SSH key. */
function needlesOf(value: string): string[] {
  if (value.startsWith("[")) return JSON.parse(value);
  if (!value.startsWith("-----BEGIN")) return [value];
  // The first lines of the base64 text say the format and the public half.
  const lines = value.split("\n").slice(1, -1);
  const wire = Buffer.from(lines.join(""), "base64");
  const seed = wire.subarray(wire.indexOf(Buffer.from([0, 0, 0, 64])) + 4).subarray(0, 32);
  return [lines.slice(-2)[0] ?? "", seed.toString("base64"), seed.toString("hex"), seed.toString("latin1")];
}

function filesBelow(folder: string, skip = /^$/): Places {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.filter((path) => !skip.test(path.slice(folder.length))).map((path) => [path, readFileSync(path)]),
  );
}

function git(root: string, ...args: readonly string[]): Buffer {
  return execFileSync("git", args, { cwd: root, env: cleanEnv(), maxBuffer: 256 * 1024 * 1024 });
}

/** All that exists now. */
function collect({ root, temp, runs }: World): Places {
  const printed = [...runs].flatMap(([name, { stdout, stderr }]): [string, Buffer][] => [
    [`${name}: stdout`, Buffer.from(stdout)],
    [`${name}: stderr`, Buffer.from(stderr)],
  ]);
  return new Map([
    ...filesBelow(root, /^\/\.git\//),
    ...filesBelow(temp),
    ...printed,
    ["git", git(root, "cat-file", "--batch", "--batch-all-objects")],
  ]);
}

/** @returns the places that hold a secret, with its name */
function search(places: Places, secrets: World["secrets"]): string[] {
  const found: string[] = [];
  for (const [name, value] of secrets) {
    for (const needle of new Set(needlesOf(value))) {
      const bytes = Buffer.from(needle, "latin1");
      for (const [place, content] of places) if (content.includes(bytes)) found.push(`${place}: ${name}`);
    }
  }
  return [...new Set(found)].sort();
}

let world: Promise<World> | undefined;
const theWorld = () => {
  world ??= makeWorld();
  return world;
};

leak("every kind of secret is searched for, in every kind of place", async () => {
  const { secrets, root, ...rest } = await theWorld();
  const names = [...secrets.keys()];
  for (const kind of [...KINDS, ...CLUSTER])
    assert.ok(
      names.some((name) => name.endsWith(`/${kind}`)),
      kind,
    );
  for (const [name, value] of secrets) {
    for (const needle of needlesOf(value)) assert.ok(needle.length >= 30, name);
  }
  const places = [...collect({ secrets, root, ...rest }).keys()];
  for (const file of [
    "modules/hosts/cosmo/consul.nix",
    "modules/hosts/known_hosts",
    "modules/hosts/names.d.ts",
    "modules/hosts/admins.nix",
    "modules/hosts/.meshflake.json",
    "hosts/fleet.lock.json",
    "hosts/fleet.lock/cosmo.lock.json",
    "secrets/cosmo/ssh.age",
  ]) {
    assert.ok(places.includes(join(root, file)), file);
  }
});

leak("no secret is in the clear anywhere, and nothing is left in folders for temporary files", async () => {
  const made = await theWorld();
  assert.equal(search(collect(made), made.secrets), []);
  assert.equal([...filesBelow(made.temp).keys()], []);
});

leak("the same search finds each secret where somebody planted it", async () => {
  const made = await theWorld();
  const { root, temp, secrets } = made;
  const repository = makeFolder();
  git(repository, "init", "--quiet");
  for (const [name, value] of secrets) put(repository, name, `before ${value} after\n`);
  git(repository, "add", "--all");
  const all = Buffer.from([...secrets.values()].join("\n"));
  const planted: Places = new Map([
    ["module", Buffer.concat([readFileSync(join(root, "modules/hosts/cosmo/consul.nix")), all])],
    ["object", git(repository, "cat-file", "--batch", "--batch-all-objects")],
    ["stdout", all],
  ]);
  assert.equal(
    search(planted, secrets),
    ["module", "object", "stdout"].flatMap((at) => [...secrets.keys()].map((name) => `${at}: ${name}`)).sort(),
  );
  const [name, value] = [...secrets].find(([one]) => one.endsWith("/wireguard")) ?? ["", ""];
  const lock = join(root, "hosts/fleet.lock/cosmo.lock.json");
  const module = join(root, "modules/hosts/cosmo/mesh.nix");
  const before = new Map([lock, module].map((path) => [path, readFileSync(path)]));
  put(temp, "left/over", value);
  for (const [path, content] of before) writeFileSync(path, Buffer.concat([content, Buffer.from(value)]));
  git(root, "add", "--all");
  for (const [path, content] of before) {
    assert.ok(search(collect(made), secrets).includes(`${path}: ${name}`));
    writeFileSync(path, content);
  }
  const runs = new Map([["check", { code: 0, stdout: "", stderr: value }]]);
  assert.equal(search(collect({ ...made, runs }), secrets), [
    `${join(temp, "left/over")}: ${name}`,
    `check: stderr: ${name}`,
    `git: ${name}`,
  ]);
});

leak.run();
