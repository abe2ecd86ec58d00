import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { knownHostsPath } from "../../generators/render/known-hosts.js";
import { errorCode } from "../../generators/tree/paths.js";
import type { Target } from "../targets.js";

function readKnownHosts(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

/**
 * The generated file that ssh checks a host by.
 * @returns its path, absolute
 * @throws UserError where the host has no key yet, or the file says another one than the lock
 */
export function requireHostKey(root: string, { plan }: Target, host: string): string {
  const key = plan.lock.hosts[host]?.ssh;
  if (key === undefined) {
    throw new UserError(
      `${host} has no SSH host key yet`,
      "meshflake generate makes one; the machine then needs it, too",
      1,
    );
  }
  const path = knownHostsPath(plan.fleet);
  const known = readKnownHosts(root, path)
    .split("\n")
    .some((line) => line.split(" ", 1)[0]?.split(",").includes(host) === true && line.endsWith(` ${key}`));
  if (known) return join(root, path);
  throw new UserError(`${path} does not have ${host}'s key`, "run meshflake generate", 1);
}
