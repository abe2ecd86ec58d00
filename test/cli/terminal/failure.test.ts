import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeSystemError } from "../../../cli/system-error.js";
import { cleanEnv, copyGenerated, copyReference, PACKAGE, type Run, runCli } from "../process.js";

/** What the operating system refuses is no bug. */
const failure = suite("cli: failures");

function assertPlain({ code, stderr }: Run, message: RegExp): void {
  assert.is(code, 1, stderr);
  assert.match(stderr, message);
  assert.not.match(stderr, /bug in meshflake|^ {4}at /m);
}

failure("every refusal of the system names what, why and what to do", () => {
  const errno = (code: string, syscall: string, path?: string) =>
    Object.assign(new Error(code), { code, syscall, path });
  assert.equal(describeSystemError(errno("ENOSPC", "write")), {
    message: "cannot write a file: no space is left on the disk (ENOSPC)",
    hint: "make room (df -h, df -i), then run it again",
  });
  assert.match(
    describeSystemError(errno("EACCES", "open", "/x/y"))?.message ?? "",
    /^cannot open \/x\/y: permission denied/,
  );
  assert.match(
    describeSystemError(errno("EROFS", "mkdir", "/x"))?.message ?? "",
    /^cannot make the folder \/x: .*read-only/,
  );
  assert.match(
    describeSystemError(errno("ENOENT", "spawn git", "git"))?.message ?? "",
    /^cannot run git: it is not installed/,
  );
  const rename = Object.assign(errno("EPERM", "rename", "/a"), { dest: "/b" });
  assert.match(describeSystemError(rename)?.message ?? "", /^cannot rename \/a to \/b: /);
});

failure("a reader that went away leaves no work half done", async () => {
  const root = copyReference();
  // Nobody reads either stream: the first line of progress meets a closed pipe.
  execFileSync("sh", ["-c", '"$0" "$1" generate 2>&1 | true', process.execPath, join(PACKAGE, "dist/cli/main.js")], {
    cwd: root,
    env: cleanEnv(),
  });
  const check = await runCli(["generate", "--check"], { cwd: root });
  assert.is(check.code, 0, check.stdout);
});

failure("what is our own mistake stays a bug", () => {
  assert.is(describeSystemError(new TypeError("x")), undefined);
  assert.is(describeSystemError(Object.assign(new Error("x"), { code: "EBADF", syscall: "write" })), undefined);
  assert.is(describeSystemError(Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" })), undefined);
});

failure("a folder where a file belongs", async () => {
  const cwd = copyReference();
  mkdirSync(join(cwd, "hosts/fleet.lock.json"));
  assertPlain(
    await runCli(["check", "--quiet"], { cwd }),
    /^error: cannot read .*: it is a folder, where a file belongs/,
  );
});

failure("a manifest that is a folder", async () => {
  const cwd = await copyGenerated();
  const manifest = join(cwd, "modules/hosts/.meshflake.json");
  rmSync(manifest);
  mkdirSync(manifest);
  assertPlain(await runCli(["generate", "--quiet"], { cwd }), /^error: .*\.meshflake\.json/);
});

failure("a tree that must not be written, where the tests do not run as root", async () => {
  if (process.getuid?.() === 0) return;
  const cwd = copyReference();
  chmodSync(join(cwd, "hosts"), 0o555);
  const run = await runCli(["generate", "--quiet"], { cwd });
  chmodSync(join(cwd, "hosts"), 0o755);
  assertPlain(run, /^error: cannot .*permission denied \(EACCES\)\nHint: /);
});

failure.run();
