import type { ClusterSpec, HostSpec } from "../../spec.js";
import type { Entrance } from "../entrance.js";
import { type Answers, lookUp } from "./look-up.js";

/** Whether hosts are found by the names that Consul gives them, as their Unbound answers. */

/** What this needs to know of a host. */
export type NamedHost = Pick<HostSpec, "name" | "meshIp" | "consul">;

/**
 * Names that a host is to know: its own, and that of the next one in the cluster, so that every name is asked for on two hosts.
 * @param members the cluster's hosts with Consul, in any order that is the same each time
 * @returns addresses by name
 */
export function nodeNames(members: readonly NamedHost[], host: string): ReadonlyMap<string, string> {
  const at = members.findIndex(({ name }) => name === host);
  const [own, next] = [members[at], members[(at + 1) % members.length]];
  return new Map([own, next].flatMap((one) => (one === undefined ? [] : [[`${one.name}.node.consul`, one.meshIp]])));
}

/** What a host's answers lack, in words. */
export function lacksOfAnswers(host: string, wanted: ReadonlyMap<string, string>, answers: Answers): string[] {
  return [...wanted].flatMap(([name, address]) => {
    const found = answers.get(name) ?? [];
    if (found.length === 1 && found[0] === address) return [];
    return [`${host}: Unbound says ${found.length === 0 ? "nothing" : found.join(" ")} for ${name}`];
  });
}

/**
 * Asks each host's Unbound once. To be asked when Consul has a leader: it says nothing before, and Unbound then asks ever more rarely.
 * @param entrances hosts that are up
 */
export async function lacksOfNodeNames(
  cluster: ClusterSpec,
  hosts: readonly NamedHost[],
  entrances: readonly Entrance[],
): Promise<string[]> {
  if (cluster.consulServers.length === 0) return [];
  const members = hosts.filter(({ name, consul }) => cluster.hosts.includes(name) && consul !== null);
  const asked = entrances.filter(({ name }) => members.some((member) => member.name === name));
  const lacks = await Promise.all(
    asked.map(async ({ name, pid }) => {
      const wanted = nodeNames(members, name);
      return lacksOfAnswers(name, wanted, await lookUp(pid, [...wanted.keys()], { server: "127.0.0.1" }));
    }),
  );
  return lacks.flat();
}
