import { runIn } from "../machine/enter.js";

/** Pings of many addresses at once, from one host. */

/** Somebody to ping. */
export interface Ping {
  /** Milliseconds of the round trip; null where the address itself did not answer. */
  readonly ms: number | null;
  /** Who said that the packet could not go on, e.g. since its time to live was over; null where nobody did. */
  readonly stoppedBy: string | null;
}

/** How to ping. */
export interface PingOptions {
  /** What an answer may take. @default 1 */
  readonly seconds?: number;
  /** Further arguments of `ping`. */
  readonly flags?: readonly string[];
}

/** Addresses come on stdin; one shell asks all of them at once. Each line of a ping comes out behind its address. */
const SCRIPT = `seconds=$1
shift
while read -r address; do
  { ping -n -c 1 -W "$seconds" "$@" "$address" 2>/dev/null | sed "s/^/$address /"; } &
done
wait`;

/** @returns an entry for each address */
export async function pingAll(
  pid: number,
  addresses: readonly string[],
  { seconds = 1, flags = [] }: PingOptions = {},
): Promise<ReadonlyMap<string, Ping>> {
  if (addresses.length === 0) return new Map();
  const { stdout } = await runIn(pid, ["sh", "-c", SCRIPT, "ping-all", String(seconds), ...flags], {
    input: addresses.map((address) => `${address}\n`).join(""),
    timeoutMs: seconds * 1_000 + 10_000,
  });
  return readPings(stdout, addresses);
}

/** Exported for the tests. */
export function readPings(stdout: string, addresses: readonly string[]): ReadonlyMap<string, Ping> {
  const times = new Map<string, number>();
  const stops = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [, address = "", said = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    const [, time] = /bytes from .*\btime=([\d.]+) ms/.exec(said) ?? [];
    const [, stop] = /^From (\S+?):? icmp_seq/.exec(said) ?? [];
    if (time !== undefined) times.set(address, Number(time));
    if (stop !== undefined) stops.set(address, stop);
  }
  return new Map(
    addresses.map((one) => [one, { ms: times.get(one) ?? null, stoppedBy: stops.get(one) ?? null }] as const),
  );
}
