import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyGenerated, copyReference, runCli } from "./process.js";

const check = suite("cli: check");

check("a valid fleet gets one line on stdout, and its progress on stderr", async () => {
  const { code, stdout, stderr } = await runCli(["check"], { cwd: await copyGenerated() });
  assert.is(code, 0);
  assert.match(
    stdout,
    /✓ cats: 6 hosts: packets arrive between all 30 ordered pairs, also with each of 2 relays taken away\n$/,
  );
  assert.not.match(stdout, /without keys/);
  assert.match(stderr, /^planning the fleet …\n$/);
});

check("hosts without keys are told about", async () => {
  const { code, stdout } = await runCli(["check", "--quiet"], { cwd: copyReference() });
  assert.is(code, 0);
  assert.match(stdout, /6 hosts without keys yet: meshflake generate makes them/);
});

check("--json has the same as data, and nothing else on stdout", async () => {
  const { code, stdout } = await runCli(["check", "--json"], { cwd: await copyGenerated() });
  assert.is(code, 0);
  const { version, command, ok, fleet, targets, problems } = JSON.parse(stdout);
  assert.equal([version, command, ok, fleet], [1, "check", true, "cats"]);
  assert.equal(targets, [
    {
      environment: null,
      hosts: 6,
      clusters: 1,
      pairs: 30,
      relays: 2,
      survivesEveryRelay: true,
      waiting: { pairs: 0, hosts: [] },
    },
  ]);
  assert.ok(problems.every(({ severity }: { severity: string }) => severity === "warning"));
});

check("the fleet is found from a folder inside it, and with -C from outside", async () => {
  const cwd = await copyGenerated();
  assert.is((await runCli(["check"], { cwd: join(cwd, "modules/platforms") })).code, 0);
  assert.is((await runCli(["check", "-C", cwd], { cwd: "/" })).code, 0);
  assert.is((await runCli(["-C", cwd, "check"], { cwd: "/" })).code, 0);
});

function breakFleet(): string {
  const cwd = copyReference();
  writeFileSync(
    join(cwd, "hosts/pi4.ts"),
    'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({\n  site: "madird",\n  model: 4,\n});\n',
  );
  const ari = join(cwd, "hosts/ari.ts");
  writeFileSync(ari, readFileSync(ari, "utf8").replace("2001:db8:c::31/64", "2001:db8:c::31"));
  return cwd;
}

check("a host that cannot be read hides no problem of another, and makes none", async () => {
  const cwd = breakFleet();
  appendFileSync(join(cwd, "hosts/cosmo.ts"), 'throw new Error("not today");\n');
  const miki = join(cwd, "hosts/miki.ts");
  writeFileSync(miki, readFileSync(miki, "utf8").replace("nomad: { server", "nomad: { sever"));
  const { code, stdout } = await runCli(["check", "--quiet"], { cwd });
  assert.is(code, 2);
  assert.match(stdout, /^hosts\/cosmo\.ts:15:7 .*not today.* error\[host-throws\]$/m);
  assert.match(stdout, /^hosts\/miki\.ts:\d+:\d+ {2}nomad\.sever: .*`server`.* error\[unknown-field\]$/m);
  assert.match(stdout, /^4 errors$/m);
});

check("all problems are shown at once, with place, hint and code; the fleet is invalid", async () => {
  const { code, stdout } = await runCli(["check", "--quiet"], { cwd: breakFleet() });
  assert.is(code, 2);
  assert.match(stdout, /^hosts\/pi4\.ts:4:\d+ {2}site: .*madird.* Hint: .*madrid.* error\[[a-z-]+\]$/m);
  assert.match(stdout, /^hosts\/ari\.ts:5:\d+ {2}address\.ipv6: .* error\[[a-z-]+\]$/m);
  assert.match(stdout, /^2 errors$/m);
  assert.not.match(stdout, /✓/);
});

check("what a host file throws is a problem at its own line, without a stack", async () => {
  const cwd = copyReference();
  appendFileSync(join(cwd, "hosts/ari.ts"), "\nthrow new Error('no luck');\n");
  const { code, stdout, stderr } = await runCli(["check"], { cwd });
  assert.is(code, 2);
  assert.match(stdout, /^hosts\/ari\.ts:9:\d+ {2}.*no luck.* error\[[a-z-]+\]$/m);
  assert.not.match(stdout + stderr, /\n {4}at /);
});

check("--format github makes annotations, below the checked-out folder", async () => {
  const cwd = breakFleet();
  const { code, stdout } = await runCli(["check", "--format", "github"], {
    cwd,
    env: { GITHUB_WORKSPACE: join(cwd, "..") },
  });
  assert.is(code, 2);
  const folder = cwd.split("/").at(-1) ?? "";
  assert.match(stdout, new RegExp(`^::error file=${folder}/hosts/pi4\\.ts,line=4,col=\\d+,title=[a-z-]+::site: `, "m"));
  for (const line of stdout.trim().split("\n")) assert.match(line, /^::(error|warning) /);
});

check("other commands show problems on stderr, and their exit code is the same", async () => {
  const cwd = breakFleet();
  for (const command of ["plan", "generate"]) {
    const { code, stdout, stderr } = await runCli([command], { cwd });
    assert.is(code, 2, command);
    assert.is(stdout, "");
    assert.match(stderr, /hosts\/pi4\.ts:4:/);
  }
  for (const command of ["diff", "graph"]) {
    const { code, stdout } = await runCli([command, "--json"], { cwd });
    assert.is(code, 2, command);
    const { ok, problems } = JSON.parse(stdout);
    assert.is(ok, false);
    assert.ok(problems.some(({ file, line }: { file: string; line: number }) => file === "hosts/pi4.ts" && line === 4));
  }
});

check("--strict makes warnings stop", async () => {
  const cwd = await copyGenerated();
  const fleet = join(cwd, "hosts/fleet.ts");
  writeFileSync(fleet, readFileSync(fleet, "utf8").replace(/^ {2}accept: .*$/m, ""));
  const relaxed = await runCli(["check", "--json"], { cwd });
  const strict = await runCli(["check", "--json", "--strict"], { cwd });
  const warnings = JSON.parse(relaxed.stdout).problems.length;
  assert.ok(warnings > 0, "the reference fleet has warnings, which it accepts");
  assert.is(strict.code, 2);
  assert.is(JSON.parse(strict.stdout).problems.length, warnings);
  assert.ok(JSON.parse(strict.stdout).problems.every(({ severity }: { severity: string }) => severity === "error"));
  const text = await runCli(["check", "--strict", "--quiet"], { cwd });
  assert.match(text.stdout, / error\[[a-z-]+\]$/m);
  assert.not.match(text.stdout, /warning\[/);
  const errors = `${warnings} ${warnings === 1 ? "error" : "errors"}`;
  const raised = warnings === 1 ? "1 warning an error" : `${warnings} warnings errors`;
  assert.ok(text.stdout.endsWith(`\n${errors}\n--strict made ${raised}\n`), text.stdout);
});

check("--types adds what only TypeScript sees", async () => {
  const cwd = await copyGenerated();
  writeFileSync(
    join(cwd, "hosts/pi4.ts"),
    'import fleet from "./fleet";\n\nconst model: 4 = "4";\nexport default fleet.raspberryPi({ site: "madrid", model: Number(model) as 4 });\n',
  );
  assert.is((await runCli(["check"], { cwd })).code, 0);
  const { code, stdout } = await runCli(["check", "--types"], { cwd });
  assert.is(code, 2);
  assert.match(stdout, /^hosts\/pi4\.ts:3:7 .*error\[[a-z-]+\]$/m);
});

check("without --env, environments are checked too", async () => {
  const cwd = await copyGenerated();
  mkdirSync(join(cwd, "hosts/environments"));
  writeFileSync(
    join(cwd, "hosts/environments/dev.ts"),
    'import fleet from "../fleet";\n\nexport default fleet.environment({ hosts: { ari: { site: "nowhere" as "london" } } });\n',
  );
  const all = await runCli(["check"], { cwd });
  assert.is(all.code, 2);
  assert.match(all.stdout, /hosts\/environments\/dev\.ts:3:\d+/);
  // What the environment's own file says wrong needs no such word; machines that it shares with production do.
  const errors = all.stdout.split("\n").filter((line) => line.includes(" error["));
  assert.not.match(errors.join("\n"), /, in environment/);
  assert.ok(errors.length > 0);
  const misspelt = await runCli(["check", "--env", "devv"], { cwd });
  assert.is(misspelt.code, 2);
  assert.match(misspelt.stderr, /did you mean `dev`/);
});

check("a problem in a shared file that only an environment has names the environment", async () => {
  const cwd = await copyGenerated();
  mkdirSync(join(cwd, "hosts/environments"));
  for (const name of ["dev", "test"]) {
    writeFileSync(
      join(cwd, `hosts/environments/${name}.ts`),
      'import fleet from "../fleet";\n\nexport default fleet.environment({ hosts: { cosmo: false, miki: false } });\n',
    );
  }
  const text = await runCli(["check", "--quiet"], { cwd });
  assert.is(text.code, 2);
  assert.match(text.stdout, /^hosts\/fleet\.ts:.*, in environment dev and test\. .*error\[/m);
  const { problems } = JSON.parse((await runCli(["check", "--json"], { cwd })).stdout);
  const shared = problems.filter(({ file }: { file: string }) => file === "hosts/fleet.ts");
  assert.ok(shared.some(({ environment }: { environment?: string }) => environment === "dev"));
  const bianco = join(cwd, "hosts/bianco.ts");
  writeFileSync(bianco, readFileSync(bianco, "utf8").replace('"madrid"', '"madird"'));
  const everywhere = await runCli(["check", "--quiet"], { cwd });
  assert.match(everywhere.stdout, /^hosts\/bianco\.ts:\d+:\d+ {2}site: .*madird.*error\[/m);
  assert.not.match(everywhere.stdout, /madird.*in environment/);
});

check("pairs that wait for a provider's address are counted, and not called proven", async () => {
  const cwd = await copyGenerated();
  writeFileSync(
    join(cwd, "hosts/vps.ts"),
    'import fleet from "./fleet";\n\nexport default fleet.contaboVm({ site: "dusseldorf" });\n',
  );
  const { code, stdout } = await runCli(["check", "--quiet"], { cwd });
  assert.is(code, 0, stdout);
  assert.match(stdout, /✓ cats: 7 hosts: packets arrive between all pairs that have their addresses, also /);
  assert.match(stdout, /^ {2}3 pairs wait for the address of vps$/m);
  const { targets } = JSON.parse((await runCli(["check", "--json"], { cwd })).stdout);
  assert.equal([targets[0].pairs, targets[0].waiting], [36, { pairs: 3, hosts: ["vps"] }]);
});

check("secrets that are missing or empty are problems, in the line of the lock", async () => {
  const cwd = await copyGenerated();
  rmSync(join(cwd, "secrets/ari/identity.age"));
  writeFileSync(join(cwd, "secrets/maco/wireguard.age"), "");
  const { code, stdout } = await runCli(["check", "--quiet"], { cwd });
  assert.is(code, 2);
  assert.match(
    stdout,
    /^hosts\/fleet\.lock\/ari\.lock\.json:\d+:\d+ {2}age: .*secrets\/ari\/identity\.age does not exist.*error\[secret-missing\]$/m,
  );
  assert.match(
    stdout,
    /^hosts\/fleet\.lock\/maco\.lock\.json:\d+:\d+ {2}wireguard: secrets\/maco\/wireguard\.age is empty.*error\[secret-[a-z]+\]$/m,
  );
  assert.match(stdout, /^2 errors$/m);
});

check.run();
