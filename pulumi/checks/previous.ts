import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../generators/model/problem.js";
import { FAMILIES, type Family } from "../../generators/model/vocabulary.js";
import { compareText } from "../../generators/tree/paths.js";
import { OUTPUT_NAME } from "../outputs.js";
import type { CloudMachine, CloudView } from "../plan/types.js";
import { stackProblem } from "./problem.js";

/** What the stack was before this update. */

/** Whose stack it was, and what it had. */
export interface PreviousStack {
  readonly fleet: string;
  readonly environment: string | null;
  readonly cluster: string | null;
  /** Hosts whose machines may not be deleted; sorted. */
  readonly protected: readonly string[];
  /** Hosts that vote, and in which cluster; sorted. */
  readonly voters: readonly { readonly host: string; readonly cluster: string }[];
  /** What outlives machines that may not be deleted; by host, sorted. */
  readonly keepsakes: Readonly<Record<string, Keepsakes>>;
}

/** What outlives a machine. */
interface Keepsakes {
  readonly volumes: readonly string[];
  /** Of which it has a public address. */
  readonly families: readonly Family[];
}

/**
 * Asks the engine for the stack's own outputs.
 * @returns null where it has none, as before the first update
 */
export async function readPreviousStack(): Promise<PreviousStack | null> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const result: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }).catch(forgiveUnknown);
  const outputs = fieldOf(result, "outputs");
  const own = fieldOf(outputs, OUTPUT_NAME);
  const [fleet, environment, cluster] = [fieldOf(own, "fleet"), fieldOf(own, "environment"), fieldOf(own, "cluster")];
  if (typeof fleet !== "string") return null;
  const hosts = Object.entries(fieldOf(own, "hosts") ?? {}).sort(([a], [b]) => compareText(a, b));
  const kept = hosts.filter(([, host]) => fieldOf(host, "protected") === true);
  return {
    fleet,
    environment: toText(environment),
    cluster: toText(cluster),
    protected: kept.map(([host]) => host),
    voters: hosts.flatMap(([host, output]) => {
      const votes = fieldOf(output, "votes");
      return typeof votes === "string" ? [{ host, cluster: votes }] : [];
    }),
    keepsakes: Object.fromEntries(kept.map(([host, output]) => [host, keepsakesOf(output)])),
  };
}

function keepsakesOf(output: unknown): Keepsakes {
  return {
    volumes: Object.keys(fieldOf(output, "volumes") ?? {}).sort(),
    families: FAMILIES.filter((family) => typeof fieldOf(output, family) === "string"),
  };
}

/** The engine calls it an error where a stack was never updated. Every other error hides what there was. */
export function forgiveUnknown(error: unknown): null {
  if (error instanceof Error && /unknown stack/.test(error.message)) return null;
  throw error;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/**
 * Whether the update would delete what it must not. Pulumi's own protection would refuse that as well, but only after it has begun.
 */
export function checkPreviousStack(previous: PreviousStack | null, view: CloudView): Problem[] {
  if (previous === null) return [];
  const [before, now] = [describe(previous), describe(view)];
  if (before !== now) {
    const hint = "select this fleet's stack (pulumi stack select), or make one for it (pulumi stack init)";
    return [stackProblem(`this stack holds ${before}, and the program would make ${now}`, hint)];
  }
  const gone = previous.protected.filter((host) => !view.machines.some((machine) => machine.host === host));
  return [
    ...gone.map((host) => {
      const hint = `bring the host file back; meshflake remove ${host} lifts the protection`;
      return stackProblem(`${host} is gone from the fleet, but its machine is protected`, hint);
    }),
    ...view.machines.flatMap((machine) => checkKeepsakes(machine, previous.keepsakes[machine.host])),
  ];
}

/** Volumes and addresses that a host file no longer has. They are as protected as the machine. */
function checkKeepsakes(machine: CloudMachine, before: Keepsakes | undefined): Problem[] {
  if (before === undefined || machine.platform !== "hetznerVm") return [];
  const { host, volumes, addresses } = machine;
  const lost = [
    ...before.volumes.filter((name) => !volumes.some((volume) => volume.name === name)).map((name) => `volume ${name}`),
    ...before.families
      .filter((family) => !addresses.some((address) => address.family === family))
      .map((family) => `${family} address`),
  ];
  return lost.map((what) => {
    const hint =
      `bring it back; to let it go, with the host file as it was: meshflake remove ${host} and meshflake provision lift the ` +
      `protection; then take it out and provision, and meshflake remove ${host} --undo and meshflake provision protect the host again. It ` +
      "stays at Hetzner; remove --with-data deletes it";
    return stackProblem(`the ${what} of ${host} is gone from its host file, but is protected`, hint);
  });
}

function describe({ fleet, environment, cluster }: Pick<PreviousStack, "fleet" | "environment" | "cluster">): string {
  return [
    `the fleet ${fleet}`,
    environment === null ? "" : `, environment ${environment}`,
    cluster === null ? "" : `, cluster ${cluster} alone`,
  ].join("");
}
