import { type Answer, type Daemon, readJson } from "../../observe/clusters/ask.js";
import { fieldsOf, listOf, numberOf } from "../../observe/json.js";
import type { Failure } from "../report.js";

/** Whether gossip is encrypted: whoever gossips in the clear has no keys. Pure. */

/**
 * How many members have the key that most have, in each pool of gossip. The keys themselves are told to nobody.
 * @param daemon Nomad answers one pool, Consul a list of them: its datacenter's and the WAN's
 */
function readPools(daemon: Daemon, value: unknown): { readonly members: number; readonly holders: number }[] {
  const pools = daemon === "consul" ? listOf(value) : [value];
  return pools.map(fieldsOf).map(({ Keys, NumNodes }) => ({
    members: numberOf(NumNodes),
    holders: Math.max(0, ...Object.values(fieldsOf(Keys)).map(numberOf)),
  }));
}

/**
 * @param answer what a server answers to a management token; without gossip's encryption it refuses
 * @param host the server
 */
export function judgeKeyring(daemon: Daemon, answer: Answer | undefined, host: string): Failure[] {
  const pools = readJson(answer, (value) => readPools(daemon, value)) ?? [];
  const isWhole = pools.length > 0 && pools.every(({ members, holders }) => members > 0 && holders >= members);
  if (isWhole) return [];
  const counts = pools.map(({ members, holders }) => `${holders} of ${members} members have the same key`);
  return [
    {
      expected: `${daemon === "consul" ? "Consul" : "Nomad"} on ${host}: gossip is encrypted with a key that all members have`,
      seen: counts.join("; ") || `no keyring (status ${answer?.status ?? 0})`,
      look: `meshflake lab logs ${host} ${daemon}`,
    },
  ];
}
