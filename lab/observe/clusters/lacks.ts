import type { ClusterSpec, HostSpec } from "../../spec.js";
import type { ClusterObservation, ConsulObservation, NomadClient, NomadObservation } from "./clusters.js";

/** What a cluster still lacks to be whole, in words for people. Pure. */

/** What it is held against, of a host. */
export type ExpectedHost = Pick<HostSpec, "name" | "meshIp" | "consul" | "nomad">;

/**
 * @param hosts all of the cluster that are to be there
 * @returns nothing where the cluster is whole: leaders, every member alive at its mesh address, every voter, every client ready and heard
 */
export function lacksOf(
  cluster: ClusterSpec,
  hosts: readonly ExpectedHost[],
  seen: Pick<ClusterObservation, "consul" | "nomad">,
): string[] {
  const own = hosts.filter(({ name }) => cluster.hosts.includes(name));
  const servers = (names: readonly string[]) => own.filter(({ name }) => names.includes(name));
  return [
    ...(cluster.consulServers.length === 0 ? [] : lacksOfConsul(own, servers(cluster.consulServers), seen.consul)),
    ...(cluster.nomadServers.length === 0 ? [] : lacksOfNomad(own, servers(cluster.nomadServers), seen.nomad)),
  ].map((text) => text.replace(/^(Consul|Nomad)/, `$1 of ${cluster.name}`));
}

function lacksOfConsul(
  hosts: readonly ExpectedHost[],
  servers: readonly ExpectedHost[],
  seen: ConsulObservation | null,
): string[] {
  if (seen === null) return ["Consul: no server answers"];
  if (seen.leader === null) return ["Consul: no leader"];
  const members = hosts.filter(({ consul }) => consul !== null);
  const status = members.flatMap(({ name, meshIp }) => {
    const member = seen.members.find((one) => one.name === name);
    if (member === undefined) return [`Consul: ${name} has not joined`];
    if (member.status !== "alive") return [`Consul: ${name} is ${member.status}`];
    return member.address === meshIp ? [] : [`Consul: ${name} is at ${member.address}, not at ${meshIp}`];
  });
  return [...status, ...lacksOfVoters("Consul", servers, seen.peers)];
}

function lacksOfNomad(
  hosts: readonly ExpectedHost[],
  servers: readonly ExpectedHost[],
  seen: NomadObservation | null,
): string[] {
  if (seen === null) return ["Nomad: no server answers"];
  if (seen.leader === null) return ["Nomad: no leader"];
  const clients = hosts.filter(({ nomad }) => nomad?.client === true);
  const alive = servers.flatMap(({ name }) => {
    const status = seen.servers.find((one) => one.name === name)?.status ?? "missing";
    return status === "alive" ? [] : [`Nomad: the server ${name} is ${status}`];
  });
  const ready = clients.flatMap(({ name }) => {
    // A host that lost its disk comes back as another node of the same name.
    const nodes = seen.clients.filter((one) => one.name === name);
    const ready = nodes.filter(({ status }) => status === "ready");
    if (ready.some(({ heartbeat }) => isHeard(heartbeat))) return [];
    if (ready[0] === undefined) return [`Nomad: the client ${name} is ${nodes[0]?.status ?? "not registered"}`];
    return [`Nomad: the client ${name} counts as ready, but ${describeSilence(ready[0].heartbeat)}`];
  });
  return [...alive, ...lacksOfVoters("Nomad", servers, seen.peers), ...ready];
}

/** Seconds: a heartbeat is sent when its time is over, and takes its own time to arrive and to be acknowledged. */
const ANSWER_SECONDS = 5;

function isHeard(heartbeat: NomadClient["heartbeat"]): boolean {
  return heartbeat !== null && heartbeat.age !== null && heartbeat.age <= heartbeat.ttl + ANSWER_SECONDS;
}

function describeSilence(heartbeat: NomadClient["heartbeat"]): string {
  if (heartbeat === null) return "does not answer";
  if (heartbeat.age === null) return "has not been heard since it started";
  return `was last heard ${heartbeat.age.toFixed(0)} s ago`;
}

function lacksOfVoters(daemon: string, servers: readonly ExpectedHost[], peers: ConsulObservation["peers"]): string[] {
  const voters = peers.filter(({ voter }) => voter).map(({ address }) => address);
  return [
    ...servers.flatMap(({ name, meshIp }) => (voters.includes(meshIp) ? [] : [`${daemon}: ${name} is no voter`])),
    ...voters
      .filter((address) => !servers.some(({ meshIp }) => meshIp === address))
      .map((address) => `${daemon}: ${address} is a voter that nobody planned`),
  ];
}
