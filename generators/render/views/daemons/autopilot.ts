import type { NixTree } from "../../../model/input.js";

/** Autopilot: what removes servers that seem dead. Consul and Nomad have the same one, under the same names. */

/** Autopilot never removes a majority, so with fewer voters it removes none. */
const LEAST_VOTERS = 3;

/**
 * Keeps autopilot from throwing out a voter that is only out of reach for a while: seconds are enough for it otherwise, and the
 * voter finds its way back late or never. One that was replaced still goes, once its successor votes.
 * Daemons read this when a cluster begins; running ones learn it from their setup units.
 * @param voters how many voters are planned; undefined on hosts that are none
 * @returns part of a daemon's settings
 */
export function viewAutopilot(voters: number | undefined): NixTree {
  return voters === undefined || voters < LEAST_VOTERS ? {} : { autopilot: { min_quorum: voters } };
}
