import { locateProblems } from "../../generators/load/source/locate.js";
import type { Problem } from "../../generators/model/problem.js";
import { inspectSecrets } from "../../generators/secrets/disk/inspect.js";
import type { Target } from "../targets/targets.js";

/**
 * Secrets that the lock says there are, and that are missing or damaged on disk: a host could not start with them; and files
 * that the lock does not know. By how files begin and end alone, since nobody can decrypt all of them.
 * @returns problems with their places in the lock; none of hosts that have no keys yet
 */
export async function findSecretProblems(root: string, targets: readonly Target[]): Promise<readonly Problem[]> {
  const problems = targets.flatMap(({ plan, lock }) => inspectSecrets(root, plan.fleet, plan.secrets, lock).problems);
  return problems.length === 0 ? [] : locateProblems(problems, root);
}
