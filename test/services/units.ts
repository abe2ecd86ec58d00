import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CONSUL_UID, type Machine, type Ran, waitFor } from "./machine.js";

/** What systemd does for the units of modules/services, with their real scripts. Retries come sooner, that is all. */

const SCRIPTS = fileURLToPath(new URL("../../modules/services/scripts/", import.meta.url));

/** NixOS puts this before every script of a unit. */
const PRELUDE = "#!/usr/bin/env bash\nset -e\n";

export type Script = "consul-secrets" | "nomad-secrets" | "consul-setup" | "nomad-setup" | "consul-welcome";

/** Where each credential comes from, by unit; those that a host does not have are left out. */
const CREDENTIALS: Readonly<Record<Script, Readonly<Record<string, string>>>> = {
  "consul-secrets": { token: "consul-token", gossip: "consul-gossip", management: "consul-management" },
  "nomad-secrets": { consul: "nomad-token", gossip: "nomad-gossip" },
  "consul-setup": { gossip: "consul-gossip", management: "consul-management" },
  "nomad-setup": { gossip: "nomad-gossip", management: "nomad-management" },
  "consul-welcome": { token: "consul-token" },
};

function textOf(name: Script): string {
  const read = (script: string) => readFileSync(`${SCRIPTS}${script}.sh`, "utf8");
  const shared = /-(secrets|setup)$/.exec(name)?.[1];
  const text = `${shared === undefined ? "" : read(shared === "secrets" ? "keyring" : "setup")}${read(name)}`;
  return `${PRELUDE}${text.replaceAll(/sleep (10|"\$\(\(10.*?\)\)")/g, "sleep 0.5")}`;
}

/** Credentials, the runtime folder and the script, as systemd has them ready when it starts the unit. */
function prepare(machine: Machine, name: Script): Readonly<Record<string, string>> {
  const credentials = `/run/credentials/${name}`;
  const runtime = name.endsWith("-secrets") ? `/run/${name.replace("-secrets", "")}` : `/run/${name}`;
  const owner = name === "consul-secrets" ? "consul" : "root";
  const copies = Object.entries(CREDENTIALS[name]).map(([key, slug]) => {
    const welcome = slug === "consul-gossip" ? " || cp /run/consul-welcome/gossip" : "";
    const from = `cp /run/agenix/${slug} ${credentials}/${key} 2>/dev/null`;
    return `${from}${welcome === "" ? "" : `${welcome} ${credentials}/${key} 2>/dev/null`} || true`;
  });
  machine.sh(`rm -rf ${credentials}; mkdir -m 0700 -p ${credentials} ${runtime} /var/lib/${name}; chown ${owner} ${runtime}
${copies.join("\n")}
chown -R ${owner} ${credentials}`);
  machine.write(`/run/scripts/${name}`, textOf(name), "0755");
  return {
    CREDENTIALS_DIRECTORY: credentials,
    RUNTIME_DIRECTORY: runtime,
    STATE_DIRECTORY: `/var/lib/${name}`,
    ...(name.endsWith("-setup") && { VOTERS: readVoters(machine, name.replace("-setup", "")) }),
  };
}

/** What the units' modules read from the daemon's settings. */
function readVoters(machine: Machine, daemon: string): string {
  return machine.sh(`jq '.autopilot.min_quorum // 0' /etc/${daemon}.json`).trim();
}

/** Runs a script to its end. @param env more than systemd gives */
export function runScript(
  machine: Machine,
  name: Script,
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<Ran> {
  return machine.run([`/run/scripts/${name}`, ...args], { ...prepare(machine, name), ...env });
}

/** A script that goes on. */
export function startScript(machine: Machine, name: Script, env: Readonly<Record<string, string>> = {}): ChildProcess {
  return machine.spawn([`/run/scripts/${name}`], { ...prepare(machine, name), ...env });
}

/** Like `runScript`. @throws Error where it fails */
export async function mustRun(
  machine: Machine,
  name: Script,
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<void> {
  const { code, stdout, stderr } = await runScript(machine, name, env, ...args);
  if (code !== 0) throw new Error(`${name} on ${machine.name} ended with ${code}: ${stdout}${stderr}`);
}

/** A daemon that runs. */
export interface Daemon {
  /** Its own words. */
  readonly log: () => string;
  /** As systemd stops it. */
  readonly stop: () => Promise<void>;
  /** As a power cut does. */
  readonly kill: () => Promise<void>;
}

function watch(machine: Machine, program: string, child: ChildProcess, signal: string): Daemon {
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk) => {
      log += chunk;
    });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = async (how: string) => {
    machine.sh(`for pid in /proc/[0-9]*; do
        if [ "$(readlink "$pid/exe")" = /run/bin/${program} ]; then kill -${how} "\${pid#/proc/}"; fi
      done`);
    await ended;
  };
  return { log: () => log, stop: () => end(signal), kill: () => end("KILL") };
}

/** Consul, under its own account, as nixpkgs' module starts it. */
export async function startConsul(machine: Machine): Promise<Daemon> {
  machine.sh("chown -R consul /var/lib/consul");
  await mustRun(machine, "consul-secrets");
  const account = ["setpriv", `--reuid=${CONSUL_UID}`, `--regid=${CONSUL_UID}`, "--clear-groups"];
  const options = ["-config-file", "/etc/consul.json", "-config-file", "/run/consul/tokens.json"];
  const child = machine.spawn([...account, "consul", "agent", ...options]);
  const daemon = watch(machine, "consul", child, "TERM");
  await waitFor(`Consul on ${machine.name}`, () => request(machine, "GET", 8500, "status/leader") !== null);
  return daemon;
}

/** Nomad's server. */
export async function startNomad(machine: Machine): Promise<Daemon> {
  await mustRun(machine, "nomad-secrets");
  const child = machine.spawn(["nomad", "agent", "-config=/etc/nomad.json", "-config=/run/nomad/consul.json"]);
  return watch(machine, "nomad", child, "INT");
}

/** What a daemon answered. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the daemon says
  readonly body: any;
}

/** Asks a machine's own daemon, from that machine. @returns null where it does not listen */
export function request(
  machine: Machine,
  method: string,
  port: 8500 | 4646,
  path: string,
  { token, body }: { readonly token?: string | undefined; readonly body?: unknown } = {},
): Answer | null {
  const header =
    token === undefined ? "" : `header = "${port === 8500 ? "X-Consul-Token" : "X-Nomad-Token"}: ${token.trim()}"`;
  machine.write("/run/request", body === undefined ? "" : JSON.stringify(body), "0600");
  const data = body === undefined ? "" : "--data @/run/request";
  const command = `curl -s --max-time 20 -w '\\n%{http_code}' -X ${method} ${data} --config - 'http://127.0.0.1:${port}/v1/${path}' || true`;
  const lines = machine.sh(command, header).split("\n");
  const status = Number(lines.pop());
  const text = lines.join("\n");
  if (status === 0) return null;
  try {
    return { status, body: JSON.parse(text) };
  } catch {
    return { status, body: text };
  }
}
