import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { knownHostsPath, listHostKeys } from "../../generators/render/known-hosts.js";
import { errorCode } from "../../generators/tree/paths.js";
import type { Target } from "../targets/targets.js";

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
 * @throws UserError where the host has no key yet, or the file has none that the lock says: in a rotation, an old one is enough
 */
export function requireHostKey(root: string, { plan }: Target, host: string): string {
  const keys = listHostKeys(plan, host);
  if (keys.length === 0) {
    throw new UserError(
      `${host} has no SSH host key yet`,
      "meshflake generate makes one; the machine then needs it, too",
      1,
    );
  }
  const path = knownHostsPath(plan.fleet);
  const known = readKnownHosts(root, path)
    .split("\n")
    .some((line) => {
      const named = line.split(" ", 1)[0]?.split(",").includes(host) === true;
      return named && keys.some((key) => line.endsWith(` ${key}`));
    });
  if (known) return join(root, path);
  throw new UserError(`${path} does not have ${host}'s key`, "run meshflake generate", 1);
}
