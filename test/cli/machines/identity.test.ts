import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packTar } from "../../../cli/identity/tar.js";
import { putLock, readLock, withoutDigests } from "../../support/locks.js";
import { makeFolder, PACKAGE } from "../process.js";
import { makeMachineFleet } from "./fleet.js";

const identity = suite("cli: identity");
const main = join(PACKAGE, "dist/cli/main.js");
const IDENTITY = /^AGE-SECRET-KEY-1[A-Z0-9]+\n$/;

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

identity("--to lays it out as on the machine, and writes over no other", async () => {
  const { run, admin } = await makeMachineFleet();
  const folder = makeFolder();
  const first = await run("identity", "bianco", "--to", folder, "--identity", admin);
  assert.is(first.code, 0, first.stderr);
  const file = join(folder, "etc/meshflake/identity");
  assert.is(first.stdout, `${file}: bianco's identity\n`);
  assert.match(readFileSync(file, "utf8"), IDENTITY);
  assert.equal(
    ["etc", "etc/meshflake", "etc/meshflake/identity"].map((path) => modeOf(join(folder, path))),
    ["755", "700", "600"],
  );
  assert.not.match(first.stdout + first.stderr, "AGE-SECRET-KEY");
  chmodSync(file, 0o644);
  const again = await run("identity", "bianco", "--to", folder, "--identity", admin, "--json");
  assert.equal([JSON.parse(again.stdout).written, modeOf(file)], [false, "600"]);
  const before = readFileSync(file, "utf8");
  const other = await run("identity", "ari", "--to", folder, "--identity", admin);
  assert.is(other.code, 1);
  assert.match(other.stderr, "etc/meshflake/identity is another identity");
  assert.is(readFileSync(file, "utf8"), before);
});

identity("after a rotation both keys travel, over the old one of the same host", async () => {
  const { run, root, admin } = await makeMachineFleet();
  const folder = makeFolder();
  assert.is((await run("identity", "bianco", "--to", folder, "-i", admin)).code, 0);
  const file = join(folder, "etc/meshflake/identity");
  const old = readFileSync(file, "utf8");
  assert.is((await run("secrets", "rotate", "bianco/identity", "-i", admin)).code, 0);
  const placed = await run("identity", "bianco", "--to", folder, "-i", admin, "--json");
  assert.is(placed.code, 0, placed.stderr);
  assert.equal([JSON.parse(placed.stdout).written, modeOf(file)], [true, "600"]);
  const both = readFileSync(file, "utf8");
  assert.match(both, /^(AGE-SECRET-KEY-1[A-Z0-9]+\n){2}$/);
  assert.is(both.slice(both.indexOf("\n") + 1), old);
  const same = spawnSync(process.execPath, [main, "secrets", "set", "bianco/identity", "--force"], {
    cwd: root,
    input: both,
    encoding: "utf8",
  });
  assert.is(same.status, 0, same.stderr);
  const swapped = spawnSync(process.execPath, [main, "secrets", "set", "bianco/identity", "--force"], {
    cwd: root,
    input: both.trim().split("\n").reverse().join("\n"),
    encoding: "utf8",
  });
  assert.is(swapped.status, 1, "the first one is the lock's");
});

identity("the archive is what GNU tar unpacks, and leaves /etc as it is", async () => {
  const { root, admin } = await makeMachineFleet();
  const archive = execFileSync(process.execPath, [main, "identity", "bianco", "--tar", "-i", admin], {
    cwd: root,
    stdio: "pipe",
    env: { PATH: process.env.PATH, HOME: "/nonexistent" },
  });
  const listed = execFileSync("tar", ["--numeric-owner", "--full-time", "-tvf", "-"], { input: archive }).toString();
  assert.equal(
    listed
      .trim()
      .split("\n")
      .map((line) =>
        line
          .split(/\s+/)
          .filter((_, at) => at !== 2 && at !== 3 && at !== 4)
          .join(" "),
      ),
    ["drwx------ 0/0 etc/meshflake/", "-rw------- 0/0 etc/meshflake/identity"],
  );
  const folder = makeFolder();
  mkdirSync(join(folder, "etc"), { mode: 0o711 });
  chmodSync(join(folder, "etc"), 0o711);
  execFileSync("tar", ["-C", folder, "-xpf", "-"], { input: archive });
  assert.equal(
    ["etc", "etc/meshflake", "etc/meshflake/identity"].map((path) => modeOf(join(folder, path))),
    ["711", "700", "600"],
  );
  assert.match(readFileSync(join(folder, "etc/meshflake/identity"), "utf8"), IDENTITY);
});

identity("files of every length arrive whole", () => {
  for (const length of [0, 1, 511, 512, 513, 1024]) {
    const data = Buffer.alloc(length, "0123456789");
    const archive = packTar([
      { path: "a", mode: 0o600, data },
      { path: "b", mode: 0o600, data: Buffer.from("end") },
    ]);
    assert.is(archive.length % 512, 0);
    assert.ok(execFileSync("tar", ["-xOf", "-", "a"], { input: archive }).equals(data), String(length));
    assert.is(execFileSync("tar", ["-xOf", "-", "b"], { input: archive }).toString(), "end");
  }
  assert.throws(() => packTar([{ path: "x".repeat(101), mode: 0o600 }]), /does not fit/);
});

identity("it goes to no terminal, and not in two ways at once", async () => {
  const { run, root, admin } = await makeMachineFleet();
  assert.match((await run("identity", "bianco")).stderr, "say where the identity goes\nHint: --to DIR");
  assert.match((await run("identity", "bianco", "--tar", "--to", "x")).stderr, "--to and --tar exclude each other");
  assert.match((await run("identity", "bianca")).stderr, "no host is named `bianca`\nHint: did you mean `bianco`");
  const missing = join(root, "mnt");
  const mistyped = await run("identity", "bianco", "--to", missing, "-i", admin);
  assert.equal([mistyped.code, existsSync(missing)], [1, false]);
  assert.match(mistyped.stderr, `${missing} is no folder\nHint: is the machine's disk mounted there`);
  assert.match((await run("identity", "bianco", "--tar", "--json")).stdout, "--tar and --json exclude each other");
  const line = `'${process.execPath}' '${main}' identity bianco --tar -i '${admin}'`;
  const typed = execFileSync("script", ["-qec", `${line}; true`, "/dev/null"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  assert.match(typed.toString(), "an archive does not go to a terminal");
  assert.not.match(typed.toString(), "AGE-SECRET-KEY");
});

identity("without the right key, or with a file that was swapped, nothing is written", async () => {
  const { run, root, admin } = await makeMachineFleet();
  const folder = makeFolder();
  const none = await run("identity", "bianco", "--to", folder);
  assert.is(none.code, 1);
  assert.match(none.stderr, "give it with --identity FILE");
  const stranger = join(makeFolder(), "stranger.txt");
  execFileSync("age-keygen", ["-o", stranger], { stdio: "pipe" });
  const wrong = await run("identity", "bianco", "--to", folder, "-i", stranger);
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /none of the identities can decrypt secrets\/bianco\/identity\.age/);
  writeFileSync(join(root, "secrets/bianco/identity.age"), readFileSync(join(root, "secrets/ari/identity.age")));
  const swapped = await run("identity", "bianco", "--to", folder, "-i", admin);
  assert.is(swapped.code, 1);
  assert.match(swapped.stderr, "is not the file that its entry in the lock was written for");
  // A lock from before digests tells it by what is in the file.
  putLock(root, withoutDigests(readLock(root)));
  const opened = await run("identity", "bianco", "--to", folder, "-i", admin);
  assert.is(opened.code, 1);
  assert.match(opened.stderr, "does not hold the secret half of what the lock has for bianco/identity");
  assert.equal(readdirSync(folder), []);
});

identity.run();
