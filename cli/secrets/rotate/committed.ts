import { UserError } from "../../../generators/model/problem.js";
import { lockedSecretOf, type SecretSpec } from "../../../generators/model/secrets.js";
import { isInGit } from "../../../generators/secrets/disk/git.js";
import { readHeadLock } from "../../../generators/secrets/disk/head-lock.js";
import type { Progress } from "../../terminal/progress.js";
import { joinNames } from "../../terminal/words.js";
import type { Secrets } from "../session.js";
import { envOf } from "../steps.js";

/** Whether a rotation's first step can have been deployed: what is not committed was not. */

/**
 * Stops where a second step would follow a first one that no host can have. Without git, it can only warn.
 * @throws UserError where git's last commit does not have the first step
 */
export function requireCommitted(
  secrets: Secrets,
  rotating: readonly SecretSpec[],
  progress: Pick<Progress, "note">,
): void {
  if (rotating.length === 0) return;
  if (!isInGit(secrets.root)) {
    progress.note("warning: without git nothing tells whether the first step was deployed; old values end now");
    return;
  }
  const hosts = rotating.flatMap(({ scope, of }) => (scope === "host" ? [of] : []));
  const head = readHeadLock(secrets.root, secrets.lockFile, [...new Set(hosts)]);
  const early = rotating.filter((spec) => {
    const [now, then] = [lockedSecretOf(secrets.lock, spec), lockedSecretOf(head, spec)];
    return then?.id !== now?.id || now?.retiring?.some((id) => then?.retiring?.includes(id) !== true) === true;
  });
  if (early.length === 0) return;
  const names = joinNames(early.slice(0, 4).map(({ name }) => name));
  throw new UserError(
    `the first step is not in git's last commit: ${names}${early.length > 4 ? ", and others" : ""}`,
    `commit and deploy the first step before${envOf(secrets) === "" ? "" : ` (${secrets.lockFile})`}; --force drops the old values all the same`,
    1,
  );
}
