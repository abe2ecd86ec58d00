import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PLATFORMS } from "../../../generators/model/vocabulary.js";
import { cleanEnv, copyReference, makeFolder, runCli } from "../process.js";

const completion = suite("cli: completion");

/** What a shell gets for these words, without descriptions and the directive at the end. */
async function complete(cwd: string, ...words: string[]): Promise<string[]> {
  const { code, stdout } = await runCli(["complete", "--", ...words], { cwd });
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines.pop() ?? "", /^:\d+$/);
  return lines.map((line) => line.split("\t")[0] ?? "");
}

completion("scripts of all shells call the program, and bash can read its own", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await runCli(["completion", shell], { cwd: makeFolder() });
    assert.is(code, 0);
    assert.match(stdout, /meshflake complete/);
    if (shell === "bash") execFileSync("bash", ["-n"], { env: cleanEnv(), input: stdout });
  }
  const unknown = await runCli(["completion", "tcsh"], { cwd: makeFolder() });
  assert.is(unknown.code, 2);
});

completion("bash sources its script twice, and says nothing where bash-completion is missing", async () => {
  const { stdout } = await runCli(["completion", "bash"], { cwd: makeFolder() });
  const file = join(makeFolder(), "completion.bash");
  writeFileSync(file, stdout);
  const script = `. '${file}'; . '${file}'; COMPREPLY=(); __meshflake_complete; echo "$? \${#COMPREPLY[@]}"`;
  const { stdout: said, stderr } = spawnSync("bash", ["--norc", "-c", script], { env: cleanEnv(), encoding: "utf8" });
  assert.equal([said, stderr], ["0 0\n", ""]);
  assert.match(stdout, "It needs the package bash-completion");
  // With the function that the package has, the program is asked: here, one that says what it was asked.
  const stubs = [
    "_get_comp_words_by_ref() { cur=m; words=(meshflake plan m); }",
    "meshflake() { printf 'maco\\nmiki\\n:4\\n'; }",
    "compopt() { :; }",
  ].join("\n");
  const there = `${stubs}\n. '${file}'; __meshflake_complete; declare -p COMPREPLY`;
  const asked = spawnSync("bash", ["--norc", "-c", there], { env: cleanEnv(), encoding: "utf8" });
  assert.match(asked.stdout, '([0]="maco" [1]="miki")');
});

completion("image offers platforms too, and plan devices", async () => {
  const cwd = copyReference();
  const images = await complete(cwd, "image", "");
  assert.ok(images.includes("maco") && images.includes("proxmox-lxc"));
  const file = join(cwd, "hosts/fleet.ts");
  const devices = 'devices: { phone: { publicKey: "" } },\n  sites:';
  writeFileSync(file, readFileSync(file, "utf8").replace("sites:", devices));
  assert.equal(await complete(cwd, "plan", "ph"), ["phone"]);
});

completion("commands, their options, and the choices of an option", async () => {
  const cwd = copyReference();
  const commands = await complete(cwd, "");
  assert.ok(commands.includes("generate") && commands.includes("add"));
  assert.not.ok(commands.includes("complete") || commands.includes("completion-script"));
  assert.equal(await complete(cwd, "generate", "--fo"), ["--force", "--format"]);
  assert.equal(await complete(cwd, "add", "x", "--platform", ""), [...PLATFORMS]);
});

completion("names of the fleet: hosts, sites, clusters and environments", async () => {
  const cwd = copyReference();
  mkdirSync(join(cwd, "hosts/environments"));
  writeFileSync(join(cwd, "hosts/environments/dev.ts"), "");
  assert.equal(await complete(cwd, "plan", "m"), ["maco", "miki"]);
  assert.equal(await complete(cwd, "plan", "--env", ""), ["dev"]);
  assert.equal((await complete(cwd, "add", "x", "--site", "")).sort(), ["dusseldorf", "london", "madrid", "nuremberg"]);
  assert.equal(await complete(makeFolder(), "plan", "-C", cwd, "zig"), ["ziggy"]);
});

completion("commands for machines offer hosts", async () => {
  const cwd = copyReference();
  for (const command of ["ssh", "identity", "flash", "install"]) {
    assert.equal(await complete(cwd, command, "m"), ["maco", "miki"], command);
  }
});

completion("subcommands, with secrets, hosts and clusters", async () => {
  const cwd = copyReference();
  assert.equal(await complete(cwd, "secrets", "ro"), ["rotate"]);
  assert.equal(await complete(cwd, "secrets", "rotate", "--f"), ["--finish", "--force", "--format"]);
  assert.equal(await complete(cwd, "secrets", "show", "ziggy/w"), ["ziggy/wireguard"]);
  assert.equal(await complete(cwd, "secrets", "list", "c"), ["cosmo", "cats"]);
  assert.equal(await complete(cwd, "secrets", "rotate", "--host", "z"), ["ziggy"]);
  assert.ok((await complete(cwd, "secrets", "rekey", "cats/consul-gossip", "")).includes("cosmo/identity"));
});

completion("where there is no fleet, or a broken one, there are just no names", async () => {
  assert.equal(await complete(makeFolder(), "plan", ""), []);
  const cwd = copyReference();
  writeFileSync(join(cwd, "hosts/fleet.ts"), "export default (;");
  assert.equal(await complete(cwd, "add", "x", "--site", ""), []);
});

completion.run();
