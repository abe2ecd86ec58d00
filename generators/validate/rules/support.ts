import { distance } from "fastest-levenshtein";
import type { HostInput, HostNetworkInput } from "../../model/input.js";
import type { Origin, ValuePath } from "../../model/problem.js";
import type { RuleContext } from "../rule.js";

/** What several rules share: walking the inputs, pointing at values, and suggesting names. */

/** Every host's name and input. */
export function* eachHost({ inputs }: RuleContext): Iterable<readonly [name: string, input: HostInput]> {
  for (const [name, file] of inputs.hosts) yield [name, file.value];
}

/** The networks that a host offers to Nomad jobs, by name. */
export function hostNetworksOf(nomad: HostInput["nomad"]): (readonly [string, HostNetworkInput])[] {
  return nomad ? Object.entries(nomad.hostNetworks ?? {}) : [];
}

/** Names of the fleet's clusters as the input says them. */
export function clusterNames({ inputs }: RuleContext): readonly string[] {
  const { clusters, name } = inputs.fleet.value;
  return clusters === undefined ? [name] : Object.keys(clusters);
}

/** A cluster's own place in the fleet file: its key, or the fleet's name where it is the only, unnamed one. */
export function atCluster({ inputs }: RuleContext, cluster: string): readonly Origin[] {
  return inputs.fleetOriginsOf(inputs.fleet.value.clusters === undefined ? ["name"] : ["clusters", cluster]);
}

/** Where a value of a cluster's mesh is written: in the cluster, in the fleet, or nowhere (then the cluster itself). */
export function atClusterMesh(
  context: RuleContext,
  cluster: string,
  key: "ipv4" | "port" | "relays" | "mtu" | "topology",
  ...rest: ValuePath
): readonly Origin[] {
  const { inputs } = context;
  const { clusters, mesh } = inputs.fleet.value;
  if (clusters?.[cluster]?.mesh?.[key] !== undefined) {
    return inputs.fleetOriginsOf(["clusters", cluster, "mesh", key, ...rest]);
  }
  return mesh[key] === undefined ? atCluster(context, cluster) : inputs.fleetOriginsOf(["mesh", key, ...rest]);
}

/** A value of the lock. */
export function atLock({ inputs }: RuleContext, ...path: ValuePath): readonly Origin[] {
  return [{ file: inputs.lockFile, path }];
}

/**
 * The known name that somebody most likely meant.
 * @returns null where nothing is near: further than a third of the letters away
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const steps = distance(name, candidate);
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** A hint for an unknown name: the nearest one, or those that there are. */
export function suggestName(name: string, known: readonly string[], otherwise: string): string {
  const nearest = nearestName(name, known);
  if (nearest !== null) return `did you mean ${nearest}? Otherwise ${otherwise}`;
  return known.length === 0 ? otherwise : `choose one of ${listNames(known)}, or ${otherwise}`;
}

/** `a, b and c`; long lists are cut. */
export function listNames(names: readonly string[], most = 8): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A text in quotes, so that blanks and wrong quotes show. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
