import { FAMILIES } from "../../generators/model/vocabulary.js";
import { CHECK_NAMES } from "../../lab/checks/report.js";
import { LabClient } from "../../lab/client/client.js";
import { listLabs } from "../../lab/client/records.js";
import type { LabSpec } from "../../lab/spec.js";
import { whyFixed } from "../../lab/world/renumber.js";
import { type FleetNames, findValue, NO_NAMES } from "../completion/names.js";
import { chooseLab, type Surroundings } from "./choose.js";
import { FAULTS, type FaultDefinition } from "./faults/faults.js";

/** Names of a lab that runs, for completion of `meshflake lab …`. */

/** Options of the lab's commands that have a value. */
const VALUED = new Set([
  "-C",
  "--root",
  "--env",
  "--format",
  "--name",
  "--delay",
  "--loss",
  "--rate",
  "-n",
  "--lines",
  "--only",
]);

/** The words that are neither options nor their values. */
function operandsOf(words: readonly string[]): string[] {
  return words.filter((word, index) => !word.startsWith("-") && !VALUED.has(words[index - 1] ?? ""));
}

function unitsOf({ hosts }: LabSpec, host: string | undefined): string[] {
  return hosts.find(({ name }) => name === host)?.units.map(({ name }) => name) ?? [];
}

/** @param words a fault's own words before the one that is being typed */
function nextWords(lab: LabSpec, fault: FaultDefinition | undefined, words: readonly string[]): readonly string[] {
  const possible = lab.world.sites.filter((site) => fault?.kind !== "renumber" || whyFixed(site) === null);
  const sites = possible.map(({ name }) => name);
  switch (fault?.words[words.length]) {
    case "HOST":
      return lab.hosts.map(({ name }) => name);
    case "SITE":
      return sites;
    case "OTHER":
      return sites.filter((site) => !words.includes(site));
    case "UNIT":
      return unitsOf(lab, words[0]);
    case "FAMILY":
      return FAMILIES;
    default:
      return [];
  }
}

/** Null where no lab is meant, or not yet. */
async function findSpec(surroundings: Surroundings, name: string | undefined): Promise<LabSpec | null> {
  try {
    const { socket } = await chooseLab(surroundings, name === undefined ? {} : { name });
    return await new LabClient(socket).spec();
  } catch {
    return null;
  }
}

/** @param words after `lab`; the last one is being typed */
export async function completeLab(surroundings: Surroundings, words: readonly string[]): Promise<FleetNames> {
  const labs = listLabs().map(({ record }) => record.name);
  const spec = await findSpec(surroundings, findValue(words, "--name"));
  if (spec === null) return { ...NO_NAMES, labs, checks: CHECK_NAMES };
  const [, first, ...rest] = operandsOf(words);
  const before = rest.slice(0, -1);
  const fault = FAULTS.find(({ kind }) => kind === first);
  return {
    ...NO_NAMES,
    labs,
    checks: CHECK_NAMES,
    hosts: spec.hosts.map(({ name }) => name),
    units: unitsOf(spec, first),
    faultWords: nextWords(spec, fault, before),
  };
}
