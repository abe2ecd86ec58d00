import { findFleetFiles, listEnvironments } from "../../generators/load/files.js";
import { loadRepository } from "../../generators/load/repository.js";
import { planSecretFiles } from "../../generators/plan/secrets.js";
import { resolveFleet } from "../../generators/validate/resolve.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { findRoot } from "../root.js";

/** Names of a fleet that completion offers. Whatever is wrong with the fleet, a TAB says nothing about it. */
export interface FleetNames {
  readonly hosts: readonly string[];
  readonly environments: readonly string[];
  readonly sites: readonly string[];
  readonly clusters: readonly string[];
  readonly secrets: readonly string[];
}

const NONE: FleetNames = { hosts: [], environments: [], sites: [], clusters: [], secrets: [] };

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
    // What else there is are values of the fleet file: it is only evaluated when they are asked for.
    const asksForSecret = words[0] === "secrets";
    const asksForValue = words.some(
      (word) => word === "-s" || word.startsWith("--site") || word.startsWith("--cluster"),
    );
    if (!asksForValue && !asksForSecret) return { ...NONE, hosts, environments };
    const environment = findValue(words, "--env");
    const { inputs } = validateSchemas(await loadRepository(root, environment === undefined ? {} : { environment }));
    if (inputs === null) return { ...NONE, hosts, environments };
    const { sites } = inputs.fleet.value;
    if (!asksForSecret) {
      const clusters = Object.keys(inputs.fleet.value.clusters ?? {});
      return { ...NONE, hosts, environments, sites: Object.keys(sites ?? {}), clusters };
    }
    const fleet = resolveFleet(inputs);
    const secrets = [...planSecretFiles(fleet).keys()];
    return { hosts: [...fleet.hosts.keys()], environments, sites: [], clusters: [...fleet.clusters.keys()], secrets };
  } catch {
    return NONE;
  }
}
