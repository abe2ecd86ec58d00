import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cleanEnv, commitAll, copyGenerated, makeFolder, runCli } from "../cli/process.js";

/** The command around Nix. A stand-in takes Nix's place: what it is asked, and what is made of its answer. */

const image = suite("image: command");

/** Notes how it is called, answers as Nix does, and makes the file that it names. */
const NIX = `#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
echo "building" >&2
[ -z "$FAIL" ] || exit 1
case "$*" in
  *" eval "*) printf 'sd-image/card.img.zst' ;;
  *) mkdir -p "$STORE/sd-image"; printf 'image' > "$STORE/sd-image/card.img.zst"; echo "$STORE" ;;
esac
`;

interface World {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: () => string[];
  readonly store: string;
}

async function makeWorld(more: Readonly<Record<string, string>> = {}): Promise<World> {
  const root = await copyGenerated();
  commitAll(root);
  const folder = makeFolder();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "nix"), NIX);
  chmodSync(join(bin, "nix"), 0o755);
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  const store = join(folder, "store");
  const env = { PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`, CALLS: calls, STORE: store, FAIL: "", ...more };
  return {
    root,
    env,
    store,
    calls: () =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line !== ""),
  };
}

image("builds the host's image, and prints the file alone", async () => {
  const { root, env, calls, store } = await makeWorld();
  const { code, stdout, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
  assert.is(code, 0, stderr);
  assert.is(stdout, `${join(store, "sd-image/card.img.zst")}\n`);
  assert.match(stderr, /^building$/m);
  const [build, ask, ...rest] = calls();
  const attribute = ".#nixosConfigurations.bianco.config.system.build.platformImage";
  assert.ok(build?.endsWith(` build --print-out-paths --out-link ${join(root, "result")} ${attribute}`), build);
  assert.ok(ask?.endsWith(` eval --raw ${attribute}.passthru.filePath`), ask);
  assert.equal(rest, []);
});

image("--json has the file, its size and the link", async () => {
  const { root, env, store } = await makeWorld();
  const { code, stdout } = await runCli(["image", "hetzner-vm", "--arch", "aarch64", "--out", "arm", "--json"], {
    cwd: join(root, "hosts"),
    env,
  });
  assert.is(code, 0);
  const { kind, name, arch, attribute, file, bytes, link } = JSON.parse(stdout);
  assert.equal(
    { kind, name, arch, attribute, file, bytes, link },
    {
      kind: "platform",
      name: "hetzner-vm",
      arch: "aarch64",
      attribute: "packages.aarch64-linux.image-hetzner-vm",
      file: join(store, "sd-image/card.img.zst"),
      bytes: 5,
      link: join(root, "hosts/arm"),
    },
  );
});

image("without Nix it says what to install, after what is wrong with the line", async () => {
  const root = await copyGenerated();
  const env = { PATH: join(root, "empty") };
  const misspelt = await runCli(["image", "bianca"], { cwd: root, env });
  assert.equal([misspelt.code, /named `bianca`/.test(misspelt.stderr)], [2, true]);
  const { code, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
  assert.is(code, 1);
  assert.match(stderr, /nix is not installed/);
  assert.match(stderr, /install Nix 2\.18 or newer/);
});

image("a name that nothing has is answered with one that is near", async () => {
  const { root, env, calls } = await makeWorld();
  const { code, stderr } = await runCli(["image", "bianca"], { cwd: root, env });
  assert.is(code, 2);
  assert.match(stderr, /bianco/);
  assert.equal(calls(), []);
});

image("host files that changed since generate are not built as they were", async () => {
  const { root, env, calls } = await makeWorld();
  const file = join(root, "hosts/bianco.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace("model: 4", "model: 4, firewall: { tcp: [8080] }"));
  assert.is((await runCli(["generate", "--check"], { cwd: root })).code, 3);
  for (const name of ["bianco", "hetzner-vm"]) {
    const stale = await runCli(["image", name], { cwd: root, env });
    assert.is(stale.code, 1);
    assert.match(stale.stderr, /generated for cats is not what the host files say[\s\S]*run meshflake generate/);
  }
  assert.equal(calls(), []);
  assert.is((await runCli(["generate"], { cwd: root })).code, 0);
  const { code, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
  assert.is(code, 0, stderr);
});

image("a host that git does not know yet is not left to Nix", async () => {
  const { root, env, calls } = await makeWorld();
  execFileSync("git", ["rm", "-r", "-q", "--cached", "modules/hosts/bianco"], { cwd: root, env: cleanEnv() });
  const { code, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
  assert.is(code, 1);
  assert.match(stderr, /git does not know \d+ files, such as modules\/hosts\/bianco\/base\.nix/);
  assert.match(stderr, /git add --all/);
  assert.equal(calls(), []);
});

image("nor are a shared secret and another host's module, as Nix reads the whole tree", async () => {
  for (const path of ["secrets/cats", "modules/hosts/cosmo"]) {
    const { root, env, calls } = await makeWorld();
    execFileSync("git", ["rm", "-r", "-q", "--cached", path], { cwd: root, env: cleanEnv() });
    const { code, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
    assert.is(code, 1);
    assert.match(stderr, new RegExp(`git does not know \\d+ files, such as ${path}/`));
    assert.equal(calls(), []);
  }
});

image("another environment's files are no matter of the fleet's own", async () => {
  const { root, env } = await makeWorld();
  mkdirSync(join(root, "secrets/environments/dev/cats"), { recursive: true });
  writeFileSync(join(root, "secrets/environments/dev/cats/consul-gossip.age"), "x");
  const { code, stderr } = await runCli(["image", "bianco"], { cwd: root, env });
  assert.is(code, 0, stderr);
});

image("a host that was not generated is not left to Nix", async () => {
  const { root, env, calls } = await makeWorld();
  writeFileSync(join(root, "hosts/pi9.ts"), readFileSync(join(root, "hosts/bianco.ts")));
  const { code, stderr } = await runCli(["image", "pi9"], { cwd: root, env });
  assert.is(code, 1, stderr);
  assert.match(stderr, /modules\/hosts\/pi9 is missing/);
  assert.equal(calls(), []);
});

image("where Nix fails, what this machine may lack is said", async () => {
  const { root, env } = await makeWorld({ FAIL: "1" });
  const own = process.arch === "arm64" ? "cosmo" : "bianco";
  const other = await runCli(["image", own], { cwd: root, env });
  assert.is(other.code, 1);
  if (process.platform === "linux") assert.match(other.stderr, /boot\.binfmt\.emulatedSystems/);
  const same = await runCli(["image", own === "bianco" ? "cosmo" : "bianco"], { cwd: root, env });
  if (process.platform === "linux") assert.match(same.stderr, /\/dev\/kvm/);
});

image("a repository that is no git repository is built as it is", async () => {
  const { env, calls } = await makeWorld();
  const root = await copyGenerated();
  // Git would look further up, where the temporary folder may lie in a repository.
  const { code } = await runCli(["image", "bianco"], {
    cwd: root,
    env: { ...env, GIT_CEILING_DIRECTORIES: dirname(root) },
  });
  assert.is(code, 0);
  assert.is(calls().length, 2);
});

image.run();
