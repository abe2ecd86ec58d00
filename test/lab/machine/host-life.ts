import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { WireguardDevice } from "../../../lab/host/networkd.js";
import { mustSucceed, run } from "../../../lab/machine/command.js";
import { runIn, spawnIn } from "../../../lab/machine/enter.js";
import { Host } from "../../../lab/machine/host/host.js";
import { changeDevice, makeDevice } from "../../../lab/machine/host/wireguard.js";
import { processesBeside, stateOf } from "../../../lab/machine/processes.js";
import { waitUntil } from "../../../lab/machine/wait.js";
import type { HostSpec, UnitSpec } from "../../../lab/spec.js";

/** The life of a host without a network, written down: what the test beside it looks at. */

const folder = process.argv[2] ?? "";
const roots = join(folder, "hosts");

function unit(name: string, script: string, more: Partial<UnitSpec> = {}): UnitSpec {
  return { name, exec: ["sh", "-c", script], restart: "no", restartMs: 50, after: [], ...more };
}

const COUNT = "i=0; while :; do i=$((i + 1)); echo $i >/run/count; sleep 0.02; done";

const spec: HostSpec = {
  name: "ann",
  cluster: "cats",
  site: "home",
  meshIp: "10.0.0.1",
  consul: null,
  nomad: null,
  networkd: { netdevs: {}, networks: {} },
  sysctl: {},
  ruleset: "",
  files: [{ path: "/run/secrets/key", text: "secret\n", mode: 0o400 }],
  units: [
    unit("late", "sleep infinity", { after: ["early"] }),
    unit("early", "sleep infinity"),
    unit("counter", COUNT, { restart: "always", environment: { COLOUR: "blue" } }),
    unit("unlucky", "echo trying; exit 4", { restart: "on-failure" }),
    unit("finished", "exit 0", { restart: "on-failure" }),
    unit("never", "echo started", { before: [["true"], ["false"], ["echo", "too far"]] }),
    unit("ticking", "echo tick", { everyMs: 100 }),
    unit("parent", "sleep infinity & sleep infinity & wait"),
    unit("deaf", "trap '' TERM; sleep infinity & wait; sleep infinity", { stopSignal: "SIGKILL" }),
  ],
  open: [],
  names: [],
};

const host = new Host(spec, {
  roots,
  logs: join(folder, "logs"),
  programs: {},
  wireguard: "wireguard-go",
  certificates: "the lab's own\n",
  onState: (_, state) => states.push(state),
  note: () => {},
});
const states: string[] = [];

const inHost = async (script: string): Promise<string> =>
  (await runIn(host.requirePid(), ["sh", "-c", script], { whole: true, env: host.environment })).stdout.trim();
/** Machines that run tests are slow at times. */
const until = (isSo: () => boolean): Promise<boolean> => waitUntil(isSo, 20_000);
const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const log = (name: string): string => read(join(folder, "logs/ann", `${name}.log`));
const lines = (text: string): number => text.split("\n").length - 1;
const find = (name: string) => {
  const found = host.units.find((one) => one.spec.name === name);
  if (found === undefined) throw new Error(`no unit ${name}`);
  return found;
};
const status = (name: string) => find(name).status();
const isUp = (name: string): boolean => status(name).state === "running" && status(name).pid !== null;
/** The file is empty for a moment at each change. */
const count = (): number => Number(read(join(roots, "ann/run/count")).trim() || "0");

async function boot(): Promise<number> {
  const pid = await host.switchOn();
  host.startUnits();
  await until(() => ["early", "late", "counter", "parent", "deaf"].every(isUp) && count() > 0);
  await until(() => status("unlucky").restarts > 2 && lines(log("ticking")) > 2 && status("never").state === "failed");
  return pid;
}

async function look(): Promise<Record<string, unknown>> {
  return {
    name: await inHost("hostname"),
    root: (await inHost("ls -A /")).split("\n"),
    outside: await inHost(`ls ${folder} ${process.cwd()} 2>&1 >/dev/null | wc -l`),
    first: await inHost("cat /proc/1/comm"),
    secret: await inHost("stat -c %a /run/secrets/key; cat /run/secrets/key"),
    certificates: await inHost("cat /etc/ssl/certs/ca-certificates.crt"),
    readOnly: await inHost("touch /usr/x 2>/dev/null || echo refused"),
    null: await inHost("echo x >/dev/null && echo works"),
    interfaces: await inHost("ls /proc/sys/net/ipv4/conf"),
    environment: await inHost(
      `tr '\\0' '\\n' </proc/$(pgrep -o -f run/count)/environ | grep -E '^(COLOUR|HOME|USER)=' | sort`,
    ),
    // One is started right after the other: which of the two gets to say so first is the machine's affair.
    order: host.units.map((one) => one.spec.name).filter((name) => name === "early" || name === "late"),
    // Units end all the time; what is never reaped is there at each look.
    orphans: await inHost(
      "sh -c 'sleep 0.05 & sleep 0.05 &'; for look in $(seq 100); do sleep 0.1; left=$(grep -ls '^State:.Z' /proc/[0-9]*/status | wc -l); [ $left = 0 ] && break; done; echo $left",
    ),
  };
}

async function seeUnits(): Promise<Record<string, unknown>> {
  const before = status("counter");
  await find("counter").die(true);
  await until(() => isUp("counter"));
  const again = status("counter");
  await find("counter").die(false);
  await sleep(200);
  const held = status("counter");
  find("counter").start();
  await until(() => isUp("counter"));
  await Promise.all([find("parent").stop(), find("deaf").stop()]);
  return {
    counter: [before.state, again.state, again.restarts, again.lastExit, again.pid !== before.pid],
    held: [held.state, held.pid, status("counter").state],
    unlucky: [status("unlucky").lastExit, log("unlucky").startsWith("trying\ntrying\n")],
    finished: [status("finished").state, status("finished").restarts],
    never: [status("never").state, log("never")],
    ticking: log("ticking").startsWith("tick\ntick\n"),
    stopped: [status("parent").state, status("deaf").state, await inHost("pgrep -c -f '^sleep infinity'")],
  };
}

async function seeFrozen(): Promise<Record<string, unknown>> {
  await host.freeze();
  const running = processesBeside(host.requirePid(), "pid").filter((pid) => !"TZD".includes(stateOf(pid) ?? "Z"));
  const before = [count(), lines(log("ticking"))];
  await sleep(500);
  const after = [count(), lines(log("ticking"))];
  const { state } = host;
  host.thaw();
  const [counted = 0, ticked = 0] = after;
  const goesOn = await until(() => count() > counted && lines(log("ticking")) > ticked);
  return { state, running, stands: String(before) === String(after), goesOn };
}

/** A device before and after a deployment that gives it an address and a route; null where there is no wireguard-go. */
async function seeDevice(): Promise<unknown> {
  if ((await inHost("(command -v wireguard-go; command -v wg) | wc -l")) !== "2") return null;
  const place = { ...host.place(), readSecret: () => Buffer.alloc(32, 8).toString("base64") };
  const address = (text: string) => `addr replace ${text} dev mesh`;
  const ip = ["link set dev mesh up", address("10.0.0.1/24")];
  const device: WireguardDevice = { device: "mesh", mtu: 1380, privateKeyFile: "/key", peers: [], ip };
  const look = async (): Promise<string[]> => {
    const said = await inHost(
      "ip -4 -o addr show dev mesh | awk '{print $4}'; ip -4 route show dev mesh | awk '{print $1}'; wg show mesh listen-port",
    );
    return said.split("\n");
  };
  await makeDevice(place, { ...device, listenPort: 4000 });
  const before = await look();
  const more = [...ip, address("10.0.1.1/24"), "route replace 10.7.0.0/16 dev mesh"];
  await changeDevice(place, { ...device, listenPort: 4001, ip: more });
  return { before, after: await look() };
}

async function seeOff(pid: number): Promise<Record<string, unknown>> {
  await inHost("echo kept >/var/lib/data; echo lost >/run/data");
  // From outside, in its network alone: it must not keep the network alive.
  const guest = spawnIn(pid, ["sleep", "infinity"]);
  await sleep(100);
  await host.kill();
  await until(() => guest.signalCode !== null);
  const { state } = host.status();
  const off = { state, pid: host.pid, guest: guest.signalCode, unit: status("counter").state };
  await boot();
  const back = { disk: await inHost("cat /var/lib/data"), run: await inHost("cat /run/data 2>&1 >/dev/null | wc -l") };
  await host.kill();
  return { ...off, ...back };
}

mkdirSync(roots);
mustSucceed("mounting memory", await run(["mount", "-t", "tmpfs", "memory", roots]));
const pid = await boot();
const seen = {
  look: await look(),
  device: await seeDevice(),
  units: await seeUnits(),
  frozen: await seeFrozen(),
  off: await seeOff(pid),
  states,
};
process.stdout.write(JSON.stringify(seen), () => process.exit(0));
