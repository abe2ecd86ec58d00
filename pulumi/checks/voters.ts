import type { Problem } from "../../generators/model/problem.js";
import { compareText } from "../../generators/tree/paths.js";
import type { CloudView } from "../plan/types.js";
import type { PreviousStack } from "./previous.js";
import { stackProblem } from "./problem.js";

/**
 * Voters that an update takes away from their cluster at the same time: it may lose its majority, and Pulumi cannot see when a voter votes
 * again.
 */

interface Voter {
  readonly host: string;
  readonly cluster: string;
}

/**
 * @param previous what the stack was before, where a voter may have been that the fleet does not have any more
 * @param interrupted hosts whose machines are switched off for a while
 */
export function checkVoters(
  previous: PreviousStack | null,
  { machines }: CloudView,
  interrupted: ReadonlySet<string>,
): Problem[] {
  const isHere = ({ host }: Voter) => machines.some((machine) => machine.host === host);
  const away = machines.filter(({ host, voter, guard }) => voter && (guard !== "kept" || interrupted.has(host)));
  const gone = previous?.voters.filter((voter) => !isHere(voter)) ?? [];
  const all = [...away, ...gone].sort((a, b) => compareText(a.host, b.host));
  return [...new Set(all.map(({ cluster }) => cluster))].sort(compareText).flatMap((cluster) => {
    const hosts = all.filter((one) => one.cluster === cluster).map(({ host }) => host);
    if (hosts.length < 2) return [];
    const what = `the update would change or remove ${hosts.length} voters of ${cluster} at once: ${hosts.join(", ")}`;
    const hint =
      "one at a time: change the others back (or meshflake remove HOST --undo), and wait until all vote again";
    return [stackProblem(what, hint)];
  });
}
