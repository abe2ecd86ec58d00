import { execFileSync } from "node:child_process";
import { isObject } from "../../../generators/load/json.js";
import { hostLockFile, LOCK_VERSION, type Lock } from "../../../generators/model/lock.js";
import { UserError } from "../../../generators/model/problem.js";
import { lockedSecretOf, type SecretSpec } from "../../../generators/model/secrets.js";
import type { Progress } from "../../terminal/progress.js";
import { joinNames } from "../../terminal/words.js";
import type { Secrets } from "../session.js";
import { envOf } from "../steps.js";

/** Whether a rotation's first step can have been deployed: what is not committed was not. */

function git(root: string, args: readonly string[], input = ""): string | null {
  try {
    return execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "ignore"],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch {
    return null;
  }
}

/** Files of the last commit as JSON; null for those that it does not have. @param paths relative to the root */
function readHead(root: string, paths: readonly string[]): readonly unknown[] {
  const asked = paths.map((path) => `HEAD:./${path}\n`).join("");
  let rest = Buffer.from(git(root, ["cat-file", "--batch"], asked) ?? "");
  return paths.map(() => {
    // `<hash> blob <bytes>`, the content and a newline; or `<name> missing`.
    const end = rest.indexOf("\n") + 1;
    const bytes = Number(/ blob (\d+)\n$/.exec(rest.toString("utf8", 0, end))?.[1] ?? -1);
    const content = bytes < 0 ? "null" : rest.toString("utf8", end, end + bytes);
    rest = rest.subarray(bytes < 0 ? end : end + bytes + 1);
    return parse(content);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the lock of the last commit says of some hosts, and of all clusters. */
function readHeadLock({ root, lockFile }: Secrets, hosts: readonly string[]): Lock {
  const [shared, ...blocks] = readHead(root, [lockFile, ...hosts.map((host) => hostLockFile(lockFile, host))]);
  const own = hosts.flatMap((host, index) => (isObject(blocks[index]) ? [[host, blocks[index]] as const] : []));
  const lock: Partial<Lock> = isObject(shared) ? shared : {};
  return { ...lock, version: LOCK_VERSION, hosts: { ...lock.hosts, ...Object.fromEntries(own) } };
}

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
  if (git(secrets.root, ["rev-parse", "--is-inside-work-tree"])?.trim() !== "true") {
    progress.note("warning: without git nothing tells whether the first step was deployed; old values end now");
    return;
  }
  const hosts = rotating.flatMap(({ scope, of }) => (scope === "host" ? [of] : []));
  const head = readHeadLock(secrets, [...new Set(hosts)]);
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
