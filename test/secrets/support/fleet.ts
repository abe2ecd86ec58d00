/** Fleets whose secrets tests make: plain data, so that a killed process can be told which. */
import type { Fleet } from "../../../generators/model/fleet.js";
import type { FleetInput, HostInput } from "../../../generators/model/input.js";
import { EMPTY_LOCK, type Lock } from "../../../generators/model/lock.js";
import { planFleet } from "../../../generators/plan/plan.js";
import type { FleetPlan } from "../../../generators/plan/types.js";
import { FLEET, fleetOf, pi, publicHost } from "../../support/fleets.js";

export interface Shape {
  /** Recipients by admin. */
  readonly admins: Readonly<Record<string, readonly string[]>>;
  /** Servers of Consul and Nomad. */
  readonly servers?: readonly string[];
  /** Agents and clients. */
  readonly agents?: readonly string[];
  /** Hosts with neither. */
  readonly plain?: readonly string[];
  /** Own secrets by host. */
  readonly own?: Readonly<Record<string, readonly string[]>>;
  /** Own secrets of the cluster, for all of its hosts. */
  readonly shared?: readonly string[];
  readonly environment?: string;
}

const SERVER: Partial<HostInput> = { nomad: { server: true }, consul: { server: true } };

/** Makes a fleet of one cluster, `cats`. */
export function shapeFleet({
  admins,
  servers = [],
  agents = [],
  plain = [],
  own = {},
  shared = [],
  environment,
}: Shape): Fleet {
  const secretsOf = (name: string) => ({ secrets: Object.fromEntries((own[name] ?? []).map((slug) => [slug, {}])) });
  const hosts: Record<string, HostInput> = {};
  for (const [index, name] of servers.entries())
    hosts[name] = publicHost(10 + index, { ...SERVER, ...secretsOf(name) });
  for (const name of agents) hosts[name] = pi("home6", secretsOf(name));
  for (const name of plain) hosts[name] = pi("home6", { consul: false, nomad: false, ...secretsOf(name) });
  const input: FleetInput = {
    ...FLEET,
    admins: Object.fromEntries(Object.entries(admins).map(([name, age]) => [name, { sshKeys: [], age: [...age] }])),
    secrets: Object.fromEntries(shared.map((slug) => [slug, {}])),
  };
  const fleet = fleetOf(input, hosts);
  if (environment === undefined) return fleet;
  return { ...fleet, environment, lockFile: `hosts/environments/${environment}.lock.json` };
}

/** Hosts with keys alone. */
export function makeFleet(hosts: readonly string[], admins: Shape["admins"], environment?: string): Fleet {
  return shapeFleet({ admins, plain: hosts, ...(environment !== undefined && { environment }) });
}

export function planOf(fleet: Fleet, lock: Lock = EMPTY_LOCK): FleetPlan {
  return planFleet(fleet, lock);
}
