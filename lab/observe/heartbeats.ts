import { ask, readJson } from "./ask.js";
import type { Entrance } from "./entrance.js";
import { fieldsOf, textOf } from "./json.js";

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

/** @returns what the agents say, by their hosts' names; nothing of those that do not answer */
export async function observeHeartbeats(
  clients: readonly Entrance[],
  token: string | null,
): Promise<ReadonlyMap<string, OwnClient>> {
  const seen = await Promise.all(
    clients.map(async ({ name, pid }) => {
      const [answer] = await ask(pid, "nomad", [{ path: "agent/self" }], { token });
      return [name, readJson(answer, readOwnClient)] as const;
    }),
  );
  return new Map(seen.flatMap(([name, own]) => (own === null ? [] : [[name, own] as const])));
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
