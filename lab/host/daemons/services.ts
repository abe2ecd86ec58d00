import type { NixTree } from "../../../generators/model/input.js";
import type { HostPlan } from "../../../generators/plan/types.js";
import type { HostViews } from "../../../generators/render/types.js";
import { viewReresolve } from "../../../generators/render/views/network/tools.js";
import { IDENTITY_FILE, secretPath } from "../../../generators/render/views/secrets.js";
import { textAt, treeAt } from "../tree.js";
import { volumeFolders } from "./settings.js";
import type { Service } from "./units.js";

/** The services of a host, as nixpkgs' modules, those in modules/services and the generated ones have them together. */

/** The texts of modules/services/scripts, by name without `.sh`. */
export type Scripts = Readonly<
  Record<
    "keyring" | "consul-secrets" | "nomad-secrets" | "setup" | "consul-setup" | "nomad-setup" | "consul-welcome",
    string
  >
>;

const CONSUL_SETTINGS = "/etc/consul.json";
const NOMAD_SETTINGS = "/etc/nomad.json";
const ACL_FILE = "/etc/meshflake/consul.json";
/** Where `consul-welcome` leaves the gossip key that it was given. */
const WELCOME_FILE = "/run/consul-welcome/gossip";

/** Every service of a host, in an order in which they may be started. */
export function planServices(own: HostPlan, views: HostViews, scripts: Scripts): Service[] {
  return [
    unbound(),
    ...(views.mesh.bird === null ? [] : [bird()]),
    ...namedEndpoints(views),
    ...(views.consul === null ? [] : consulServices(own, views.consul, scripts)),
    ...(views.nomad === null ? [] : nomadServices(own, views.nomad, scripts)),
  ];
}

const AGAIN = { restart: "always", restartSec: 5 } as const;
const UNTIL_DONE = { restart: "on-failure", restartSec: 10 } as const;

function unbound(): Service {
  const settings = "/etc/unbound/unbound.conf";
  return {
    name: "unbound",
    start: ["unbound", "-p", "-d", "-c", settings],
    ...AGAIN,
    runtime: { folder: "unbound", mode: "0755" },
    state: { folder: "unbound", mode: "0755" },
    triggers: [settings],
  };
}

/** In the foreground (`-f`), since the lab's supervisor follows nobody into the background. */
function bird(): Service {
  const settings = "/etc/bird/bird.conf";
  return {
    name: "bird",
    start: ["bird", "-f", "-c", settings],
    ...AGAIN,
    runtime: { folder: "bird", mode: "0755" },
    reload: { triggers: [settings], command: ["birdc", "configure"] },
  };
}

/** networkd itself looks names up, again and again; here a unit does. `mesh-endpoints` is the fleet's own, as on NixOS. */
function namedEndpoints(views: HostViews): Service[] {
  const reresolve = viewReresolve(views.mesh);
  if (reresolve === null) return [];
  const options = treeAt(reresolve, "systemd", "services", "mesh-endpoints");
  const environment = treeAt(options, "environment") as Record<string, string>;
  const first = views.mesh.reresolve.map(
    ({ interface: device, publicKey, endpoint }) => `wg set ${device} peer "${publicKey}" endpoint "${endpoint}"\n`,
  );
  return [
    { name: "networkd-endpoints", start: first.join(""), environment, restart: "on-failure", restartSec: 1 },
    {
      name: "mesh-endpoints",
      start: textAt(options, "script"),
      environment,
      restart: "no",
      restartSec: 0,
      everySec: 30,
    },
  ];
}

/** Secrets that a host has, as credentials of a service. */
function credentialsOf(own: HostPlan, wanted: Readonly<Record<string, string>>): Record<string, string> {
  const has = new Set(own.secrets.map(({ name }) => name));
  const found = Object.entries(wanted).filter(([, secret]) => has.has(secret));
  return Object.fromEntries(found.map(([key, secret]) => [key, secretPath(secret)]));
}

function consulServices(own: HostPlan, options: NixTree, scripts: Scripts): Service[] {
  const late = own.consul?.gossip === "servers";
  return [
    ...(late ? [welcome(options, scripts)] : []),
    consul(own, late, scripts),
    ...(own.consul?.installs === true ? [setup("consul", own, votersOf(treeAt(options, "extraConfig")), scripts)] : []),
  ];
}

function consul(own: HostPlan, late: boolean, scripts: Scripts): Service {
  const wanted = { token: "consul-token", gossip: "consul-gossip", management: "consul-management" };
  const credentials = { ...credentialsOf(own, wanted), ...(late && { gossip: WELCOME_FILE }) };
  const files = [CONSUL_SETTINGS, "/etc/consul-addrs.json", "/run/consul/tokens.json"];
  return {
    name: "consul",
    start: ["consul", "agent", "-config-dir", "/etc/consul.d", ...files.flatMap((file) => ["-config-file", file])],
    preStart: `mkdir -m 0700 -p /var/lib/consul\n${scripts.keyring}${scripts["consul-secrets"]}`,
    ...AGAIN,
    credentials,
    runtime: { folder: "consul", mode: "0700" },
    triggers: [CONSUL_SETTINGS, ...Object.values(credentials).filter((file) => file !== WELCOME_FILE)],
  };
}

/** The agent looks for its gossip key every 5 s by itself, so nobody has to start it. */
const NO_SYSTEMCTL = "systemctl() { :; }\n";

function welcome(options: NixTree, scripts: Scripts): Service {
  const { node_name: node, retry_join: servers } = treeAt(options, "extraConfig");
  return {
    name: "consul-welcome",
    start: NO_SYSTEMCTL + scripts["consul-welcome"],
    environment: {
      NODE: String(node),
      SERVERS: Array.isArray(servers) ? servers.join(" ") : "",
      IDENTITY: IDENTITY_FILE,
    },
    ...UNTIL_DONE,
    credentials: { token: secretPath("consul-token") },
    runtime: { folder: "consul-welcome", mode: "0700" },
  };
}

/** How many voters autopilot never goes below; with 0 it is free. */
function votersOf(settings: NixTree): string {
  return String(treeAt(settings, "autopilot").min_quorum ?? 0);
}

function setup(daemon: "consul" | "nomad", own: HostPlan, voters: string, scripts: Scripts): Service {
  const name = `${daemon}-setup` as const;
  const credentials = credentialsOf(own, { management: `${daemon}-management`, gossip: `${daemon}-gossip` });
  return {
    name,
    start: scripts.setup + scripts[name],
    environment: { VOTERS: voters },
    ...UNTIL_DONE,
    after: [daemon],
    credentials,
    runtime: { folder: name, mode: "0700" },
    state: { folder: name, mode: "0700" },
    triggers: [...(daemon === "consul" ? [ACL_FILE] : []), ...Object.values(credentials)],
  };
}

function nomadServices(own: HostPlan, options: NixTree, scripts: Scripts): Service[] {
  return [
    nomad(own, options, scripts),
    ...(own.nomad?.installs === true ? [setup("nomad", own, votersOf(treeAt(options, "settings")), scripts)] : []),
  ];
}

function nomad(own: HostPlan, options: NixTree, scripts: Scripts): Service {
  const credentials = credentialsOf(own, { consul: "nomad-token", gossip: "nomad-gossip" });
  const files = [NOMAD_SETTINGS, ...("consul" in credentials ? ["/run/nomad/consul.json"] : [])];
  const folders = volumeFolders(options);
  return {
    name: "nomad",
    start: ["nomad", "agent", ...files.map((file) => `-config=${file}`)],
    preStart: scripts.keyring + scripts["nomad-secrets"],
    restart: "always",
    restartSec: 2,
    killSignal: "SIGINT",
    after: own.consul === null ? [] : ["consul"],
    credentials,
    runtime: { folder: "nomad", mode: "0700" },
    state: { folder: "nomad", mode: "0755" },
    ...(folders.length > 0 && { folders }),
    triggers: [NOMAD_SETTINGS, ...Object.values(credentials)],
  };
}
