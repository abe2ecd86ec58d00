import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FAULTS } from "../../../cli/lab/faults/faults.js";
import { cleanEnv, copyReference, makeFolder, PACKAGE, type Run, runCli } from "../process.js";
import { standIn } from "./stand-in.js";

/** The built command, without a lab or with one that only answers. What boots is tried in test/real/. */

const commands = suite("cli: lab commands");

const nowhere = makeFolder();

function lab(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Run> {
  return runCli(["lab", ...args], { cwd: nowhere, env });
}

commands("where no lab runs, every command says so, and leaves no folder", async () => {
  const env = { XDG_RUNTIME_DIR: makeFolder() };
  const list = await lab(env, "list");
  assert.equal([list.code, list.stdout], [0, "no lab runs; meshflake lab up starts one\n"]);
  assert.is((await lab(env, "down", "--all")).code, 0);
  for (const args of [
    ["down"],
    ["status"],
    ["exec", "maco", "--", "true"],
    ["logs", "maco"],
    ["break", "kill", "maco"],
    ["heal"],
  ]) {
    const { code, stdout, stderr } = await lab(env, ...args);
    assert.equal([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, /error: no lab runs\nHint: meshflake lab up starts one/);
  }
  assert.match((await lab(env, "down", "--name", "../x")).stderr, /no lab \.\.\/x runs/);
  assert.equal(readdirSync(env.XDG_RUNTIME_DIR), []);
});

commands("numbers are numbers, before anything is planned", async () => {
  const env = { XDG_RUNTIME_DIR: makeFolder() };
  const cases = [
    [["up", "--delay", "1e3"], /--delay: `1e3` is not a number from 0 to 60000 ms/],
    [["up", "--loss", "madrid=101"], /--loss madrid: `101` is not a number from 0 to 100 percent/],
    [["test", "--rate", "madrid="], /--rate madrid: `` is not a number/],
    [
      ["test", "--use", "--delay", "5"],
      /--delay: the lines of a lab that is up are as they are\nHint: leave out --use/,
    ],
    [["test", "--seed", "0"], /--seed: `0` is not a whole number from 1/],
    [["up", "--timeout", "0"], /--timeout: `0` is not a whole number from 1 to 3600 seconds/],
    [["test", "--rounds", "2.5"], /--rounds: `2\.5` is not a whole number/],
    [["test", "--patience", "x"], /--patience: `x` is not a number from 0\.1 to 100/],
    [["test", "--only", "reach,prots"], /--only: no check is named `prots`\nHint: did you mean `ports`/],
    [["logs", "maco", "-n", "-5"], /-n/],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stderr } = await lab(env, ...args);
    assert.is(code, 2, args.join(" "));
    assert.match(stderr, message);
  }
});

commands("up refuses hosts that there are not, names that are none, and machines without the programs", async () => {
  const cwd = copyReference();
  const env = { XDG_RUNTIME_DIR: makeFolder() };
  const up = (...args: string[]) => runCli(["lab", "up", ...args], { cwd, env: { ...env, PATH: "/nonexistent" } });
  assert.match((await up("mcao")).stderr, /no host is named `mcao`\nHint: did you mean `maco`/);
  assert.match(
    (await up("--delay", "5", "--delay", "madird=80")).stderr,
    /no site of the lab is named `madird`\nHint: did you mean `madrid`/,
  );
  assert.match((await up("--name", "Cats")).stderr, /`Cats` cannot be the name of a lab/);
  const { code, stderr } = await up();
  assert.is(code, 1);
  assert.match(stderr, /consul.*nomad.*are not installed, and the lab needs them/);
  assert.match(stderr, /Debian: apt install [\s\S]*npm run lab:tools[\s\S]*Nix: /);
  assert.equal(readdirSync(env.XDG_RUNTIME_DIR), []);
});

commands("a forgotten -- gets a hint to it", async () => {
  const { code, stderr } = await lab({}, "exec", "maco", "ping", "-c", "1", "miki");
  assert.is(code, 2);
  assert.match(stderr, /unknown option '-c'[\s\S]*comes after --: meshflake lab exec HOST -- CMD/);
});

commands(
  "the only lab needs no name; of several, this repository's is meant, and otherwise a name is needed",
  async () => {
    const runtime = makeFolder();
    const repository = copyReference();
    const one = await standIn("one", runtime, repository);
    assert.is((await lab(one.env, "logs", "miki")).code, 0);
    const two = await standIn("two", runtime);
    const which = await lab(one.env, "logs", "miki");
    assert.is(which.code, 2);
    assert.match(which.stderr, /several labs run: one, two\nHint: --name one/);
    const own = await runCli(["lab", "heal", "--json"], { cwd: repository, env: one.env });
    assert.is(JSON.parse(own.stdout).lab, "one");
    const strange = await runCli(["lab", "down"], { cwd: copyReference(), env: one.env });
    assert.is(strange.code, 1);
    assert.match(strange.stderr, /no lab of this fleet runs\nHint: .*--name one means one of/);
    assert.is((await lab(one.env, "logs", "miki", "--name", "two")).code, 0);
    assert.match(
      (await lab(one.env, "logs", "miki", "--name", "twoo")).stderr,
      /no lab twoo runs\nHint: did you mean `two`/,
    );
    assert.match((await lab(one.env, "list")).stdout, /one +ready[\s\S]*two +ready/);
    one.close();
    two.close();
  },
);

commands("break and heal say what they did, and ask for exactly that", async () => {
  const running = await standIn("cats");
  const broken = await lab(running.env, "break", "kill", "maco");
  assert.match(broken.stdout, /✓ kill maco: maco has lost its power[\s\S]*broken now:\n {2}cut london\n {2}kill maco/);
  const json = JSON.parse((await lab(running.env, "break", "slow", "madrid", "--delay", "5", "--json")).stdout);
  assert.equal([json.fault, json.faults.length], [{ kind: "slow", site: "madrid", delayMs: 5 }, 3]);
  const wrong = await lab(running.env, "break", "renumber", "london");
  assert.equal([wrong.code, /`dynamic: true`/.test(wrong.stderr)], [2, true]);
  const mended = await lab(running.env, "heal", "cut", "london");
  assert.match(mended.stdout, /healed cut london\nbroken now:\n {2}kill maco/);
  assert.equal(running.asked, [
    'POST /break {"kind":"kill","host":"maco"}',
    'POST /break {"kind":"slow","site":"madrid","delayMs":5}',
    'POST /heal {"kind":"cut","site":"london"}',
  ]);
  running.close();
});

commands("a second slow adds to the first, what is broken already is told, and status's words heal it", async () => {
  const running = await standIn("cats");
  await lab(running.env, "break", "slow", "madrid", "--delay", "80");
  const second = await lab(running.env, "break", "slow", "madrid", "--loss", "5");
  assert.match(second.stdout, /✓ slow madrid --loss 5: [\s\S]*\n {2}slow madrid --delay 80 --loss 5\n/);
  const again = await lab(running.env, "break", "slow", "madrid", "--loss", "5");
  assert.equal([again.code, /- slow madrid --loss 5: it is broken already/.test(again.stdout)], [0, true]);
  const dead = JSON.parse((await lab(running.env, "break", "kill", "cosmo", "--json")).stdout);
  assert.equal([dead.ok, dead.changed], [true, false]);
  const part = await lab(running.env, "heal", "slow", "madrid", "--delay");
  assert.match(part.stdout, /healed slow madrid --delay 80\n[\s\S]*\n {2}slow madrid --loss 5\n/);
  const wrong = await lab(running.env, "heal", "slow", "madrid", "--loss", "6");
  assert.match(wrong.stderr, /`slow madrid --loss 6` is not broken\nHint: .*slow madrid --loss 5/);
  assert.is((await lab(running.env, "heal", "slow", "madrid", "--loss", "5")).code, 0);
  running.close();
});

commands("renumber tells the address before and after", async () => {
  const running = await standIn("cats");
  const moved = await lab(running.env, "break", "renumber", "madrid");
  assert.match(
    moved.stdout,
    /✓ renumber madrid: madrid has the public address 203\.0\.113\.9 now, and had 203\.0\.113\.8/,
  );
  const json = JSON.parse((await lab(running.env, "break", "renumber", "madrid", "--json")).stdout);
  assert.equal(json.address, { from: "203.0.113.9", to: "203.0.113.8" });
  running.close();
});

commands("where the report of lab test goes is settled before anything boots", async () => {
  const cwd = copyReference();
  const env = { XDG_RUNTIME_DIR: makeFolder(), PATH: "/nonexistent" };
  for (const [file, why] of [
    ["nowhere/lab.xml", /--junit: there is no folder .*nowhere\nHint: make it/],
    ["hosts", /--junit: hosts names no file/],
    ["hosts/fleet.ts/lab.xml", /--junit: there is no folder .*fleet\.ts/],
  ] as const) {
    const { code, stderr } = await runCli(["lab", "test", "--junit", file], { cwd, env });
    assert.is(code, 2, file);
    assert.match(stderr, why);
  }
  // With a right one it gets as far as the programs that are missing, and writes nothing.
  assert.match((await runCli(["lab", "test", "--junit", "lab.xml"], { cwd, env })).stderr, /are not installed/);
  assert.not.ok(existsSync(join(cwd, "lab.xml")));
  const late = await runCli(["lab", "test", "--use", "--timeout", "0"], { cwd, env });
  assert.match(late.stderr, /--timeout: `0` is not/);
});

commands("nothing runs on a host that is off or frozen", async () => {
  const running = await standIn("cats");
  const off = await lab(running.env, "exec", "cosmo", "--", "true");
  assert.equal([off.code, off.stdout], [1, ""]);
  assert.match(off.stderr, /cosmo is off: nothing can run on it\nHint: meshflake lab heal kill cosmo/);
  assert.match((await lab(running.env, "exec", "maco", "--", "true")).stderr, /maco is frozen[\s\S]*heal freeze maco/);
  assert.match(
    (await lab(running.env, "exec", "mika", "--", "true")).stderr,
    /no host `mika`\nHint: did you mean `miki`/,
  );
  assert.match(
    (await lab(running.env, "exec", "miki")).stderr,
    /no command is given\nHint: meshflake lab exec miki -- /,
  );
  running.close();
});

function writeLog(folder: string, host: string, unit: string, lines: readonly string[]): string {
  mkdirSync(join(folder, "logs", host), { recursive: true });
  const file = join(folder, "logs", host, `${unit}.log`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

commands("logs: the last lines of a unit, or of all; of a host that is off as well", async () => {
  const running = await standIn("cats");
  writeLog(running.folder, "miki", "consul", ["one", "two", "three"]);
  writeLog(running.folder, "miki", "nomad-setup", ["four"]);
  writeLog(running.folder, "cosmo", "bird", ["five"]);
  const print = async (...args: string[]) => (await lab(running.env, "logs", ...args)).stdout;
  assert.is(await print("miki", "consul", "-n", "2"), "two\nthree\n");
  assert.is(await print("miki", "-n", "1"), "consul      │ three\nnomad-setup │ four\n");
  assert.is(await print("miki", "unbound"), "");
  assert.is(await print("cosmo", "bird"), "five\n");
  const { lines } = JSON.parse(await print("miki", "consul", "--json", "-n", "1"));
  assert.equal(lines, [{ unit: "consul", line: "three" }]);
  const unknown = await lab(running.env, "logs", "miki", "consol");
  assert.match(unknown.stderr, /miki has no unit `consol`\nHint: did you mean `consul`/);
  running.close();
});

/** A command that goes on, and its next line. */
function follow(env: Readonly<Record<string, string>>, ...args: string[]) {
  const main = join(PACKAGE, "dist/cli/main.js");
  const child: ChildProcess = spawn(process.execPath, [main, "lab", ...args], { cwd: nowhere, env: cleanEnv(env) });
  if (child.stdout === null) throw new Error("no pipe");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => (await lines.next()).value as string };
}

commands("logs -f goes on with what comes, whole lines only, and in a file that was made anew", async () => {
  const running = await standIn("cats");
  const file = writeLog(running.folder, "miki", "consul", ["one", "two"]);
  const { child, next } = follow(running.env, "logs", "miki", "consul", "-f", "-n", "1");
  assert.is(await next(), "two");
  appendFileSync(file, "thr");
  setTimeout(() => appendFileSync(file, "ee\nfour\n"), 400);
  assert.is(await next(), "three");
  assert.is(await next(), "four");
  writeFileSync(file, "new\n");
  assert.is(await next(), "new");
  child.kill();
  const json = follow(running.env, "logs", "miki", "-f", "-n", "1", "--json");
  assert.equal(JSON.parse(await json.next()), {
    version: 1,
    command: "lab logs",
    lab: "cats",
    host: "miki",
    unit: "consul",
    line: "new",
  });
  json.child.kill();
  running.close();
});

commands("logs -f ends once nobody reads", async () => {
  const running = await standIn("cats");
  const file = writeLog(running.folder, "miki", "consul", ["one"]);
  const { child, next } = follow(running.env, "logs", "miki", "consul", "-f");
  assert.is(await next(), "one");
  child.stdout?.destroy();
  const closed = new Promise((resolve) => child.on("close", resolve));
  const timer = setInterval(() => appendFileSync(file, "more\n"), 50);
  assert.is(await closed, 0);
  clearInterval(timer);
  running.close();
});

commands("an answer that is no lab's: one whose process hangs is listed as that", async () => {
  const running = await standIn("cats");
  running.close();
  assert.match((await lab(running.env, "list")).stdout, /cats +does not answer +\?/);
  assert.is((await lab(running.env, "status")).code, 1);
  assert.ok(existsSync(running.folder));
});

async function complete(env: Readonly<Record<string, string>>, ...words: string[]): Promise<string[]> {
  const { stdout } = await runCli(["complete", "--", "lab", ...words], { cwd: nowhere, env });
  return stdout
    .trimEnd()
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0] ?? "");
}

commands("completion knows labs, hosts, units, faults and what comes after each", async () => {
  const { env, close } = await standIn("cats");
  assert.equal(await complete(env, "st"), ["status"]);
  assert.equal(
    await complete(env, "break", ""),
    FAULTS.map(({ kind }) => kind),
  );
  assert.equal(await complete(env, "break", "kill", ""), ["cosmo", "maco", "miki"]);
  assert.equal(await complete(env, "break", "kill-unit", "miki", ""), ["consul", "unbound"]);
  assert.equal(await complete(env, "break", "partition", "london", ""), ["madrid"]);
  assert.equal((await complete(env, "heal", "drop-family", "london", "")).sort(), ["ipv4", "ipv6"]);
  assert.equal(await complete(env, "exec", "m"), ["maco", "miki"]);
  assert.equal(await complete(env, "logs", "miki", "u"), ["unbound"]);
  assert.equal(await complete(env, "down", "--name", ""), ["cats"]);
  assert.equal(await complete(env, "test", "--only", "fa"), ["failover"]);
  assert.equal(await complete({ XDG_RUNTIME_DIR: makeFolder() }, "break", "kill", ""), []);
  close();
});

commands.run();
