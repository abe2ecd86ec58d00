import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import { hostParts } from "../../generators/render/host.js";
import type { HostViews } from "../../generators/render/types.js";
import type { HostSpec, OpenPort } from "../spec.js";
import { planServices, type Scripts } from "./daemons/services.js";
import { planUnit } from "./daemons/units.js";
import { planFiles } from "./files.js";
import { printRuleset, type Table } from "./ruleset.js";
import { isTree, treeAt } from "./tree.js";

/** A host of a lab: what its NixOS modules say, as files, units and rules. */

/**
 * @param plan of the lab's fleet, with its keys
 * @param values secrets in the clear, by name
 * @throws RangeError where the plan or the views have no such host
 */
export function planHost(
  plan: FleetPlan,
  allViews: ReadonlyMap<string, HostViews>,
  name: string,
  values: ReadonlyMap<string, string>,
  scripts: Scripts,
): HostSpec {
  const own = plan.hosts.get(name);
  const views = allViews.get(name);
  if (own === undefined || views === undefined) throw new RangeError(`no host ${name} in the plan`);
  const { host, mesh, consul, nomad } = own;
  const planned = planServices(own, views, scripts).map(planUnit);
  return {
    name,
    cluster: host.cluster,
    site: host.site.name,
    meshIp: mesh.ip,
    consul: consul === null ? null : { server: consul.server },
    nomad: nomad === null ? null : { server: nomad.server, client: nomad.client },
    networkd: {
      netdevs: sortKeys({ ...views.network.netdevs, ...views.mesh.netdevs }),
      networks: sortKeys({ ...views.network.networks, ...views.mesh.networks }),
    },
    sysctl: sysctlOf(own, views),
    ruleset: printRuleset(views.network.firewall, tablesOf(plan, own, views)),
    files: [...planFiles(plan, own, views, values), ...planned.flatMap(({ files }) => files)],
    units: planned.map(({ unit }) => unit),
    open: openPorts(own),
    names: [...(plan.clusters.get(host.cluster)?.records ?? []), ...own.dns.records],
  };
}

function sortKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** NixOS's module for Docker turns forwarding on; the firewall that keeps neighbours out has to prove itself here as well. */
const FORWARDING = { "net.ipv4.conf.all.forwarding": 1, "net.ipv4.conf.default.forwarding": 1 };
/** What NixOS sets for `networking.enableIPv6`. */
const IPV6 = { "net.ipv6.conf.all.disable_ipv6": 0, "net.ipv6.conf.default.disable_ipv6": 0 };

function sysctlOf({ containers }: HostPlan, { mesh }: HostViews): Record<string, number> {
  return sortKeys({ ...IPV6, ...(containers?.docker === true && FORWARDING), ...mesh.sysctl });
}

function tablesOf(plan: FleetPlan, own: HostPlan, views: HostViews): Record<string, Table> {
  const parts = Object.values(hostParts(plan, own, views).get("mesh") ?? {});
  const tables = parts.flatMap((part) => Object.entries(treeAt(part, "networking", "nftables", "tables")));
  return Object.fromEntries(
    tables.flatMap(([name, table]) =>
      isTree(table) ? [[name, { family: String(table.family), content: String(table.content) }]] : [],
    ),
  );
}

function openPorts({ firewall: { world } }: HostPlan): OpenPort[] {
  const byNumber = (ports: readonly number[]) => [...ports].sort((a, b) => a - b);
  return (["tcp", "udp"] as const).flatMap((protocol) => byNumber(world[protocol]).map((port) => ({ protocol, port })));
}
