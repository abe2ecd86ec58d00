import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endLab } from "../../../lab/client/end.js";
import { labCommand } from "../../../lab/client/enter.js";
import { labsFolder } from "../../../lab/client/folders.js";
import { parentOf } from "../../../lab/client/processes.js";
import { identifyProcess, isAlive, type Lab, listLabs } from "../../../lab/client/records.js";
import type { Isolation } from "../../../lab/client/start/namespaces.js";
import { startLab } from "../../../lab/client/start/start.js";
import { waitUntil } from "../../../lab/machine/wait.js";
import type { LabSpec } from "../../../lab/spec.js";
import { makeFolder } from "../../cli/process.js";
import { addWhere, withoutRoot, withRoot } from "./isolated.js";

/** Real processes in real namespaces; a shell stands in for the supervisor. */

const starting = suite("lab: start and end");

process.env.XDG_RUNTIME_DIR = makeFolder();

const OWN = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const PLAIN: Isolation = { argv: ["unshare", ...OWN], rootless: false };
const ROOTLESS: Isolation = { argv: ["unshare", "--user", "--map-root-user", ...OWN], rootless: true };
const USUAL = withRoot ? PLAIN : ROOTLESS;

const isolated = addWhere(withRoot || withoutRoot, starting);
const rootless = addWhere(withoutRoot, starting);

const KERNEL = { wireguard: "kernel", lines: "netem" } as const;

const QUICK = { answerMs: 100, ownEndMs: 100, killedMs: 5_000 };

function spec(name: string): LabSpec {
  const world = { sites: [], names: [], resolvers: [] };
  return { version: 1, name, fleet: "cats", environment: null, domain: "example.org", world, hosts: [], clusters: [] };
}

/** @param script runs as the lab's first process; `$1` is the order */
function start(name: string, script: string, isolation = USUAL): Promise<Lab> {
  const supervisor = ["/bin/sh", "-c", script, "sh"];
  return startLab({
    spec: spec(name),
    root: "/fleet",
    programs: { ip: "/sbin/ip" },
    kernel: KERNEL,
    isolation,
    supervisor,
  });
}

/** A first process with a child in a namespace of its own, as hosts have. */
const BUSY = "unshare --net --mount sleep 300 & sleep 300 & echo started; wait";

function readIn(lab: Lab, ...argv: string[]): string {
  const [program = "", ...args] = labCommand(lab.record, argv);
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** PIDs of processes in a PID namespace, as seen from here. */
function membersOf(namespace: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
    } catch {
      return false;
    }
  });
}

function checkIsolation(isolation: Isolation) {
  return async () => {
    const lab = await start("cats", BUSY, isolation);
    const { record, folder } = lab;
    assert.equal([record.name, record.root, record.rootless], ["cats", "/fleet", isolation.rootless]);
    for (const kind of ["net", "mnt", "pid"]) {
      const own = readlinkSync(`/proc/${record.pid}/ns/${kind}`);
      assert.is.not(own, readlinkSync(`/proc/self/ns/${kind}`), kind);
    }
    const [self, ...others] = readIn(lab, "sh", "-c", "readlink /proc/1/ns/net; id -u; ls /sys/class/net; echo").split(
      "\n",
    );
    assert.is(self, readlinkSync(`/proc/${record.pid}/ns/net`));
    assert.is(others[0], "0");
    assert.is(statSync(join(folder, "lab.log")).mode & 0o777, 0o600);
    await endLab(lab, QUICK);
  };
}

addWhere(withRoot, starting)("as root, a lab has namespaces of its own", checkIsolation(PLAIN));
rootless("without root it has them too, inside of a user namespace", checkIsolation(ROOTLESS));

isolated("the end leaves no process, and no file", async () => {
  const lab = await start("cats", BUSY);
  const namespace = readlinkSync(`/proc/${lab.record.pid}/ns/pid`);
  const launcher = identifyProcess(parentOf(lab.record.pid) ?? 0);
  assert.ok(await waitUntil(() => membersOf(namespace).length >= 3, 5_000));
  await endLab(lab, QUICK);
  assert.equal(membersOf(namespace), []);
  assert.not.ok(isAlive(lab.record) || isAlive(launcher));
  assert.not.ok(existsSync(lab.folder) || existsSync(labsFolder()));
});

isolated("a lab whose launcher is killed ends as well, and the next command removes its folder", async () => {
  const lab = await start("cats", BUSY);
  process.kill(parentOf(lab.record.pid) ?? 0, "SIGKILL");
  assert.ok(await waitUntil(() => !isAlive(lab.record), 5_000));
  assert.ok(existsSync(lab.folder));
  assert.equal(listLabs(), []);
  assert.not.ok(existsSync(lab.folder));
});

isolated("the order is for its owner alone, and says where the lab is", async () => {
  const lab = await start("cats", 'stat -c %a "$1"; cat "$1"; echo; echo end; exec sleep 300');
  const read = () => readFileSync(join(lab.folder, "lab.log"), "utf8");
  assert.ok(await waitUntil(() => read().includes("\nend\n"), 5_000));
  const [mode, order = ""] = read().split("\n");
  assert.is(mode, "600");
  const { folder, root, programs, spec: ordered } = JSON.parse(order);
  assert.equal([folder, root, programs.ip, ordered.name], [lab.folder, "/fleet", "/sbin/ip", "cats"]);
  await endLab(lab, QUICK);
});

isolated("nothing of the person's environment reaches the lab", async () => {
  process.env.AWS_CA_BUNDLE = "/planted";
  const lab = await start("cats", "env; echo end; exec sleep 300");
  const read = () => readFileSync(join(lab.folder, "lab.log"), "utf8");
  assert.ok(await waitUntil(() => read().includes("end"), 5_000));
  delete process.env.AWS_CA_BUNDLE;
  assert.match(read(), /^PATH=/m);
  assert.not.match(read(), /AWS_CA_BUNDLE|XDG_RUNTIME_DIR/);
  await endLab(lab, QUICK);
});

isolated("a second one of the same name is refused, one of another name runs beside it", async () => {
  const [one, two] = await Promise.all([start("one", BUSY), start("two", BUSY)]);
  let refused = "";
  await start("one", BUSY).catch(({ message, hint }) => {
    refused = `${message}: ${hint}`;
  });
  assert.match(refused, /the lab one runs already: meshflake lab down --name one ends it; --name NAME/);
  await endLab(one, QUICK);
  assert.equal(
    listLabs().map(({ record }) => record.name),
    ["two"],
  );
  assert.ok(isAlive(two.record));
  await endLab(two, QUICK);
});

isolated("one that does not start says why, and leaves nothing", async () => {
  const missing: Isolation = { argv: ["unshare", "--no-such-option"], rootless: false };
  let said = "";
  await start("cats", BUSY, missing).catch(({ message }) => {
    said = message;
  });
  assert.match(said, /the lab did not start: [\s\S]*no-such-option/);
  await start("cats", BUSY, { argv: ["/nonexistent/unshare"], rootless: false }).catch(({ message }) => {
    said = message;
  });
  assert.match(said, /spawn \/nonexistent\/unshare ENOENT/);
  assert.not.ok(existsSync(labsFolder()));
});

starting.run();
