/** What happens in each round of cold starts. Pure. */

/** A cold start. */
export interface Round {
  /** How all hosts go: their daemons end in order, or all lose their power at the same moment. */
  readonly off: "shutdown" | "power cut";
  /** In the order in which they are switched on. */
  readonly starts: readonly { readonly host: string; readonly afterMs: number }[];
}

/** Milliseconds between the first host that may come back and the last: what machines need to boot differs by as much. */
const SPREAD_MS = 8_000;

/**
 * Every second round is a power cut, beginning with the first; every second pair of rounds has all hosts back at the same moment, the
 * others one by one with random gaps.
 * @param number of the round, from 1
 * @param random from 0 to below 1
 */
export function planRound(hosts: readonly string[], number: number, random: () => number): Round {
  const apart = (number - 1) % 4 < 2;
  const starts = hosts.map((host) => ({ host, afterMs: Math.round(random() * (apart ? SPREAD_MS : 0)) }));
  return {
    off: number % 2 === 1 ? "power cut" : "shutdown",
    starts: starts.sort((a, b) => a.afterMs - b.afterMs),
  };
}

/** `power cut, then cosmo after 0.3 s, ari after 2.0 s` */
export function describeRound({ off, starts }: Round): string {
  if (starts.every(({ afterMs }) => afterMs === 0)) return `${off}, then all at the same time`;
  const order = starts.map(({ host, afterMs }) => `${host} after ${(afterMs / 1_000).toFixed(1)} s`);
  return `${off}, then ${order.join(", ")}`;
}
