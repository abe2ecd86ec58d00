import type { NixValue } from "../../model/input.js";
import type { HostViews } from "../../render/types.js";
import type { Protocol } from "./firewall.js";

/** What listens on a host, read from what its daemons are told, and who may want to talk to it. */

/** Roles of a sender, as bits. */
export const ROLES = { any: 1, consul: 2, consulServer: 4, nomad: 8, nomadServer: 16 } as const;

export interface Listener {
  readonly protocol: Protocol;
  readonly port: number;
  /** Roles that talk to it; one of these bits is enough. */
  readonly from: number;
  readonly what: string;
}

export interface Daemons {
  readonly roles: number;
  readonly listeners: readonly Listener[];
  /** Addresses that Consul and Nomad bind to or announce. */
  readonly bound: readonly string[];
  /** Addresses of servers that they join. */
  readonly joins: readonly string[];
}

type Tree = Readonly<Record<string, NixValue>>;

function isTree(value: NixValue | undefined): value is { [option: string]: NixValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first subtree that has one of these keys; a view may be the settings, or NixOS options around them. */
function findSettings(tree: Tree | null, keys: readonly string[]): Tree | null {
  if (tree === null) return null;
  if (keys.some((key) => key in tree)) return tree;
  for (const value of Object.values(tree)) {
    const found = isTree(value) ? findSettings(value, keys) : null;
    if (found !== null) return found;
  }
  return null;
}

function valueAt(tree: Tree | null, ...path: string[]): NixValue | undefined {
  const [first = "", ...rest] = path;
  let value = tree?.[first];
  for (const key of rest) value = isTree(value) ? value[key] : undefined;
  return value;
}

function stringsAt(tree: Tree | null, ...path: string[]): string[] {
  const value = valueAt(tree, ...path);
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}

function portAt(tree: Tree | null, fallback: number, ...path: string[]): number {
  const value = valueAt(tree, ...path);
  return typeof value === "number" ? value : fallback;
}

function both(port: number, from: number, what: string): Listener[] {
  return [
    { protocol: "tcp", port, from, what },
    { protocol: "udp", port, from, what },
  ];
}

function readConsul(settings: Tree | null): Daemons {
  if (settings === null) return { roles: 0, listeners: [], bound: [], joins: [] };
  const server = valueAt(settings, "server") === true;
  const listeners = both(portAt(settings, 8301, "ports", "serf_lan"), ROLES.consul, "Consul's gossip");
  if (server) {
    const port = portAt(settings, 8300, "ports", "server");
    listeners.push({ protocol: "tcp", port, from: ROLES.consul, what: "Consul's servers" });
  }
  return {
    roles: ROLES.consul | (server ? ROLES.consulServer : 0),
    listeners,
    bound: [...stringsAt(settings, "bind_addr"), ...stringsAt(settings, "advertise_addr")],
    joins: stringsAt(settings, "retry_join"),
  };
}

function readNomad(settings: Tree | null): Daemons {
  if (settings === null) return { roles: 0, listeners: [], bound: [], joins: [] };
  const server = valueAt(settings, "server", "enabled") === true;
  const port = portAt(settings, 4646, "ports", "http");
  const listeners: Listener[] = [{ protocol: "tcp", port, from: ROLES.nomad, what: "Nomad's HTTP API" }];
  if (server) {
    const rpc = portAt(settings, 4647, "ports", "rpc");
    listeners.push({ protocol: "tcp", port: rpc, from: ROLES.nomad, what: "Nomad's servers" });
    listeners.push(...both(portAt(settings, 4648, "ports", "serf"), ROLES.nomadServer, "Nomad's gossip"));
  }
  return {
    roles: ROLES.nomad | (server ? ROLES.nomadServer : 0),
    listeners,
    bound: stringsAt(settings, "bind_addr"),
    joins: [
      ...stringsAt(settings, "server", "server_join", "retry_join"),
      ...stringsAt(settings, "client", "server_join", "retry_join"),
      ...stringsAt(settings, "client", "servers"),
    ],
  };
}

/**
 * Who talks to whom:
 * - every Consul agent to every other's gossip (8301) and to the servers' RPC (8300);
 * - every Nomad agent to every other's HTTP API (4646: logs, allocations) and to the servers' RPC (4647), and the
 *   servers to each other's gossip (4648);
 * - everybody to a resolver that listens on its mesh address (53).
 */
export function readDaemons(views: HostViews, ip: string): Daemons {
  const consul = readConsul(findSettings(views.consul, ["bind_addr", "retry_join", "datacenter"]));
  const nomad = readNomad(findSettings(views.nomad, ["bind_addr", "region", "datacenter"]));
  const unbound = findSettings(views.dns, ["interface"]);
  const listens = stringsAt(unbound, "interface").some((address) => address === ip || address === "0.0.0.0");
  return {
    roles: ROLES.any | consul.roles | nomad.roles,
    listeners: [...consul.listeners, ...nomad.listeners, ...(listens ? both(53, ROLES.any, "the resolver") : [])],
    bound: [...consul.bound, ...nomad.bound],
    joins: [...consul.joins, ...nomad.joins],
  };
}
