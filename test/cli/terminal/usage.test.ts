import { spawn } from "node:child_process";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../cli/definitions.js";
import { cleanEnv, copyReference, makeFolder, PACKAGE, runCli } from "../process.js";

const usage = suite("cli: usage");

usage("help lists every command, and goes to stdout", async () => {
  const { code, stdout, stderr } = await runCli(["--help"], { cwd: makeFolder() });
  assert.is(code, 0);
  assert.is(stderr, "");
  for (const { usage: text, hidden } of COMMANDS) {
    const [name = ""] = text.split(" ");
    assert.is(new RegExp(`^  ${name}\\b`, "m").test(stdout), hidden !== true, name);
  }
});

usage("help of a command has an example and its exit codes", async () => {
  const { code, stdout } = await runCli(["generate", "--help"], { cwd: makeFolder() });
  assert.is(code, 0);
  assert.match(stdout, /Example:\n {2}\$ meshflake generate --check/);
  assert.match(stdout, /3 {2}with --check: something would change/);
});

usage("a group lists its commands, takes shared options before them, and suggests", async () => {
  const cwd = makeFolder();
  const { code, stdout } = await runCli(["secrets", "--help"], { cwd });
  assert.is(code, 0);
  for (const name of ["list", "show", "set", "edit", "rekey", "rotate", "audit"]) {
    assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
  }
  const own = await runCli(["secrets", "rotate", "--help"], { cwd });
  assert.match(own.stdout, /Example:\n {2}\$ meshflake secrets rotate/);
  const misspelt = await runCli(["secrets", "lst"], { cwd });
  assert.is(misspelt.code, 2);
  assert.match(misspelt.stderr, /unknown command 'lst'\n\(Did you mean list\?\)/);
  const json = await runCli(["secrets", "--json", "-C", cwd, "list"], { cwd: PACKAGE });
  assert.is(JSON.parse(json.stdout).command, "secrets list");
  assert.match(JSON.parse(json.stdout).error.message, /no fleet/);
  assert.is((await runCli(["secrets"], { cwd })).code, 2);
});

usage("a wrong line is told whose help explains it", async () => {
  const cwd = makeFolder();
  const of = async (...args: string[]) => (await runCli(args, { cwd })).stderr.trim().split("\n").at(-1);
  assert.is(await of("secrets", "rotate", "--nope"), "(meshflake secrets rotate --help explains it)");
  assert.is(await of("plan", "--nope"), "(meshflake plan --help explains it)");
  assert.is(await of("secrets", "lst"), "(meshflake secrets --help lists its commands)");
  assert.is(await of("--nope"), "(meshflake --help lists commands and options)");
});

usage("the version is the package's", async () => {
  const { code, stdout } = await runCli(["--version"], { cwd: makeFolder() });
  assert.is(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

usage("misspelt commands and options get a suggestion, on stderr", async () => {
  const command = await runCli(["chekc"], { cwd: makeFolder() });
  assert.is(command.code, 2);
  assert.is(command.stdout, "");
  assert.match(command.stderr, /unknown command 'chekc'\n\(Did you mean check\?\)/);
  const option = await runCli(["generate", "--chekc"], { cwd: makeFolder() });
  assert.is(option.code, 2);
  assert.match(option.stderr, /Did you mean --check\?/);
});

usage("no command at all is wrong usage", async () => {
  const { code, stdout, stderr } = await runCli([], { cwd: makeFolder() });
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.match(stderr, /Usage: meshflake/);
});

usage("with --json wrong usage is an object as well", async () => {
  const { code, stdout, stderr } = await runCli(["diff", "--sumary", "--json"], { cwd: makeFolder() });
  assert.is(code, 2);
  assert.is(stderr, "");
  const { version, command, ok, exitCode, error, problems } = JSON.parse(stdout);
  assert.equal([version, command, ok, exitCode, problems], [1, "diff", false, 2, []]);
  assert.match(error.message, /unknown option '--sumary'/);
});

usage("with --json a group without a command, and no command at all, say which there are", async () => {
  const cwd = makeFolder();
  for (const [args, command, names] of [
    [["lab"], "lab", /choose `up`.* or `test`$/],
    [["secrets"], "secrets", /choose `list`/],
    [[], null, /choose `init`.* more$/],
  ] as const) {
    const { code, stdout, stderr } = await runCli([...args, "--json"], { cwd });
    assert.equal([code, stderr], [2, ""]);
    const { error, ...told } = JSON.parse(stdout);
    assert.equal([told.version, told.command, told.ok], [1, command, false]);
    assert.match(error.message, new RegExp(`^${command ?? "meshflake"} is no command by itself$`));
    assert.match(error.hint, names);
  }
});

usage("where there is no fleet, every command says so", async () => {
  for (const args of [["check"], ["plan"], ["generate"], ["diff"], ["graph"], ["check", "-C", "."]]) {
    const { code, stdout, stderr } = await runCli(args, { cwd: makeFolder() });
    assert.is(code, 2, args.join(" "));
    assert.is(stdout, "");
    assert.match(stderr, /error: no fleet .*hosts\/fleet\.ts[\s\S]*Hint: meshflake init DIR/);
    assert.not.match(stderr, /\n {4}at /);
  }
});

usage("an unknown environment is wrong usage", async () => {
  const { code, stderr } = await runCli(["plan", "--env", "dev"], { cwd: copyReference() });
  assert.is(code, 2);
  assert.match(stderr, /no environment is named `dev`\nHint: write hosts\/environments\/dev\.ts/);
});

usage("a reader that goes away is no failure", async () => {
  const cwd = copyReference();
  const child = spawn(process.execPath, [join(PACKAGE, "dist/cli/main.js"), "plan", "--json"], {
    cwd,
    env: cleanEnv(),
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.is(code, 0);
  assert.not.match(stderr, /EPIPE|\n {4}at /);
});

usage("FORCE_COLOR colours pipes, NO_COLOR and --no-color do not", async () => {
  const cwd = copyReference();
  const ask = async (args: string[], env: Record<string, string>) =>
    (await runCli(["plan", ...args], { cwd, env })).stdout.includes("\u001b[");
  assert.is(await ask([], { FORCE_COLOR: "1" }), true);
  assert.is(await ask([], { FORCE_COLOR: "1", NO_COLOR: "1" }), false);
  assert.is(await ask(["--no-color"], { FORCE_COLOR: "1" }), false);
});

usage.run();
