import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cleanEnv,
  commitAll,
  compareFolders,
  copyGenerated,
  copyReference,
  makeFolder,
  readFolder,
  runCli,
} from "./process.js";

const diff = suite("cli: diff");

const PI4 = 'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "madrid", model: 4 });\n';

function gitStatus(cwd: string): string {
  return execFileSync("git", ["status", "--short"], { cwd, env: cleanEnv(), encoding: "utf8" });
}

diff("without a base it is what generate would change on disk, as a patch that git applies", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  const same = await runCli(["diff"], { cwd });
  assert.equal([same.code, same.stdout], [0, ""]);
  const cosmo = join(cwd, "hosts/cosmo.ts");
  writeFileSync(cosmo, readFileSync(cosmo, "utf8").replace("[80, 443]", "[80, 443, 8080]"));
  const before = readFolder(cwd);
  const { code, stdout, stderr } = await runCli(["diff"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /^diff --git a\/modules\/hosts\/cosmo\/network\.nix b\/modules\/hosts\/cosmo\/network\.nix$/m);
  assert.match(stdout, /^\+ .*8080$/m);
  assert.match(stderr, /^planning the fleet …\n$/);
  assert.equal(compareFolders(before, readFolder(cwd)), []);
  assert.is((await runCli(["diff", "--check"], { cwd })).code, 3);
  execFileSync("git", ["apply", "--check", "-"], { cwd, env: cleanEnv(), input: stdout });
});

diff("hosts without keys get placeholders, and stderr says so", async () => {
  const cwd = copyReference();
  const { code, stdout, stderr } = await runCli(["diff"], { cwd });
  assert.is(code, 0);
  assert.match(stderr, /generate also makes keys for 6 hosts; placeholders stand for them/);
  assert.is((await runCli(["diff"], { cwd })).stdout, stdout);
});

diff("--summary says in words what changed since HEAD, and touches neither index nor work tree", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  writeFileSync(join(cwd, "hosts/pi4.ts"), PI4);
  await runCli(["generate"], { cwd });
  const status = gitStatus(cwd);
  const temp = makeFolder();
  const { code, stdout } = await runCli(["diff", "--summary"], { cwd, env: { TMPDIR: temp } });
  assert.is(code, 0);
  assert.match(stdout, /^cats against HEAD \([0-9a-f]{7,}\)$/m);
  assert.match(stdout, /^\+ pi4 \(new host\)$/m);
  assert.match(stdout, /^~ cosmo\n {4}peers gained: pi4\n {4}bird reloads; systemd-networkd restarts$/m);
  assert.match(stdout, /^ {4}now reaches: pi4 behind cosmo on to-cosmo, pi4 behind miki on to-miki$/m);
  assert.match(stdout, /names of cats: gained pi4\.mesh\.cats\.example\.org/);
  assert.is(gitStatus(cwd), status);
  assert.equal(readdirSync(temp), []);
});

diff("--summary --json is the comparison as data", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  const bianco = join(cwd, "hosts/bianco.ts");
  writeFileSync(bianco, readFileSync(bianco, "utf8").replace("model: 4", "model: 4, firewall: { tcp: [8080] }"));
  const { code, stdout } = await runCli(["diff", "--summary", "--json", "--check"], { cwd });
  assert.is(code, 3);
  const { version, command, targets } = JSON.parse(stdout);
  assert.equal([version, command, targets.length], [1, "diff", 1]);
  const [{ environment, hosts, voters, files }] = targets;
  assert.equal([environment, voters, files], [null, [], { created: 0, updated: 1, comments: 0, deleted: 0 }]);
  assert.equal([hosts[0].name, hosts[0].opened, hosts[0].files], ["bianco", ["world tcp 8080"], ["network.nix"]]);
});

diff("--markdown is made for a pull request", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  rmSync(join(cwd, "hosts/maco.ts"));
  const cosmo = join(cwd, "hosts/cosmo.ts");
  writeFileSync(cosmo, readFileSync(cosmo, "utf8").replace(/^.*server: true.*$/gm, ""));
  const { code, stdout } = await runCli(["diff", "--markdown"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /^### cats against HEAD /);
  assert.match(stdout, /^\| maco \| host goes \|/m);
  assert.match(stdout, /#### Raft voters\n\n- consul of cats: cosmo, maco, miki → miki/);
  assert.match(stdout, /<summary>File diff<\/summary>\n\n```diff\n/);
});

diff("a base without a fleet: every host is new; with an invalid one: files are compared", async () => {
  const cwd = await copyGenerated();
  const cosmo = join(cwd, "hosts/cosmo.ts");
  const text = readFileSync(cosmo, "utf8");
  writeFileSync(cosmo, text.replace('"dusseldorf"', '"nowhere"'));
  commitAll(cwd, "invalid");
  writeFileSync(cosmo, text.replace("[80, 443]", "[80]"));
  const invalid = await runCli(["diff", "--summary"], { cwd });
  assert.is(invalid.code, 0);
  assert.match(
    invalid.stdout,
    /^\(the fleet of that revision cannot be compiled \(1 error\): only its generated files are compared\)\n {2}~ modules\/hosts\/cosmo\/network\.nix\nGenerated files: 1 changed$/m,
  );
  assert.not.match(invalid.stdout, /restart|reload|voters|new host/);

  const fresh = makeFolder();
  writeFileSync(join(fresh, "README.md"), "# fleet\n");
  commitAll(fresh);
  execFileSync("cp", ["-r", ...["hosts", "modules", "secrets"].map((name) => join(cwd, name)), fresh]);
  const none = await runCli(["diff", "--summary"], { cwd: fresh });
  assert.is(none.code, 0);
  assert.is(none.stdout.match(/\(new host\)/g)?.length, 6);
});

diff("a repository below git's own is compared with its own folder", async () => {
  const top = makeFolder();
  const cwd = join(top, "fleet");
  execFileSync("cp", ["-r", await copyGenerated(), cwd]);
  commitAll(top);
  const { code, stdout } = await runCli(["diff", "--summary"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /nothing changes$/m);
});

diff("a host file that moves into a folder restarts nothing", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  mkdirSync(join(cwd, "hosts/madrid"));
  const text = readFileSync(join(cwd, "hosts/bianco.ts"), "utf8");
  writeFileSync(join(cwd, "hosts/madrid/bianco.ts"), text.replace('"./fleet"', '"../fleet"'));
  rmSync(join(cwd, "hosts/bianco.ts"));
  const { code, stdout, stderr } = await runCli(["diff", "--summary"], { cwd });
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Generated files: \d+ changed \(in comments alone\)$/m);
  assert.not.match(stdout, /restart|reload/);
});

diff("without git, or with a revision that does not exist, it fails with the reason", async () => {
  const cwd = await copyGenerated();
  const none = await runCli(["diff", "--summary"], { cwd });
  assert.is(none.code, 1);
  assert.match(none.stderr, /error: cannot compare with HEAD: .*not a git repository/);
  commitAll(cwd);
  const wrong = await runCli(["diff", "--summary", "--base", "nowhere"], { cwd });
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /cannot compare with nowhere: no git revision nowhere/);
  const option = await runCli(["diff", "--summary", "--base=--upload-pack=x"], { cwd });
  assert.is(option.code, 1);
});

diff("git's own words are shown where it refuses the repository", async () => {
  const cwd = await copyGenerated();
  commitAll(cwd);
  const refused = await runCli(["diff", "--summary"], { cwd, env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" } });
  assert.is(refused.code, 1);
  assert.match(
    refused.stderr,
    /^error: cannot compare with HEAD: fatal: detected dubious ownership in repository at /m,
  );
  assert.match(refused.stderr, /^Hint: git config --global --add safe\.directory /m);
  rmSync(join(cwd, ".git"), { recursive: true });
  execFileSync("git", ["init", "--quiet"], { cwd, env: cleanEnv() });
  const unborn = await runCli(["diff", "--summary"], { cwd });
  assert.match(
    unborn.stderr,
    /^error: cannot compare with HEAD: the repository has no commit yet\nHint: commit first/m,
  );
});

diff.run();
