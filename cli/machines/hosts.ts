import { suggestName } from "../../generators/load/nearest.js";
import { UserError } from "../../generators/model/problem.js";

/**
 * The host that a command names.
 * @param hosts a fleet's or a plan's
 * @throws UserError where there is none
 */
export function requireHost<Host>(hosts: ReadonlyMap<string, Host>, name: string | undefined): Host {
  const host = name === undefined ? undefined : hosts.get(name);
  if (host !== undefined) return host;
  throw new UserError(`no host is named \`${name}\``, suggestName(name ?? "", [...hosts.keys()]));
}
