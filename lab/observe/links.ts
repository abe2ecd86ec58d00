import { runIn } from "../machine/enter.js";
import type { Entrance } from "./entrance.js";
import { pingAll } from "./ping.js";

/** WireGuard's links as the hosts see them, and who reaches whom. */

/** A WireGuard peer as a host has it. */
export interface LinkObservation {
  readonly host: string;
  /** The interface: `mesh`, or `to-` and a relay's name. */
  readonly interface: string;
  /** The host behind the peer's first allowed address; the address itself where it is nobody's. */
  readonly peer: string;
  /** Where packets go now, as `wg` shows it; null where none is known. */
  readonly endpoint: string | null;
  /** Seconds since the last handshake; null where there was none. */
  readonly handshakeAge: number | null;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** How a host reaches the others: milliseconds of a round trip by host name, null where no answer came. */
export type ReachRow = Readonly<Record<string, number | null>>;
/** By the name of the host that asks. */
export type ReachMatrix = Readonly<Record<string, ReachRow>>;

/** A host and its mesh address. */
export interface MeshAddress {
  readonly name: string;
  readonly meshIp: string;
}

/** @param now seconds since 1970 */
export async function observeLinks(
  entrances: readonly Entrance[],
  hosts: readonly MeshAddress[],
  now: () => number = () => Date.now() / 1_000,
): Promise<LinkObservation[]> {
  const dumps = await Promise.all(
    entrances.map(async ({ name, pid }) => {
      // Whole, since wireguard-go's control socket is in the host's own /run.
      const { stdout } = await runIn(pid, ["wg", "show", "all", "dump"], { whole: true, timeoutMs: 5_000 });
      return readWireguardDump(name, stdout, hosts, now());
    }),
  );
  return dumps.flat();
}

/**
 * Reads `wg show all dump`: a line an interface (five fields) and a line a peer (nine). Private keys in it go nowhere.
 * @param now seconds since 1970
 */
export function readWireguardDump(
  host: string,
  dump: string,
  hosts: readonly MeshAddress[],
  now: number,
): LinkObservation[] {
  const names = new Map(hosts.map(({ name, meshIp }) => [meshIp, name]));
  return dump.split("\n").flatMap((line) => {
    const fields = line.split("\t");
    if (fields.length !== 9) return [];
    const [device = "", , , endpoint = "", allowed = "", handshake = "0", received = "0", sent = "0"] = fields;
    const first = allowed.split(",")[0]?.replace(/\/\d+$/, "") ?? "";
    return [
      {
        host,
        interface: device,
        peer: names.get(first) ?? first,
        endpoint: endpoint === "(none)" ? null : endpoint,
        handshakeAge: handshake === "0" ? null : Math.max(0, Math.round(now - Number(handshake))),
        receivedBytes: Number(received),
        sentBytes: Number(sent),
      },
    ];
  });
}

/**
 * Pings every host of a set from each other one.
 * @param seconds what an answer may take
 */
export async function observeReach(
  entrances: readonly Entrance[],
  targets: readonly MeshAddress[],
  seconds = 1,
): Promise<ReachMatrix> {
  const rows = await Promise.all(
    entrances.map(async ({ name, pid }) => [name, await pingRow(pid, without(targets, name), seconds)] as const),
  );
  return Object.fromEntries(rows);
}

function without(targets: readonly MeshAddress[], name: string): MeshAddress[] {
  return targets.filter((target) => target.name !== name);
}

async function pingRow(pid: number, targets: readonly MeshAddress[], seconds: number): Promise<ReachRow> {
  const pings = await pingAll(
    pid,
    targets.map(({ meshIp }) => meshIp),
    { seconds },
  );
  return Object.fromEntries(targets.map(({ name, meshIp }) => [name, pings.get(meshIp)?.ms ?? null]));
}
