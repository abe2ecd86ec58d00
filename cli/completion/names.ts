import { findFleetFiles, listEnvironments } from "../../generators/load/files.js";
import { loadRepository } from "../../generators/load/repository.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { findRoot } from "../root.js";

/** Names of a fleet that completion offers. Whatever is wrong with the fleet, a TAB says nothing about it. */
export interface FleetNames {
  readonly hosts: readonly string[];
  readonly environments: readonly string[];
  readonly sites: readonly string[];
  readonly clusters: readonly string[];
}

const NONE: FleetNames = { hosts: [], environments: [], sites: [], clusters: [] };

function findValue(words: readonly string[], ...flags: readonly string[]): string | undefined {
  const at = words.findIndex((word) => flags.includes(word));
  return at < 0 ? undefined : words[at + 1];
}

/**
 * @param words the command line so far, without the program's name
 */
export async function readNames(cwd: string, words: readonly string[]): Promise<FleetNames> {
  try {
    const root = findRoot(cwd, findValue(words, "-C", "--root"));
    const hosts = findFleetFiles(root).hosts.map(({ name }) => name);
    const environments = listEnvironments(root);
    // Sites and clusters are values of the fleet file: it is only evaluated when they are asked for.
    const asksForValue = words.some(
      (word) => word === "-s" || word.startsWith("--site") || word.startsWith("--cluster"),
    );
    if (!asksForValue) return { ...NONE, hosts, environments };
    const input = validateSchemas(await loadRepository(root)).inputs?.fleet.value;
    const clusters = Object.keys(input?.clusters ?? {});
    return { hosts, environments, sites: Object.keys(input?.sites ?? {}), clusters };
  } catch {
    return NONE;
  }
}
