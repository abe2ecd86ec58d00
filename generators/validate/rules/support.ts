import { suggestName } from "../../load/nearest.js";
import type { HostInput, HostNetworkInput } from "../../model/input.js";
import { originsInLock } from "../../model/lock.js";
import type { Origin, ValuePath } from "../../model/problem.js";
import type { RuleContext } from "../rule.js";

/** What several rules share: walking the inputs, pointing at values, and suggesting names. */

/** Every host's name and input. */
export function* eachHost({ inputs }: RuleContext): Iterable<readonly [name: string, input: HostInput]> {
  for (const [name, file] of inputs.hosts) yield [name, file.value];
}

/**
 * Whether every host file is there, read and understood. Otherwise a rule that counts hosts would blame innocent files for
 * one that has a problem of its own.
 */
export function isComplete({ inputs, fleet }: RuleContext): boolean {
  // A host of an unknown site or cluster is missing in the fleet, and one whose file is broken in the inputs.
  return fleet.hosts.size === inputs.hosts.size && inputs.hosts.size === inputs.hostNames.size;
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

/** What makes a host a relay: the host's own line, or its place in a list of the fleet file. */
export function atRelay(context: RuleContext, cluster: string, relay: string): readonly Origin[] {
  const { clusters, mesh } = context.inputs.fleet.value;
  const index = (clusters?.[cluster]?.mesh?.relays ?? mesh.relays ?? []).indexOf(relay);
  if (index < 0) return context.inputs.originsOf(relay, ["mesh", "relay"]);
  return atClusterMesh(context, cluster, "relays", index);
}

/** A value of the lock. */
export function atLock({ inputs }: RuleContext, ...path: ValuePath): readonly Origin[] {
  return originsInLock(inputs.lockFile, path);
}

/** A hint for an unknown name: the nearest one, or those that there are. */
export function suggestOr(name: string, known: readonly string[], otherwise: string): string {
  if (known.length === 0) return otherwise;
  const hint = suggestName(name, known);
  return hint.endsWith("?") ? hint : `${hint}, or ${otherwise}`;
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
