import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findProgram } from "../../../generators/machine/programs.js";
import { readLock } from "../../support/locks.js";
import { cleanEnv, makeFolder, PACKAGE, readFolder, runCli } from "../process.js";
import { copyFleet, makeRuntimeFolder, type Repository, readWithAge } from "./fleet.js";

/** With scripts as editors. */

const editing = suite("cli: secrets edit");

const VALUE = "the cat sleeps on the router";

function makeEditor(script: string): string {
  const file = join(makeFolder(), "editor");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

interface Desk {
  readonly repository: Repository;
  readonly runtime: string;
  readonly env: Record<string, string>;
  readonly edit: (script: string, ...args: readonly string[]) => ReturnType<typeof runCli>;
}

async function makeDesk(): Promise<Desk> {
  const repository = await copyFleet();
  repository.pipe(VALUE, "secrets", "set", "photos");
  const runtime = makeRuntimeFolder();
  const env = { MESHFLAKE_IDENTITY: repository.identity, XDG_RUNTIME_DIR: runtime };
  const edit = (script: string, ...args: readonly string[]) =>
    runCli(["secrets", "edit", "photos", ...args], {
      cwd: repository.root,
      env: { ...env, EDITOR: makeEditor(script) },
    });
  return { repository, runtime, env, edit };
}

editing("the editor gets the value in a private file in memory, and what it leaves is encrypted", async () => {
  const { repository, runtime, edit } = await makeDesk();
  const { root, identity } = repository;
  const notes = makeFolder();
  const { code, stdout, stderr } = await edit(
    [
      `stat -c '%a %n' "$1" "$(dirname "$1")" > ${notes}/modes`,
      `cat "$1" > ${notes}/value`,
      `cat /proc/[0-9]*/cmdline /proc/$PPID/environ /proc/$$/environ > ${notes}/public 2>/dev/null`,
      'printf "another value" > "$1"',
    ].join("\n"),
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /✓ cosmo\/photos changed, for admin nico, host cosmo\nNext:/);
  assert.is(readFileSync(join(notes, "value"), "utf8"), VALUE);
  const modes = readFileSync(join(notes, "modes"), "utf8").split("\n");
  assert.match(modes[0] ?? "", new RegExp(`^600 ${runtime}/meshflake-edit-\\d+-\\d+-[0-9a-f]+/photos$`));
  assert.match(modes[1] ?? "", /^700 /);
  const visible = readFileSync(join(notes, "public"), "utf8");
  assert.ok(visible.includes("MESHFLAKE_IDENTITY"), "the search sees what is there");
  assert.not.ok(visible.includes(VALUE));
  assert.is(readWithAge(root, "cosmo/photos", identity), "another value");
  assert.equal(readdirSync(runtime), []);
  for (const [file, { text }] of readFolder(root)) assert.not.ok(/cat sleeps|another value/.test(text), file);
});

editing("unchanged, empty, or an editor that fails: nothing is written", async () => {
  const { repository, runtime, edit, env } = await makeDesk();
  const before = readFolder(repository.root);
  const same = await edit("touch $1");
  assert.equal([same.code, same.stdout], [0, "cosmo/photos is unchanged\n"]);
  const failed = await edit("echo changed > $1; exit 3");
  assert.is(failed.code, 1);
  assert.match(failed.stderr, /the editor ended with status 3, and nothing was written/);
  const empty = await edit(": > $1");
  assert.is(empty.code, 1);
  assert.match(empty.stderr, /left an empty file/);
  const gone = await runCli(["secrets", "edit", "photos"], {
    cwd: repository.root,
    env: { ...env, VISUAL: "no-such-editor --wait" },
  });
  assert.is(gone.code, 1);
  assert.match(gone.stderr, /no-such-editor is not installed/);
  const removed = await edit("rm $1");
  assert.is(removed.code, 1);
  assert.equal(readFolder(repository.root), before);
  assert.equal(readdirSync(runtime), []);
});

editing("VISUAL comes first, and may have arguments or be anything that a shell runs", async () => {
  const { repository, env } = await makeDesk();
  const { root, identity } = repository;
  const editor = makeEditor('[ "$1" = --wait ] && printf "%s" "$WORD from $0" | sed "s,/.*/,," > "$2"');
  for (const [VISUAL, value] of [
    [`${editor} --wait`, " from editor"],
    [`WORD="two words" ${editor} --wait`, "two words from editor"],
  ] as const) {
    const run = await runCli(["secrets", "edit", "photos"], { cwd: root, env: { ...env, VISUAL, EDITOR: "false" } });
    assert.is(run.code, 0, run.stderr);
    assert.is(readWithAge(root, "cosmo/photos", identity), value);
  }
});

editing("a secret without a value begins empty, and needs no key; made ones are refused", async () => {
  const { repository, env } = await makeDesk();
  const { root, identity } = repository;
  const EDITOR = makeEditor("[ -s $1 ] || printf new > $1");
  const { MESHFLAKE_IDENTITY: _, ...keyless } = env;
  const run = await runCli(["secrets", "edit", "shared"], { cwd: root, env: { ...keyless, EDITOR } });
  assert.is(run.code, 0, run.stderr);
  assert.is(readWithAge(root, "cats/shared", identity), "new");
  const made = await runCli(["secrets", "edit", "cosmo/ssh"], { cwd: root, env: { ...env, EDITOR } });
  assert.is(made.code, 2);
  assert.match(made.stderr, /is made by meshflake/);
});

editing("what somebody else wrote meanwhile is not overwritten", async () => {
  const { repository, edit, env } = await makeDesk();
  const { root, identity } = repository;
  const main = join(PACKAGE, "dist/cli/main.js");
  const { code, stderr } = await edit(
    `printf other | ${process.execPath} ${main} secrets set photos >/dev/null 2>&1; printf mine > "$1"`,
  );
  assert.is(code, 1);
  assert.match(stderr, /was changed by somebody else meanwhile/);
  assert.is(readWithAge(root, "cosmo/photos", identity), "other");
  assert.equal(readdirSync(env.XDG_RUNTIME_DIR ?? ""), []);
});

editing("a run that is killed leaves its folder, and the next one removes it; that of a living one stays", async () => {
  const { repository, runtime, edit, env } = await makeDesk();
  const before = readLock(repository.root);
  const { code } = await edit("kill -9 $PPID; sleep 0.2; exit 0");
  assert.is(code, -1);
  const left = readdirSync(runtime);
  assert.is(left.length, 1);
  assert.is(readFileSync(join(runtime, left[0] ?? "", "photos"), "utf8"), VALUE);
  const alive = `meshflake-edit-${process.pid}-${startOfMe()}-00`;
  mkdirSync(join(runtime, alive));
  mkdirSync(join(runtime, "meshflake-edit-something-else"));
  await runCli(["secrets", "list"], { cwd: repository.root, env });
  assert.equal(readdirSync(runtime).sort(), [alive, "meshflake-edit-something-else"].sort());
  assert.equal(readLock(repository.root), before);
});

/** A home whose vimrc keeps copies of everything. */
function makeVimHome(): string {
  const home = makeFolder();
  for (const folder of ["undo", "backup", "swap"]) mkdirSync(join(home, folder));
  const keep = [
    "set nocompatible undofile backup writebackup swapfile",
    "set undodir=~/undo backupdir=~/backup directory=~/swap viminfo='100,n~/.viminfo",
  ];
  writeFileSync(join(home, ".vimrc"), `${keep.join("\n")}\n`);
  return home;
}

/** Files below a home that have a part of the old or the new value. */
function listCopies(home: string): string[] {
  return [...readFolder(home)].filter(([, { text }]) => /sleeps|purrs/.test(text)).map(([file]) => file);
}

const VIM_EDITS = ["--not-a-term", "-c", "%s/sleeps/purrs/", "-c", "wq"];
const vim = findProgram("vim");

if (vim === null) console.log("    no vim is installed: what it keeps is not tried");
else {
  for (const name of ["vi", "vim", "editor"]) {
    editing(`vim keeps no copy of the value, whatever its vimrc says: as ${name}`, async () => {
      const { repository, env } = await makeDesk();
      const bin = makeFolder();
      symlinkSync(vim, join(bin, name));
      const PATH = `${bin}:${process.env.PATH}`;
      const home = makeVimHome();
      const more = { ...env, PATH, HOME: home, EDITOR: [name, ...VIM_EDITS].join(" ") };
      const run = await runCli(["secrets", "edit", "photos"], { cwd: repository.root, env: more });
      assert.is(run.code, 0, run.stderr);
      assert.match(readWithAge(repository.root, "cosmo/photos", repository.identity) ?? "", /the cat purrs/);
      assert.equal(listCopies(home), []);
    });
  }

  editing("the same vim, told nothing, keeps copies", () => {
    const home = makeVimHome();
    // Below /tmp, vim makes no backups.
    const file = join(makeRuntimeFolder(), "photos");
    writeFileSync(file, VALUE);
    spawnSync(vim, [...VIM_EDITS, file], { env: cleanEnv({ HOME: home }), stdio: "ignore" });
    const copies = listCopies(home).map((path) => path.replace(/[/].*/, ""));
    for (const kind of ["undo", "backup", ".viminfo"]) assert.ok(copies.includes(kind), `${kind}: ${copies}`);
  });
}

editing("a vi that is no vim gets the file alone", async () => {
  const { repository, env } = await makeDesk();
  const { root, identity } = repository;
  const bin = makeFolder();
  const refuse = 'for arg; do case "$arg" in -*) echo "usage: vi [file]" >&2; exit 1;; esac; done';
  writeFileSync(join(bin, "vi"), `#!/bin/sh\n${refuse}\nprintf plain > "$1"\n`, { mode: 0o755 });
  const PATH = `${bin}:${process.env.PATH}`;
  const run = await runCli(["secrets", "edit", "photos"], { cwd: root, env: { ...env, PATH, EDITOR: "vi" } });
  assert.is(run.code, 0, run.stderr);
  assert.is(readWithAge(root, "cosmo/photos", identity), "plain");
});

function startOfMe(): string {
  const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  editing(`${signal} ends the editor, and leaves nothing behind`, async () => {
    const { repository, runtime, env } = await makeDesk();
    const started = join(makeFolder(), "started");
    const EDITOR = makeEditor(`echo > ${started}; exec sleep 60`);
    const child = spawn(process.execPath, [join(PACKAGE, "dist/cli/main.js"), "secrets", "edit", "photos"], {
      cwd: repository.root,
      env: cleanEnv({ ...env, EDITOR }),
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    while (!existsSync(started)) await wait(20);
    assert.is(readdirSync(runtime).length, 1);
    child.kill(signal);
    assert.is(await ended, 1);
    assert.equal(readdirSync(runtime), []);
    assert.is(readWithAge(repository.root, "cosmo/photos", repository.identity), VALUE);
  });
}

editing("without a terminal and an editor of one's own, it says what to do instead of waiting", async () => {
  const repository = await copyFleet();
  const env = { MESHFLAKE_IDENTITY: repository.identity };
  const { code, stderr } = await runCli(["secrets", "edit", "cosmo/photos"], { cwd: repository.root, env });
  assert.is(code, 2);
  assert.match(stderr, /there is no terminal to edit on\nHint: .*meshflake secrets set cosmo\/photos/);
});

editing.run();
