import type { HeldConnection, Pulse, Stall, WriterLog } from "../agent/protocol.js";
import type { Failure } from "../report.js";
import { stalledBetween } from "./stalls.js";

/** How long something was away, from looks that never pause. Pure. */

/** A pulse with where it was taken. */
export interface PairPulse extends Pulse {
  readonly from: string;
}

/**
 * Seconds from a moment until the first query after which none was lost again.
 * @param since milliseconds since 1970
 * @param until queries after it do not count: their answers may be on their way
 * @returns null where the last one is still without an answer, or none was sent
 */
export function secondsUntilBack(samples: Pulse["samples"], since: number, until: number): number | null {
  const after = samples.filter(([sentAt]) => sentAt >= since && sentAt <= until);
  const lost = after.findLastIndex(([, afterMs]) => afterMs === null);
  const back = after[lost + 1];
  if (back === undefined) return null;
  return lost < 0 ? 0 : (back[0] - since + (back[1] ?? 0)) / 1_000;
}

/**
 * What was asked and answered between two moments.
 * @param since milliseconds since 1970, as is `until`
 */
export function countAnswers(
  samples: Pulse["samples"],
  since: number,
  until: number,
): { readonly asked: number; readonly answered: number } {
  const between = samples.filter(([sentAt]) => sentAt >= since && sentAt <= until);
  return { asked: between.length, answered: between.filter(([, afterMs]) => afterMs !== null).length };
}

/** When pairs are to be back. */
export interface BackExpectation {
  readonly since: number;
  readonly until: number;
  /** Seconds. */
  readonly limit: number;
  /** What happened: `cosmo died`. */
  readonly after: string;
  /** Times that do not count. */
  readonly stalls: readonly Stall[];
}

/** @returns the slowest pair, and a failure for each pair that was not back in time */
export function judgeBack(
  pulses: readonly PairPulse[],
  { since, until, limit, after, stalls }: BackExpectation,
): { readonly slowest: number; readonly failures: Failure[] } {
  let slowest = 0;
  const failures = pulses.flatMap(({ from, name, samples }) => {
    const seconds = secondsUntilBack(samples, since, until);
    slowest = Math.max(slowest, seconds ?? (until - since) / 1_000);
    const excused = (backAt: number) => stalledBetween(stalls, since, backAt) / 1_000;
    if (seconds !== null && seconds - excused(since + seconds * 1_000) <= limit) return [];
    return [
      {
        expected: `${from} to ${name}: back within ${limit} s after ${after}`,
        seen:
          seconds === null ? `still away after ${((until - since) / 1_000).toFixed(1)} s` : `${seconds.toFixed(1)} s`,
        look: `meshflake lab exec ${from} -- birdc show route all`,
      },
    ];
  });
  return { slowest, failures };
}

/**
 * Connections that were open before something happened must be open, and used, afterwards.
 * @param since when all was to be well again, in milliseconds since 1970: only what comes through later shows that it lives
 */
export function judgeHeld(from: string, now: readonly HeldConnection[], since: number, after: string): Failure[] {
  return now.flatMap((connection) => {
    if (livesSince(connection, since)) return [];
    return [
      {
        expected: `an open TCP connection from ${from} to ${connection.name} lives on after ${after}`,
        seen: connection.ended ?? "nothing comes through it any more",
        look: `meshflake lab exec ${from} -- ss -tin`,
      },
    ];
  });
}

/** Whether it is open, and something came through it since then. */
export function livesSince({ ended, lastEchoAt }: HeldConnection, since: number): boolean {
  return ended === null && lastEchoAt !== null && lastEchoAt >= since;
}

/** When writing is to go on. */
export interface WriteExpectation {
  /** When a leader was there again, in milliseconds since 1970: it must have acknowledged something since. */
  readonly since: number;
  /** What happened. */
  readonly after: string;
}

/**
 * Every acknowledged number must be there, and writing must go on.
 * @param kept the values of the keys that were read back, by number
 */
export function judgeWrites(
  { acknowledged }: WriterLog,
  kept: ReadonlyMap<number, string>,
  { since, after }: WriteExpectation,
): Failure[] {
  const look = "meshflake lab logs HOST consul";
  const lost = acknowledged.filter(({ number }) => kept.get(number) !== String(number)).map(({ number }) => number);
  const goesOn = acknowledged.some(({ at }) => at >= since);
  return [
    ...(lost.length === 0
      ? []
      : [
          {
            expected: `every write that Consul acknowledged is there after ${after}`,
            seen: `${lost.length} of ${acknowledged.length} are lost: ${lost.slice(0, 5)}`,
            look,
            final: true as const,
          },
        ]),
    ...(goesOn
      ? []
      : [
          {
            expected: `the new leader acknowledges writes after ${after}`,
            seen: acknowledged.length === 0 ? "no write was acknowledged at all" : "none since there is a leader",
            look,
          },
        ]),
  ];
}
