import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "uvu";

/** Machines of a test: namespaces with a network card of their own, and with folders that nobody else sees. */

const PROGRAMS = ["age", "curl", "jq", "ip", "nsenter", "unshare", "setpriv", "mount", "sha256sum"];
/** Where NixOS's module for Consul puts it does not matter; that it is an account of its own does. */
export const CONSUL_UID = 990;

/** A daemon's program: in the search path, or in the folder `MESHFLAKE_TOOLS`. */
export function findTool(name: string): string | null {
  const folders = [
    ...(process.env.MESHFLAKE_TOOLS ?? "").split(delimiter),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return (
    folders
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, name))
      .find(existsSync) ?? null
  );
}

/** Why machines cannot be made here; null where they can. */
function whyNoMachines(...tools: readonly string[]): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root may make namespaces";
  const missing = [...PROGRAMS, ...tools].filter((name) => findTool(name) === null);
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  const made = spawnSync("unshare", ["-n", "ip", "link", "add", "br0", "type", "bridge"]);
  return made.status === 0 ? null : "this machine allows no network namespaces";
}

/** Adds tests to a suite, which only run where machines can be made. @param tools programs that they need */
export function onMachines(suite: Test, ...tools: readonly string[]) {
  const why = whyNoMachines(...tools);
  if (why !== null) console.log(`not tried: ${why}`);
  return (name: string, run: () => Promise<void> | void): void =>
    suite(name, async () => {
      if (why === null) await run();
    });
}

/** Asks again until the answer is neither false, null nor undefined. @param what for the error after a minute and a half */
export async function waitFor<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  let last: unknown;
  for (let tries = 0; tries < 300; tries++) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(300);
  }
  throw new Error(`in vain: ${what}`, { cause: last });
}

const holders = new Set<ChildProcess>();
process.on("exit", () => {
  for (const holder of holders) holder.kill("SIGKILL");
});

/** Ends with its standard input, and so with the process that runs the tests, whatever becomes of it. */
async function hold(args: readonly string[]): Promise<{ readonly holder: ChildProcess; readonly pid: number }> {
  const holder = spawn("unshare", [...args, "sh", "-c", "echo ready; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  holders.add(holder);
  await new Promise((resolve, reject) => {
    holder.stdout?.once("data", resolve);
    holder.once("exit", () => reject(new Error("no namespaces")));
  });
  const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  return { holder, pid: Number(children === "" ? holder.pid : children) };
}

/** Private folders; programs where a daemon's own account may run them; the account. */
const PREPARE = `
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/etc /run/bin /run/agenix
for name in passwd group nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d alternatives ssl; do
  if [ -e /etc/$name ]; then cp -a /etc/$name /run/etc/; fi
done
echo "consul:x:${CONSUL_UID}:${CONSUL_UID}::/:/bin/sh" >>/run/etc/passwd
echo "consul:x:${CONSUL_UID}:" >>/run/etc/group
echo "127.0.0.1 localhost" >/run/etc/hosts
mkdir -p /run/etc/meshflake
mount --bind /run/etc /etc
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -m 0700 /var/lib/consul /var/lib/nomad
chown consul /var/lib/consul
ip link set lo up
`;

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly name: string;
  readonly address: string;
  /** A process inside. Its environment is the search path, and what is given. */
  readonly spawn: (args: readonly string[], env?: Readonly<Record<string, string>>) => ChildProcess;
  /** Runs bash with a script. @throws Error where it fails, with what it said */
  readonly sh: (script: string, input?: string) => string;
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>, input?: string) => Promise<Ran>;
  readonly write: (path: string, text: string, mode?: string) => void;
}

/** Machines at one switch. */
export interface Net {
  readonly add: (name: string, address: string) => Promise<Machine>;
  readonly stop: () => void;
}

export async function makeNet(): Promise<Net> {
  const own: ChildProcess[] = [];
  const net = await hold(["-n"]);
  own.push(net.holder);
  const ip = (...args: string[]) =>
    execFileSync("nsenter", ["-t", String(net.pid), "-n", "ip", ...args], { stdio: "pipe" });
  ip("link", "add", "br0", "type", "bridge");
  ip("link", "set", "br0", "up");
  const add = async (name: string, address: string) => {
    const { holder, pid } = await hold(["-m", "-n", "-p", "-f", "--kill-child", "--mount-proc"]);
    own.push(holder);
    const port = `port${own.length}`;
    ip("link", "add", port, "master", "br0", "type", "veth", "peer", "name", "mesh", "netns", String(pid));
    ip("link", "set", port, "up");
    const machine = enter(name, address, pid);
    machine.sh(`${PREPARE}\nip addr add ${address}/16 dev mesh\nip link set mesh up`);
    for (const tool of ["consul", "nomad"]) {
      const file = findTool(tool);
      if (file !== null) machine.sh(`touch /run/bin/${tool}; mount --bind '${file}' /run/bin/${tool}`);
    }
    return machine;
  };
  const stop = () => {
    for (const holder of own) {
      holder.kill("SIGKILL");
      holders.delete(holder);
    }
  };
  return { add, stop };
}

function enter(name: string, address: string, pid: number): Machine {
  const arrive = ["-t", String(pid), "-m", "-n", "-p", "--"];
  const options = (env: Readonly<Record<string, string>>) => ({
    env: { PATH: `/run/bin:${process.env.PATH}`, ...env },
    cwd: "/",
  });
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn("nsenter", [...arrive, ...args], options(env));
  const sh = (script: string, input = "") =>
    execFileSync("nsenter", [...arrive, "bash", "-euo", "pipefail", "-c", script], {
      ...options({}),
      input,
      stdio: "pipe",
      maxBuffer: 64 * 1024 * 1024,
    }).toString();
  return {
    name,
    address,
    spawn: start,
    sh,
    run: (args, env, input = "") => collect(start(args, env), input),
    write: (path, text, mode = "0644") =>
      void sh(`mkdir -p "$(dirname '${path}')"; cat >'${path}'; chmod ${mode} '${path}'`, text),
  };
}

function collect(child: ChildProcess, input: string): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (chunk) => {
      said[stream] += chunk;
    });
  child.stdin?.on("error", () => {}).end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, ...said })));
}
