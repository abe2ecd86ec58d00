import { execFile, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Report } from "../../lab/checks/report.js";
import { cleanEnv, makeFolder, PACKAGE } from "../cli/process.js";
import { onLab } from "./support/lab.js";

/** The checks of a fleet in a lab without root: in a user namespace of somebody who may do nothing else. */

const real = suite("real: a lab without root");
const test = onLab(real);

const MAIN = join(PACKAGE, "dist/cli/main.js");
const TOOLS = process.env.MESHFLAKE_TOOLS ?? join(homedir(), ".cache/meshflake/tools");

/** Who starts the lab. */
interface Person {
  readonly what: string;
  /** Words that make a command theirs. */
  readonly before: readonly string[];
  /** The owner of their files. */
  readonly uid: number;
}

/** User 0 as in a container, without what namespaces and networks of its own take. */
const POWERLESS: Person = {
  what: "root without capabilities",
  before: ["setpriv", "--bounding-set=-sys_admin,-net_admin", "--inh-caps=-sys_admin,-net_admin"],
  uid: 0,
};

function become(uid: number): Person {
  const before = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--inh-caps=-all"];
  return { what: `user ${uid}`, before, uid };
}

/** Whether somebody may read what a lab runs, and open the device that stands in for what the kernel does not have. */
function isAble({ before }: Person): boolean {
  const script = `"$1" "$2" --version && test -w /dev/net/tun && { test -x "$3/consul" || command -v consul; }`;
  const [program = "", ...args] = [...before, "sh", "-c", script, "sh", process.execPath, MAIN, TOOLS];
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** Whoever runs the tests; for root a user who is nobody else, preferably the one who became root, or else itself without its power. */
function findPerson(): Person {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return { what: `user ${uid}`, before: [], uid };
  const sudo = Number(process.env.SUDO_UID ?? "0");
  return [...(sudo > 0 ? [sudo] : []), 65_534].map(become).find(isAble) ?? POWERLESS;
}

const person = findPerson();
const home = makeFolder();
if (process.getuid?.() === 0) chownSync(home, person.uid, person.uid);

/** Why the kernel gives them no namespaces; null where it does. */
function whyNot(): string | null {
  const namespaces = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "true"];
  const [program = "", ...args] = [...person.before, ...namespaces];
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? null : `${person.what} gets no namespaces: ${stderr.trim()}`;
}

function lab(...args: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [program = "", ...words] = [...person.before, process.execPath, MAIN, "lab", ...args];
  const env = cleanEnv({ HOME: home, XDG_RUNTIME_DIR: home, MESHFLAKE_TOOLS: TOOLS });
  return new Promise((resolve) => {
    execFile(program, words, { cwd: PACKAGE, env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

real.after(async () => {
  await lab("down", "--all");
});

test("reach, clusters and their secrecy, and services with their jobs", async () => {
  const why = whyNot();
  if (why !== null) {
    console.log(`not tried: ${why}`);
    return;
  }
  console.log(`  as ${person.what}`);
  const up = await lab("up");
  assert.is(up.code, 0, up.stderr);
  const list = JSON.parse((await lab("list", "--json")).stdout);
  assert.is(list.labs[0]?.rootless, true);
  const ran = await lab("test", "--use", "--json", "--only", "reach,cluster,services");
  const { results }: Report = JSON.parse(ran.stdout).report;
  assert.equal(
    results.map(({ check, outcome, failures }) => [check, outcome, failures]),
    ["reach", "cluster", "services"].map((check) => [check, "passed", []]),
  );
  assert.is((await lab("down")).code, 0);
});

real.run();
