import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LabRecord } from "../../lab/protocol.js";
import { cleanEnv, PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";
import { eventually } from "./support/wait.js";

/** Labs begin, run beside each other, and end, however that comes about. */

const real = suite("real: the life of labs");
const test = onLab(real);

const labs = new Labs();
const runtime = labs.env.XDG_RUNTIME_DIR ?? "";

/** The servers, without which nobody is elected. */
const SOME = ["cosmo", "maco", "miki"];

real.after(async () => {
  await labs.run("down", "--all");
});

function readRecord(name: string): LabRecord | null {
  try {
    return JSON.parse(readFileSync(join(runtime, "meshflake-labs", name, "record.json"), "utf8"));
  } catch {
    return null;
  }
}

/** The PID namespace of a lab's first process; all of the lab are in it, or below it. */
function namespaceOf(name: string): string {
  const record = readRecord(name);
  if (record === null) throw new Error(`${name} has no record`);
  return readlinkSync(`/proc/${record.pid}/ns/pid`);
}

/** Processes of a PID namespace, and whoever names the lab's folder: an `unshare` that waits for them. */
function processesOf(namespace: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
      const named = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(runtime);
      return named || readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
    } catch {
      return false;
    }
  });
}

function assertNothingLeft(namespace: string): void {
  assert.equal(processesOf(namespace), []);
  assert.equal(readdirSync(runtime), []);
  assert.not.ok(readFileSync("/proc/self/mountinfo", "utf8").includes(runtime));
}

/** `lab up`, as a person sees it who can press ^C. @param before words that start it otherwise */
function start(
  name: string,
  ...before: string[]
): { readonly child: ChildProcess; readonly ended: Promise<number | null> } {
  const up = ["dist/cli/main.js", "lab", "up", ...SOME, "--name", name];
  const [program = "", ...args] = [...before, process.execPath, ...up];
  const child = spawn(program, args, { cwd: PACKAGE, env: cleanEnv(labs.env), stdio: "ignore" });
  return { child, ended: new Promise((resolve) => child.on("close", resolve)) };
}

/** Looks often: what is waited for may be over soon. */
const until = (what: string, look: () => boolean | Promise<boolean>) => eventually(what, look, { everyMs: 20 });

/** How long after its first process a lab is interrupted, in milliseconds: hardly there, building, and booting. */
const MOMENTS = [0, 400, 2_000];

test("an interrupted up ends with the signal's exit code, and leaves nothing", async () => {
  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const;
  for (const [signal, expected] of signals) {
    for (const moment of MOMENTS) {
      const { child, ended } = start("brief");
      await until("there is a record", () => readRecord("brief") !== null);
      const namespace = namespaceOf("brief");
      assert.ok(processesOf(namespace).length > 0, "the search finds what runs");
      await sleep(moment);
      child.kill(signal);
      assert.is(await ended, expected, `${signal} after ${moment} ms`);
      assertNothingLeft(namespace);
    }
  }
});

test("two labs run side by side, each with its own hosts, and neither ends with the other", async () => {
  await Promise.all(["one", "two"].map((name) => labs.must("up", ...SOME, "--name", name)));
  const again = await labs.run("up", ...SOME, "--name", "one");
  assert.is(again.code, 1);
  assert.match(again.stderr, /the lab one runs already\nHint: meshflake lab down --name one/);
  assert.is((await labs.run("status")).code, 2);
  await labs.must("exec", "cosmo", "--name", "one", "--", "touch", "/run/only-here");
  assert.is((await labs.run("exec", "cosmo", "--name", "two", "--", "test", "-e", "/run/only-here")).code, 1);
  await labs.must("break", "kill", "maco", "--name", "one");
  assert.equal(JSON.parse(await labs.must("status", "--name", "two", "--json")).state.faults, []);
  await labs.must("down", "--name", "one");
  assert.is(JSON.parse(await labs.must("status", "--json")).lab, "two");
});

test("exec has the command's output and exit code, and logs what its units printed", async () => {
  assert.is((await labs.run("exec", "maco", "--", "sh", "-c", "exit 7")).code, 7);
  assert.is(await labs.must("exec", "maco", "--", "hostname"), "maco\n");
  const { stdout, stderr, exitCode } = JSON.parse(
    (await labs.run("exec", "maco", "--json", "--", "sh", "-c", "echo a; echo b >&2; exit 3")).stdout,
  );
  assert.equal([stdout, stderr, exitCode], ["a\n", "b\n", 3]);
  const lines = (await labs.must("logs", "cosmo", "consul", "-n", "3")).trimEnd().split("\n");
  assert.is(lines.length, 3);
});

test("a killed test leaves no newcomer in a lab that stays", async () => {
  const readHosts = async () => {
    const hosts: readonly { name: string }[] = JSON.parse(await labs.must("status", "--json")).state.hosts;
    return hosts.map(({ name }) => name);
  };
  const before = await readHosts();
  const argv = ["dist/cli/main.js", "lab", "test", "--use", "--only", "add-host"];
  const child = spawn(process.execPath, argv, { cwd: PACKAGE, env: cleanEnv(labs.env), stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  await until("a newcomer is there", async () => (await readHosts()).length > before.length);
  child.kill("SIGKILL");
  await ended;
  await until("it is gone", async () => (await readHosts()).length === before.length);
  assert.equal(await readHosts(), before);
});

test("down ends a lab that hangs as well, and one without its repository", async () => {
  const record = readRecord("two");
  const namespace = namespaceOf("two");
  process.kill(record?.pid ?? 0, "SIGSTOP");
  await labs.must("down");
  assertNothingLeft(namespace);
});

test("a lab that was killed leaves a folder that nobody sees", async () => {
  const { ended } = start("killed");
  await until("there is a record", () => readRecord("killed") !== null);
  const namespace = namespaceOf("killed");
  process.kill(readRecord("killed")?.pid ?? 0, "SIGKILL");
  assert.is(await ended, 1);
  assert.match(await labs.must("list"), /no lab runs/);
  assertNothingLeft(namespace);
});

test("an interrupted test ends its checks and its lab", async () => {
  const argv = ["dist/cli/main.js", "lab", "test", "--only", "reach", "--name", "tested"];
  const child = spawn(process.execPath, argv, {
    cwd: PACKAGE,
    env: cleanEnv(labs.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await until("checks run", () => said.includes("reach: "));
  const namespace = namespaceOf("tested");
  child.kill("SIGINT");
  assert.is(await ended, 130);
  assertNothingLeft(namespace);
});

/** What root has in a container: user 0, without the two that namespaces and their networks take. */
const WITHOUT = ["setpriv", "--bounding-set=-sys_admin,-net_admin", "--inh-caps=-sys_admin,-net_admin"];

test("without root's capabilities the lab is the same, in a user namespace", async () => {
  const { ended } = start("rootless", ...(process.getuid?.() === 0 ? WITHOUT : []));
  assert.is(await ended, 0);
  assert.is(readRecord("rootless")?.rootless, true);
  const namespace = namespaceOf("rootless");
  await eventually("cosmo reaches miki", async () => {
    const { stdout } = await labs.run("exec", "cosmo", "--", "ping", "-c", "1", "-W", "5", "miki");
    return / 0% packet loss/.test(stdout);
  });
  await labs.must("down");
  assertNothingLeft(namespace);
});

real.run();
