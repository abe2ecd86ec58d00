import type { HostChange, VoterChange } from "./types.js";
import { nameSome } from "./words.js";

/** What a change may break although every host file is right. */

export const STATE_VERSION = "state version";

function cautionStateVersion(hosts: readonly HostChange[]): string[] {
  const names = hosts
    .filter(({ kind, facts }) => kind === "changed" && facts.some(({ what }) => what === STATE_VERSION))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `the state version of ${nameSome(names)} changes: it must never change on a running host, whose data has the old form; put it back, unless the host is installed anew`,
  ];
}

/** A Raft of `voters` needs more than half of them. */
function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * Raft counts voters that left until it has agreed, with their votes, that they did; and new ones as soon as they joined.
 * So what stays must be a majority of what was, and of what comes.
 */
function cautionVoters({ cluster, system, before, after }: VoterChange): string[] {
  const stay = before.filter((name) => after.includes(name)).length;
  const left = before.filter((name) => !after.includes(name));
  const came = after.filter((name) => !before.includes(name));
  // A new Raft waits for all its voters, and one that goes as a whole keeps nothing.
  if (before.length === 0 || after.length === 0) return [];
  const raft = `${system} of ${cluster}`;
  if (left.length > 0 && stay < quorumOf(before.length)) {
    return [
      `${raft}: ${nameSome(left)} stop voting at once, and what stays (${stay} of ${before.length}) is no majority: the Raft would stand still; one at a time, and wait until each has left`,
    ];
  }
  if (came.length > 1 && stay < quorumOf(stay + came.length)) {
    return [
      `${raft}: ${nameSome(came)} begin to vote at once, and what votes already (${stay}) is no majority of ${stay + came.length}; one at a time, and wait until each has joined`,
    ];
  }
  return [];
}

export function findCautions(hosts: readonly HostChange[], voters: readonly VoterChange[]): string[] {
  return [...cautionStateVersion(hosts), ...voters.flatMap(cautionVoters)];
}
