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
  readonly devices: readonly string[];
  readonly sites: readonly string[];
  readonly clusters: readonly string[];
  readonly secrets: readonly string[];
  /** Labs that run. */
  readonly labs: readonly string[];
  /** Units of the host that the command line names. */
  readonly units: readonly string[];
  /** Of `lab test`. */
  readonly checks: readonly string[];
  /** What may come next after a fault's name. */
  readonly faultWords: readonly string[];
}

export const NO_NAMES: FleetNames = {
  hosts: [],
  environments: [],
  devices: [],
  sites: [],
  clusters: [],
  secrets: [],
  labs: [],
  units: [],
  checks: [],
  faultWords: [],
};

/** The value of an option in a command line that is not finished. */
export function findValue(words: readonly string[], ...flags: readonly string[]): string | undefined {
  const at = words.findIndex((word) => flags.includes(word));
  return at < 0 ? undefined : words[at + 1];
}

/** The lab's code is only loaded when somebody types `meshflake lab`. */
async function readLabNames(cwd: string, words: readonly string[]): Promise<FleetNames> {
  const { completeLab } = await import("../lab/completion.js");
  const root = findValue(words, "-C", "--root");
  const env = findValue(words, "--env");
  const options = { ...(root !== undefined && { root }), ...(env !== undefined && { env }) };
  return completeLab({ options, root: () => findRoot(cwd, root) }, words.slice(1));
}

/**
 * @param words the command line so far, without the program's name
 */
export async function readNames(cwd: string, words: readonly string[]): Promise<FleetNames> {
  try {
    if (words[0] === "lab" && words[1] !== "up") return await readLabNames(cwd, words);
    const root = findRoot(cwd, findValue(words, "-C", "--root"));
    const hosts = findFleetFiles(root).hosts.map(({ name }) => name);
    const environments = listEnvironments(root);
    // What else there is are values of the fleet file: it is only evaluated when they are asked for.
    const asksForSecret = words[0] === "secrets";
    const asksForValue = words.some(
      (word) => word === "-s" || word.startsWith("--site") || word.startsWith("--cluster"),
    );
    const asksForDevice = words[0] === "plan";
    if (!asksForValue && !asksForSecret && !asksForDevice) return { ...NO_NAMES, hosts, environments };
    const environment = findValue(words, "--env");
    const { inputs } = validateSchemas(await loadRepository(root, environment === undefined ? {} : { environment }));
    if (inputs === null) return { ...NO_NAMES, hosts, environments };
    const { sites, devices } = inputs.fleet.value;
    if (!asksForSecret) {
      const clusters = Object.keys(inputs.fleet.value.clusters ?? {});
      const named = { sites: Object.keys(sites ?? {}), devices: Object.keys(devices ?? {}), clusters };
      return { ...NO_NAMES, hosts, environments, ...named };
    }
    const fleet = resolveFleet(inputs);
    const secrets = [...planSecretFiles(fleet).keys()];
    return { ...NO_NAMES, hosts: [...fleet.hosts.keys()], environments, clusters: [...fleet.clusters.keys()], secrets };
  } catch {
    return NO_NAMES;
  }
}
