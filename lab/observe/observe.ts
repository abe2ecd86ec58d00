import type { LabState } from "../protocol.js";
import type { LabSpec } from "../spec.js";
import { type ClusterObservation, observeCluster } from "./clusters/clusters.js";
import { lacksOf } from "./clusters/lacks.js";
import { observeServices, type ServiceObservation } from "./clusters/services.js";
import type { Entrance } from "./entrance.js";
import { type LinkObservation, observeLinks, observeReach, type ReachMatrix } from "./links.js";

/** All that `lab status` shows, at one moment. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: LabState;
  readonly clusters: readonly (ClusterObservation & {
    /** What it lacks to be whole, in words; hosts that are off included. */
    readonly lacks: readonly string[];
    /** Round trips between its hosts, in milliseconds. Hosts that are not up ask nobody. */
    readonly reach: ReachMatrix;
  })[];
  readonly links: readonly LinkObservation[];
  readonly services: readonly ServiceObservation[];
}

/** Hosts that can be entered. A frozen one would keep whoever enters it waiting. */
export function entrancesOf(state: LabState): Entrance[] {
  return state.hosts.flatMap(({ name, state: is, pid }) => (is === "up" && pid !== null ? [{ name, pid }] : []));
}

/** Looks at a running lab. A host that goes off meanwhile is as one that does not answer. */
export async function observeLab(spec: LabSpec, state: LabState): Promise<Observation> {
  const entrances = entrancesOf(state);
  const [clusters, links] = await Promise.all([
    Promise.all(spec.clusters.map((cluster) => observeOne(spec, cluster, entrances))),
    observeLinks(entrances, spec.hosts),
  ]);
  return {
    at: Date.now(),
    state,
    clusters: clusters.map(({ cluster }) => cluster),
    links,
    services: clusters.flatMap(({ services }) => services),
  };
}

async function observeOne(spec: LabSpec, cluster: LabSpec["clusters"][number], entrances: readonly Entrance[]) {
  const own = entrances.filter(({ name }) => cluster.hosts.includes(name));
  const targets = spec.hosts.filter((host) => host.cluster === cluster.name);
  const [seen, services, reach] = await Promise.all([
    observeCluster(cluster, spec.hosts, own),
    observeServices(cluster, own),
    observeReach(own, targets),
  ]);
  return { cluster: { ...seen, lacks: lacksOf(cluster, spec.hosts, seen), reach }, services };
}
