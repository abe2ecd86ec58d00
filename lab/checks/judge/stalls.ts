import type { Stall } from "../agent/protocol.js";

/**
 * Milliseconds between two moments in which this machine stood still: nobody's fault, and nothing that a fleet's own machines do.
 * @param since milliseconds since 1970, as is `until`
 */
export function stalledBetween(stalls: readonly Stall[], since: number, until: number): number {
  return stalls.reduce((sum, { at, ms }) => sum + Math.max(0, Math.min(at + ms, until) - Math.max(at, since)), 0);
}
