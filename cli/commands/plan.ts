import { listEnvironments } from "../../generators/load/files.js";
import { suggestName } from "../../generators/load/nearest.js";
import { type Problem, UserError } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { labelFault } from "../../generators/validate/rules/fleet/names.js";
import type { CommandResult, Context } from "../context.js";
import { devicesOf, findDevice, formatDevice } from "../plan/devices.js";
import { indexNames, toHostData } from "../plan/facts.js";
import { formatHost } from "../plan/host.js";
import { formatPlan } from "../plan/tables.js";
import { compileTarget, type Target } from "../targets/targets.js";

function toFleetData(plan: FleetPlan): Record<string, unknown> {
  const names = indexNames(plan);
  return {
    fleet: plan.fleet.name,
    environment: plan.fleet.environment,
    clusters: [...plan.clusters.values()].map((own) => ({
      name: own.cluster.name,
      mesh: { ...own.cluster.mesh, ipv4: own.cluster.mesh.ipv4.network, mtu: own.mtu },
      ...{ consulServers: own.consulServers, nomadServers: own.nomadServers, records: own.records },
      devices: devicesOf(own, plan),
    })),
    hosts: [...plan.hosts.values()].map((host) => toHostData(host, names.get(host.mesh.ip) ?? [])),
  };
}

/** The configuration of an environment's host is called `ENVIRONMENT-HOST` in the flake. */
function suggestHost(context: Context, { plan, environment }: Target, name: string): string {
  const environments = listEnvironments(context.root()).filter((known) => name.startsWith(`${known}-`));
  for (const known of environments) {
    const host = name.slice(known.length + 1);
    // Which hosts another environment adds is not known here; any name that could be one's is right.
    if (known === environment ? !plan.hosts.has(host) : labelFault(host) !== null) continue;
    return `that is ${host} in environment ${known}: meshflake plan ${host} --env ${known}`;
  }
  const devices = [...plan.clusters.values()].flatMap((cluster) => cluster.devices.map(({ device }) => device.name));
  return suggestName(name, [...plan.hosts.keys(), ...devices]);
}

function showDevice(context: Context, target: Target, problems: readonly Problem[], name: string): CommandResult {
  const { plan } = target;
  const device = findDevice(plan, name);
  if (device === undefined) {
    throw new UserError(`no host or device is named \`${name}\``, suggestHost(context, target, name));
  }
  return {
    exitCode: 0,
    text: () => formatDevice(device, context.colors),
    data: () => ({ fleet: plan.fleet.name, environment: plan.fleet.environment, device }),
    problems,
  };
}

export async function run(context: Context, [name]: readonly string[]): Promise<CommandResult> {
  const { target, problems } = await compileTarget(context);
  const { plan } = target;
  if (name === undefined) {
    return { exitCode: 0, text: () => formatPlan(plan, context.colors), data: () => toFleetData(plan), problems };
  }
  const host = plan.hosts.get(name);
  if (host === undefined) return showDevice(context, target, problems, name);
  const data = () => ({
    fleet: plan.fleet.name,
    environment: plan.fleet.environment,
    host: toHostData(host, indexNames(plan).get(host.mesh.ip) ?? []),
  });
  return { exitCode: 0, text: () => formatHost(plan, host, context.colors), data, problems };
}
