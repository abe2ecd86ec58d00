import type { Entrance } from "../entrance.js";
import { fieldsOf, textOf } from "../json.js";
import { type Answer, ask, readJson } from "./ask.js";

/** Whether Nomad's servers hear its clients, from what the clients' own agents say. */

/** Seconds. */
export interface Heartbeat {
  /** Since a server acknowledged the last one; null where none has since the agent started. */
  readonly age: number | null;
  /** How often there is to be one. */
  readonly ttl: number;
}

/** A client as its own agent sees it. */
export interface OwnClient {
  /** The node's id. */
  readonly id: string;
  readonly heartbeat: Heartbeat;
}

/** Asks an agent about itself; exported for the tests. */
export type AskAgent = (agent: Entrance) => Promise<Answer | undefined>;

/** The status of an answer to a token that the agent does not know. */
const FORBIDDEN = 403;

/**
 * Servers are asked first, and clients only once every server knows the token: a client that asked one that does not would remember
 * for half a minute that there is no such token.
 * @returns what agents say of their clients, by their hosts' names; nothing of those that do not answer
 */
export async function observeHeartbeats(
  servers: readonly Entrance[],
  clients: readonly Entrance[],
  asks: AskAgent,
): Promise<ReadonlyMap<string, OwnClient>> {
  const askAll = (agents: readonly Entrance[]) =>
    Promise.all(agents.map(async (agent) => [agent.name, await asks(agent)] as const));
  const ofServers = await askAll(servers);
  const isKnown = ofServers.every(([, answer]) => answer?.status !== FORBIDDEN);
  const names = new Set(servers.map(({ name }) => name));
  const ofOthers = isKnown ? await askAll(clients.filter(({ name }) => !names.has(name))) : [];
  const seen = [...ofServers, ...ofOthers].map(([name, answer]) => [name, readJson(answer, readOwnClient)] as const);
  return new Map(seen.flatMap(([name, own]) => (own === null ? [] : [[name, own] as const])));
}

/** @param token a management token */
export function askWith(token: string | null): AskAgent {
  return async ({ pid }) => (await ask(pid, "nomad", [{ path: "agent/self" }], { token }))[0];
}

/** Nomad's word for never is the longest time that Go knows, 292 years. */
const NEVER = 1e9;

/** Exported for the tests. */
export function readOwnClient(value: unknown): OwnClient {
  const { node_id: id, last_heartbeat: last, heartbeat_ttl: ttl } = fieldsOf(fieldsOf(fieldsOf(value).stats).client);
  const age = readDuration(textOf(last));
  return {
    id: textOf(id),
    heartbeat: { age: age === null || age > NEVER ? null : age, ttl: readDuration(textOf(ttl)) ?? 0 },
  };
}

/** Seconds by Go's units. */
const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };

/** Seconds of a duration as Go prints it, e.g. `1m2.5s`; null where it is none. */
function readDuration(text: string): number | null {
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s|µs|ns)/g)];
  return parts.length === 0
    ? null
    : parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
}
