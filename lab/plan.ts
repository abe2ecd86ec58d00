import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Compiled } from "../generators/compile.js";
import { packageRoot } from "../generators/load/package.js";
import { planFleet } from "../generators/plan/plan.js";
import type { ClusterPlan, FleetPlan } from "../generators/plan/types.js";
import { viewFleet } from "../generators/render/views/fleet.js";
import type { Scripts } from "./host/daemons/services.js";
import { planHost } from "./host/host.js";
import { makeLabSecrets, secretsOf } from "./host/secrets.js";
import type { ClusterSpec, LabSpec, LinkSpec } from "./spec.js";
import { type LineConditions, planWorld } from "./world/plan.js";

/** From a compiled fleet to a lab's plan. */

/** What makes one lab of a fleet differ from another. */
export interface LabOptions {
  /** The lab's own name. */
  readonly name: string;
  /** How the sites' lines behave. @default `DEFAULT_CONDITIONS` */
  readonly conditions?: LineConditions;
  /** The hosts to boot. @default all */
  readonly hosts?: readonly string[];
  /** A lab that runs: its keys and tokens stay. */
  readonly previous?: LabSpec;
}

/** The part of a compiled fleet that a lab is planned from. */
export type LabFleet = Pick<Compiled, "plan">;

/**
 * Plans a lab. Makes its keys and tokens; reads nothing but the package's own scripts.
 * @throws RangeError where `hosts` names a host that there is not, or leaves out servers without which none is ever elected
 */
export function planLab(fleet: LabFleet, options: LabOptions): LabSpec {
  return planLabWith(fleet, options, readScripts());
}

/** Like `planLab`, without reading a file. @param scripts the texts of modules/services/scripts */
export function planLabWith({ plan: given }: LabFleet, options: LabOptions, scripts: Scripts): LabSpec {
  const booted = chooseHosts(given, options.hosts);
  const known = options.previous === undefined ? new Map<string, string>() : secretsOf(options.previous);
  const { lock, values } = makeLabSecrets(given, booted, known);
  const plan = planFleet(given.fleet, lock);
  const views = viewFleet(plan);
  const hosts = [...booted].map((name) => planHost(plan, views, name, values, scripts));
  const bootedViews = new Map([...views].filter(([name]) => booted.has(name)));
  return {
    version: 1,
    name: options.name,
    fleet: plan.fleet.name,
    environment: plan.fleet.environment,
    domain: plan.fleet.domain,
    world: planWorld(plan, bootedViews, options.conditions, options.previous?.world),
    hosts,
    clusters: [...plan.clusters.values()].flatMap((cluster) => planCluster(cluster, booted, values)),
  };
}

const SCRIPT_NAMES = [
  "keyring",
  "consul-secrets",
  "nomad-secrets",
  "setup",
  "consul-setup",
  "nomad-setup",
  "consul-welcome",
] as const satisfies readonly (keyof Scripts)[];

/** The scripts of the units in modules/services, which the package ships. */
export function readScripts(): Scripts {
  const folder = join(packageRoot, "modules/services/scripts");
  const texts = SCRIPT_NAMES.map((name) => [name, readFileSync(join(folder, `${name}.sh`), "utf8")]);
  return Object.fromEntries(texts) as Scripts;
}

/** The hosts to boot, sorted. @throws RangeError as `planLab` does */
function chooseHosts(plan: FleetPlan, wanted: readonly string[] | undefined): ReadonlySet<string> {
  if (wanted === undefined) return new Set(plan.hosts.keys());
  const unknown = wanted.filter((name) => !plan.hosts.has(name));
  if (unknown.length > 0) throw new RangeError(`the fleet has no host ${unknown.join(", ")}`);
  const missing = [...new Set(missingServers(plan, new Set(wanted)))].sort();
  if (missing.length > 0)
    throw new RangeError(`no server would be elected without ${missing.join(", ")}: the lab has to boot them as well`);
  return new Set([...wanted].sort());
}

/** Servers that others wait for before their first election. */
function missingServers(plan: FleetPlan, booted: ReadonlySet<string>): string[] {
  return [...booted].flatMap((name) => {
    const own = plan.hosts.get(name);
    const cluster = plan.clusters.get(own?.host.cluster ?? "");
    if (own === undefined || cluster === undefined) return [];
    const needed = [
      ...(own.consul === null ? [] : cluster.consulServers),
      ...(own.nomad === null ? [] : cluster.nomadServers),
    ];
    return needed.filter((server) => !booted.has(server));
  });
}

/** @returns nothing where none of the cluster's hosts boots */
function planCluster(
  cluster: ClusterPlan,
  booted: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
): ClusterSpec[] {
  const { name, mesh, consul, nomad } = cluster.cluster;
  const only = (names: readonly string[]) => names.filter((host) => booted.has(host));
  const hosts = only(cluster.cluster.hosts);
  if (hosts.length === 0) return [];
  const tokenOf = (slug: string) => values.get(`${name}/${slug}`)?.trim() ?? null;
  return [
    {
      name,
      hosts,
      mtu: cluster.mtu,
      relays: only(mesh.relays),
      consulServers: only(cluster.consulServers),
      nomadServers: only(cluster.nomadServers),
      datacenter: consul.datacenter,
      region: nomad.region,
      links: linksOf(cluster, hosts, booted),
      tokens: { consul: tokenOf("consul-management"), nomad: tokenOf("nomad-management") },
    },
  ];
}

/** A pair none of whose relays boots has no link: nobody carries its packets. */
function linksOf(cluster: ClusterPlan, hosts: readonly string[], booted: ReadonlySet<string>): LinkSpec[] {
  return hosts.flatMap((a, index) =>
    hosts.slice(index + 1).map((b) => {
      const link = cluster.linkOf(a, b);
      if (link.kind !== "relay") return { a, b, kind: link.kind, relays: [] };
      const relays = link.relays.filter((relay) => booted.has(relay));
      return { a, b, kind: relays.length === 0 ? "none" : "relay", relays };
    }),
  );
}
