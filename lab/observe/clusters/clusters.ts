import type { ClusterSpec, HostSpec } from "../../spec.js";
import type { Entrance } from "../entrance.js";
import { fieldsOf, listOf, numberOf, textOf } from "../json.js";
import { type Answer, ask, readJson } from "./ask.js";
import { askWith, type Heartbeat, type OwnClient, observeHeartbeats } from "./heartbeats.js";

/** What Consul and Nomad say of themselves: leaders, members, voters, clients. */

/** A member of a Serf pool. */
export interface Member {
  readonly name: string;
  /** Without a port. */
  readonly address: string;
  /** `alive`, `leaving`, `left` or `failed`, in Serf's words. */
  readonly status: string;
}

/** A server as Raft's configuration has it. */
export interface RaftPeer {
  readonly name: string;
  readonly address: string;
  readonly voter: boolean;
  readonly leader: boolean;
}

/** A Nomad client as a server has it. */
export interface NomadClient {
  /** The node's. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** `ready`, `down`, `initializing` or `disconnected`. */
  readonly status: string;
  readonly eligible: boolean;
  /** Names of the drivers that are healthy, sorted. */
  readonly drivers: readonly string[];
  /**
   * What the client says of itself; null where it does not answer, or answers as another node. A server calls a client ready that
   * it has not heard of for a while: for minutes where its leader is new.
   */
  readonly heartbeat: Heartbeat | null;
}

/** What a Consul agent says. */
export interface ConsulObservation {
  /** The leader's host name; null where there is none. */
  readonly leader: string | null;
  /** Sorted by name. */
  readonly members: readonly Member[];
  readonly peers: readonly RaftPeer[];
}

/** What a Nomad server says. */
export interface NomadObservation {
  readonly leader: string | null;
  readonly servers: readonly Member[];
  readonly peers: readonly RaftPeer[];
  readonly clients: readonly NomadClient[];
}

/** A cluster as one server of each daemon sees it. */
export interface ClusterObservation {
  readonly name: string;
  /** Null where the cluster has no servers of it, or none that can be asked. */
  readonly consul: ConsulObservation | null;
  readonly nomad: NomadObservation | null;
}

/** What this needs to know of a host. */
export type ClusterHost = Pick<HostSpec, "name" | "meshIp">;

const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1);

/**
 * Asks the cluster's servers, one after the other until one answers with a leader.
 * @param entrances hosts that are up; frozen ones must not be among them, since entering them never ends
 */
export async function observeCluster(
  cluster: ClusterSpec,
  hosts: readonly ClusterHost[],
  entrances: readonly Entrance[],
): Promise<ClusterObservation> {
  const among = (names: readonly string[]) => entrances.filter(({ name }) => names.includes(name));
  const names = new Map(hosts.map(({ name, meshIp }) => [meshIp, name]));
  const [consul, nomad] = await Promise.all([
    firstWithLeader(among(cluster.consulServers), ({ pid }) => observeConsul(pid, cluster.tokens.consul, names)),
    firstWithLeader(among(cluster.nomadServers), ({ pid }) => observeNomad(pid, cluster.tokens.nomad, names)),
  ]);
  if (nomad === null || nomad.leader === null) return { name: cluster.name, consul, nomad };
  const clients = among(nomad.clients.map(({ name }) => name));
  const own = await observeHeartbeats(among(cluster.nomadServers), clients, askWith(cluster.tokens.nomad));
  return { name: cluster.name, consul, nomad: withHeartbeats(nomad, own) };
}

/** The first answer with a leader; otherwise the last one that there was. */
async function firstWithLeader<T extends { readonly leader: string | null }>(
  servers: readonly Entrance[],
  observe: (server: Entrance) => Promise<T | null>,
): Promise<T | null> {
  let last: T | null = null;
  for (const server of servers) {
    const seen = await observe(server);
    if (seen?.leader != null) return seen;
    last = seen ?? last;
  }
  return last;
}

/**
 * What one Consul agent says.
 * @param names host names by mesh address
 * @returns null where it does not answer
 */
export async function observeConsul(
  pid: number,
  token: string | null,
  names: ReadonlyMap<string, string>,
): Promise<ConsulObservation | null> {
  const [leader, members, raft] = await ask(
    pid,
    "consul",
    [{ path: "status/leader" }, { path: "agent/members" }, { path: "operator/raft/configuration?stale" }],
    { token },
  );
  const address = readJson(leader, textOf);
  if (address === null) return null;
  return {
    leader: nameOfLeader(address, names),
    members: readJson(members, readConsulMembers) ?? [],
    peers: readRaft(raft),
  };
}

/** @returns null where it does not answer */
export async function observeNomad(
  pid: number,
  token: string | null,
  names: ReadonlyMap<string, string>,
): Promise<NomadObservation | null> {
  const [leader, members, raft, nodes] = await ask(
    pid,
    "nomad",
    [
      { path: "status/leader" },
      { path: "agent/members" },
      { path: "operator/raft/configuration?stale" },
      { path: "nodes?stale" },
    ],
    { token },
  );
  // Nomad answers 500 while it has no leader: an agent is there, and says so.
  if (leader === undefined || leader.status === 0) return null;
  return {
    leader: nameOfLeader(readJson(leader, textOf) ?? "", names),
    servers: readJson(members, readNomadServers) ?? [],
    peers: readRaft(raft).map((peer) => ({ ...peer, name: withoutRegion(peer.name) })),
    clients: readJson(nodes, readClients) ?? [],
  };
}

function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

/** Consul says an empty text where there is no leader. An address that is nobody's is shown as it is. */
function nameOfLeader(address: string, names: ReadonlyMap<string, string>): string | null {
  const ip = withoutPort(address);
  return ip === "" ? null : (names.get(ip) ?? ip);
}

/** Nomad calls its servers `host.region`. */
function withoutRegion(name: string): string {
  return name.replace(/\.[^.]+$/, "");
}

/** Serf's states by their numbers, from Serf's `MemberStatus`. */
const SERF_STATES = ["none", "alive", "leaving", "left", "failed"];

/** Exported for the tests. */
export function readConsulMembers(value: unknown): Member[] {
  return listOf(value)
    .map(fieldsOf)
    .map(({ Name, Addr, Status }) => ({
      name: textOf(Name),
      address: textOf(Addr),
      status: SERF_STATES[numberOf(Status)] ?? "none",
    }))
    .sort(byName);
}

function readNomadServers(value: unknown): Member[] {
  return listOf(fieldsOf(value).Members)
    .map(fieldsOf)
    .map(({ Name, Addr, Status }) => ({
      name: withoutRegion(textOf(Name)),
      address: textOf(Addr),
      status: textOf(Status),
    }))
    .sort(byName);
}

function readRaft(answer: Answer | undefined): RaftPeer[] {
  const read = (value: unknown) =>
    listOf(fieldsOf(value).Servers)
      .map(fieldsOf)
      .map(({ Node, Address, Voter, Leader }) => ({
        name: textOf(Node),
        address: withoutPort(textOf(Address)),
        voter: Voter === true,
        leader: Leader === true,
      }))
      .sort(byName);
  return readJson(answer, read) ?? [];
}

function readClients(value: unknown): NomadClient[] {
  return listOf(value)
    .map(fieldsOf)
    .map(({ ID, Name, Address, Status, SchedulingEligibility, Drivers }) => ({
      id: textOf(ID),
      name: textOf(Name),
      address: textOf(Address),
      status: textOf(Status),
      eligible: SchedulingEligibility === "eligible",
      drivers: Object.entries(fieldsOf(Drivers))
        .filter(([, driver]) => fieldsOf(driver).Healthy === true)
        .map(([name]) => name)
        .sort(),
      heartbeat: null,
    }))
    .sort(byName);
}

/** @param own what clients say of themselves, by name. Exported for the tests. */
export function withHeartbeats(seen: NomadObservation, own: ReadonlyMap<string, OwnClient>): NomadObservation {
  const clients = seen.clients.map((client) => {
    const said = own.get(client.name);
    return said?.id === client.id ? { ...client, heartbeat: said.heartbeat } : client;
  });
  return { ...seen, clients };
}
