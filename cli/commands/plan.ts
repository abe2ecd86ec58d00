import { suggestName } from "../../generators/load/nearest.js";
import { UserError } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import type { CommandResult, Context } from "../context.js";
import { indexNames, toHostData } from "../plan/facts.js";
import { formatHost } from "../plan/host.js";
import { formatPlan } from "../plan/tables.js";
import { compileTarget } from "../targets.js";

function toFleetData(plan: FleetPlan): Record<string, unknown> {
  const names = indexNames(plan);
  return {
    fleet: plan.fleet.name,
    environment: plan.fleet.environment,
    clusters: [...plan.clusters.values()].map(({ cluster, mtu, consulServers, nomadServers, records, devices }) => ({
      name: cluster.name,
      mesh: { ...cluster.mesh, ipv4: cluster.mesh.ipv4.network, mtu },
      ...{ consulServers, nomadServers, records },
      devices: devices.map(({ device, ip }) => ({ name: device.name, ip })),
    })),
    hosts: [...plan.hosts.values()].map((host) => toHostData(host, names.get(host.mesh.ip) ?? [])),
  };
}

export async function run(context: Context, [name]: readonly string[]): Promise<CommandResult> {
  const { target, problems } = await compileTarget(context);
  const { plan } = target;
  if (name === undefined) {
    return { exitCode: 0, text: () => formatPlan(plan, context.colors), data: () => toFleetData(plan), problems };
  }
  const host = plan.hosts.get(name);
  if (host === undefined) throw new UserError(`no host is named \`${name}\``, suggestName(name, plan.hosts.keys()));
  const data = () => ({
    fleet: plan.fleet.name,
    environment: plan.fleet.environment,
    host: toHostData(host, indexNames(plan).get(host.mesh.ip) ?? []),
  });
  return { exitCode: 0, text: () => formatHost(plan, host, context.colors), data, problems };
}
