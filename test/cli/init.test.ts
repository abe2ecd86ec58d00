import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { printHostFile } from "../../cli/add/print.js";
import { copyReference, makeFolder, PACKAGE, runCli } from "./process.js";

const init = suite("cli: init and add");

/** Nobody's key: the public half of a pair that was thrown away. */
const SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ nico@example.org";

/** A home with an SSH key. */
function makeHome(): string {
  const home = makeFolder();
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh/id_ed25519.pub"), `${SSH_KEY}\n`);
  return home;
}

init("makes a repository that is valid and can be generated at once", async () => {
  const cwd = makeFolder();
  const made = await runCli(["init", "kittens", "--admin", "nico"], { cwd, env: { HOME: makeHome() } });
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stdout, /✓ kittens is in kittens: \d+ files/);
  assert.match(made.stdout, /Next:\n {2}cd kittens\n {2}npm install\n/);
  const root = join(cwd, "kittens");
  for (const path of [
    "flake.nix",
    "flake.lock",
    "tsconfig.json",
    ".gitignore",
    "README.md",
    "modules/images/default.nix",
    "modules/services/common.nix",
    ".git",
  ]) {
    assert.ok(existsSync(join(root, path)), path);
  }
  const fleet = readFileSync(join(root, "hosts/fleet.ts"), "utf8");
  assert.ok(fleet.includes(SSH_KEY) && fleet.includes("nico:") && fleet.includes('"kittens.example.org"'));
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  for (const name of [".meshflake-running", ".meshflake-tmp-*", ".meshflake-journal.json"])
    assert.ok(ignored.includes(name), name);
  const check = await runCli(["check", "--strict", "--types"], { cwd: root });
  assert.is(check.code, 0, check.stdout);
  assert.match(check.stdout, /✓ kittens: 3 hosts/);
  assert.is((await runCli(["generate"], { cwd: root })).code, 0);
  const workflow = readFileSync(join(root, ".github/workflows/fleet.yml"), "utf8");
  const commands = [...workflow.matchAll(/^ {6}- run: npx meshflake (.*)$/gm)].map(([, words = ""]) =>
    words.split(" "),
  );
  assert.equal(commands, [
    ["check", "--types", "--format", "github"],
    ["generate", "--check"],
    ["secrets", "audit"],
  ]);
  for (const words of commands) {
    const run = await runCli(words, { cwd: root });
    assert.is(run.code, 0, run.stdout + run.stderr);
  }
  execFileSync("git", ["add", "--all"], { cwd: root });
  assert.match(execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }), /^secrets\/hub\/wireguard\.age$/m);
});

init("package.json pins the version that made it", async () => {
  const cwd = makeFolder();
  const { stdout } = await runCli(["init", ".", "--name", "k", "--json"], { cwd, env: { HOME: makeHome() } });
  const { files } = JSON.parse(stdout);
  assert.ok(files.includes("hosts/fleet.ts") && files.includes("modules/platforms/raspberry-pi.nix"));
  const { stdout: version } = await runCli(["--version"], { cwd });
  const { dependencies, private: hidden } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  assert.equal([dependencies.meshflake, hidden], [version.trim(), true]);
});

init("the Pulumi program has the versions that meshflake's own is tested with, in a workspace", async () => {
  const cwd = makeFolder();
  const made = await runCli(["init", ".", "--name", "k"], { cwd, env: { HOME: makeHome() } });
  assert.is(made.code, 0, made.stderr);
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
  const { dependencies: own } = read(join(PACKAGE, "pulumi/package.json"));
  const { dependencies, type } = read(join(cwd, "pulumi/package.json"));
  const names = ["@muhlba91/pulumi-proxmoxve", "@pulumi/hcloud", "@pulumi/pulumi", "tsx"];
  assert.equal([dependencies, type], [Object.fromEntries(names.map((name) => [name, own[name]])), "module"]);
  assert.ok(names.every((name) => typeof own[name] === "string"));
  assert.equal(read(join(cwd, "package.json")).workspaces, ["pulumi"]);
  const project = readFileSync(join(cwd, "pulumi/Pulumi.yaml"), "utf8");
  assert.match(project, /^main: index\.ts$/m);
});

init("refuses a folder that is not empty, a name that is none, and an account without keys", async () => {
  const cwd = makeFolder();
  const HOME = makeHome();
  writeFileSync(join(cwd, "mine.txt"), "mine\n");
  const full = await runCli(["init", "."], { cwd, env: { HOME } });
  assert.is(full.code, 2);
  assert.match(full.stderr, /is not empty\nHint: .*--force|not a DNS label/);
  const name = await runCli(["init", "x", "--name", "My_Cats"], { cwd, env: { HOME } });
  assert.is(name.code, 2);
  assert.match(name.stderr, /the fleet's name `?"?My_Cats/);
  const keyless = await runCli(["init", "y"], { cwd, env: { HOME: makeFolder() } });
  assert.is(keyless.code, 2);
  assert.match(keyless.stderr, /no OpenSSH public key in ~\/\.ssh\nHint: .*ssh-keygen/);
  const age = await runCli(["init", "z", "--age", "age1nonsense"], { cwd, env: { HOME } });
  assert.is(age.code, 2);
  assert.match(age.stderr, /age1nonsense/);
  for (const [admin, message] of [
    ["Tea Q", /^error: --admin: "Tea Q" cannot be the name of an account\nHint: start with a lower-case letter/],
    ["root", /^error: --admin: root is an account of the system\nHint: choose another name/],
    ["", /^error: --admin: "" cannot be/],
  ] as const) {
    const wrong = await runCli(["init", "w", "--admin", admin], { cwd, env: { HOME } });
    assert.is(wrong.code, 2);
    assert.match(wrong.stderr.replaceAll("`", '"'), message);
  }
  assert.not.ok(["w", "x", "y", "z"].some((folder) => existsSync(join(cwd, folder))));
  const forced = await runCli(["init", ".", "--name", "k", "--force"], { cwd, env: { HOME } });
  assert.is(forced.code, 0);
  assert.is(readFileSync(join(cwd, "mine.txt"), "utf8"), "mine\n");
});

init("add writes the four lines of a new host, and the fleet is valid with it", async () => {
  const cwd = copyReference();
  const args = ["add", "pi4", "--platform", "raspberryPi", "--site", "madrid", "--model", "4"];
  const { code, stdout, stderr } = await runCli(args, { cwd });
  assert.is(code, 0, stderr);
  assert.is(
    readFileSync(join(cwd, "hosts/pi4.ts"), "utf8"),
    'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "madrid", model: 4 });\n',
  );
  assert.match(stdout, /^\+ hosts\/pi4\.ts\n[\s\S]*\nNext: meshflake generate\n$/);
  assert.is((await runCli(["check"], { cwd })).code, 0);
  const again = await runCli(args, { cwd });
  assert.is(again.code, 2);
  assert.match(again.stderr, /there is a host `pi4` already/);
});

init("add refuses what cannot work, with the nearest name", async () => {
  const cwd = copyReference();
  for (const [args, message] of [
    [
      ["x", "--platform", "raspberryPi", "--site", "madird", "--model", "4"],
      /no site `madird`\nHint: did you mean `madrid`/,
    ],
    [["x", "--platform", "raspberryPi", "--site", "madrid"], /raspberryPi needs --model/],
    [["x", "--platform", "hetznerVm", "--site", "nuremberg"], /hetznerVm needs --server-type and --location/],
    [["x", "--platform", "contaboVm", "--site", "madrid", "--node", "pve"], /contaboVm has no --node/],
    [["x", "--platform", "toaster", "--site", "madrid"], /Allowed choices are raspberryPi/],
    [["Pi_4", "--platform", "contaboVm", "--site", "madrid"], /host name/],
    [["x", "--platform", "contaboVm", "--site", "madrid", "--cluster", "dogs"], /no cluster `dogs`/],
    [["x", "--platform", "contaboVm"], /--site/],
  ] as const) {
    const { code, stderr } = await runCli(["add", ...args], { cwd });
    assert.is(code, 2, args.join(" "));
    assert.match(stderr, message);
  }
  assert.not.ok(existsSync(join(cwd, "hosts/x.ts")));
});

init("add writes nothing that has an error of its own, and the corrected line goes through", async () => {
  const cwd = copyReference();
  const add = (ipv4: string) => {
    const fields = [
      "--ipv4",
      ipv4,
      "--gateway4",
      "203.0.113.1",
      "--ipv6",
      "2001:db8:a::77/64",
      "--gateway6",
      "fe80::1",
    ];
    return runCli(["add", "pi2", "-p", "contaboVm", "-s", "dusseldorf", ...fields, "--json"], { cwd });
  };
  const wrong = await add("203.0.113.300/24");
  assert.is(wrong.code, 2);
  const { file, written, problems } = JSON.parse(wrong.stdout);
  assert.equal([file, written], ["hosts/pi2.ts", false]);
  assert.ok(problems.length > 0);
  for (const problem of problems) assert.equal([problem.file, problem.path], ["hosts/pi2.ts", "address.ipv4"]);
  assert.not.ok(existsSync(join(cwd, "hosts/pi2.ts")));
  const right = await add("203.0.113.77/24");
  assert.is(right.code, 0, right.stdout);
  assert.ok(existsSync(join(cwd, "hosts/pi2.ts")));
});

init("add refuses a number that another guest has, whichever of both is reported", async () => {
  const cwd = copyReference();
  const add = (name: string, id: string) =>
    runCli(["add", name, "-p", "proxmoxLxc", "-s", "london", "--node", "pve", "--vm-id", id], { cwd });
  assert.is((await add("mango", "101")).code, 0);
  for (const name of ["apple", "zebra"]) {
    const { code, stdout, stderr } = await add(name, "101");
    assert.is(code, 2);
    assert.match(stdout, `hosts/${name}.ts was not written`);
    assert.match(stderr, /number 101 on the node pve is \w+ already/);
    assert.not.ok(existsSync(join(cwd, `hosts/${name}.ts`)));
  }
  // Somebody else's error is none of the new host's.
  writeFileSync(join(cwd, "hosts/mango.ts"), 'import fleet from "./fleet";\nexport default fleet.oven({});\n');
  assert.is((await add("apple", "102")).code, 0);
});

init("add with an environment says where its hosts are written, and writes nothing", async () => {
  const cwd = copyReference();
  const args = ["add", "pi-9", "-p", "raspberryPi", "-s", "madrid", "--model", "4", "--env", "dev"];
  const { code, stderr } = await runCli(args, { cwd });
  assert.is(code, 2);
  assert.match(
    stderr,
    'under `hosts` of hosts/environments/dev.ts: "pi-9": fleet.raspberryPi({ site: "madrid", model: 4 })',
  );
  assert.not.ok(existsSync(join(cwd, "hosts/pi-9.ts")));
});

init("a host file is broken where it is too long, as formatters break it", () => {
  const fields = {
    site: "dusseldorf",
    address: { ipv4: "203.0.113.10/24", gateway4: "203.0.113.1", ipv6: "2001:db8:a::10/64", gateway6: "fe80::1" },
    tags: ["a-b"],
    "odd-key": true,
    nothing: undefined,
  };
  assert.is(
    printHostFile("./fleet", "contaboVm", fields),
    `import fleet from "./fleet";

export default fleet.contaboVm({
  site: "dusseldorf",
  address: {
    ipv4: "203.0.113.10/24",
    gateway4: "203.0.113.1",
    ipv6: "2001:db8:a::10/64",
    gateway6: "fe80::1",
  },
  tags: ["a-b"],
  "odd-key": true,
});
`,
  );
});

init.run();
