import { checkEnvironment, checkFleet, checkHost, type SchemaCheck } from "../model/generated/schema.js";
import type { EnvironmentInput, FleetInput, HostInput } from "../model/input.js";
import type { FleetInputs, LoadedFile, LoadedRepository, ProductionInputs } from "../model/inputs.js";
import type { Origin, Problem, ValuePath } from "../model/problem.js";
import { overlayEnvironment } from "./overlay.js";
import { describeErrors } from "./schema-errors.js";
import type { SchemaRoot } from "./schema-tree.js";

export interface ValidatedSchemas {
  /** Null where the fleet file is missing or wrong. Hosts that are wrong are left out. */
  readonly inputs: FleetInputs | null;
  readonly problems: readonly Problem[];
}

/** Checks the values that files export against the JSON Schema of the input interfaces, with the environment laid over them. */
export function validateSchemas(repository: LoadedRepository): ValidatedSchemas {
  const { root, environment, lock, lockFile } = repository;
  const { fleet, hosts, hostNames, originsOf, fleetOriginsOf, problems: unknown } = overlayEnvironment(repository);
  const problems = [...unknown];
  const check = (is: SchemaCheck, type: SchemaRoot, value: unknown, trace: (path: ValuePath) => readonly Origin[]) => {
    const found = findProblems(is, type, value, trace);
    problems.push(...found);
    return found.length === 0;
  };
  if (environment !== null) {
    const traceEnvironment = (path: ValuePath) => [{ file: environment.file, path }];
    check(checkEnvironment, "EnvironmentInput", environment.value, traceEnvironment);
  }
  const fleetIsRight = fleet !== null && check(checkFleet, "FleetInput", fleet.value, fleetOriginsOf);
  const rightHosts = hosts.filter(({ name, value }) =>
    check(checkHost, "HostInput", value, (path) => originsOf(name, path)),
  );
  if (!fleetIsRight) return { inputs: null, problems };
  const inputs = {
    root,
    environment: environment as LoadedFile<EnvironmentInput> | null,
    production: readProduction(repository),
    fleet: fleet as LoadedFile<FleetInput>,
    hosts: new Map(rightHosts.sort(byName).map((host) => [host.name, host as LoadedFile<HostInput>])),
    hostNames,
    lock,
    lockFile,
    originsOf,
    fleetOriginsOf,
  };
  return { inputs, problems };
}

/** What is wrong with it, is said where the fleet itself is checked. */
function readProduction({ environment, fleet, hosts }: LoadedRepository): ProductionInputs | null {
  const has = (check: SchemaCheck, type: SchemaRoot, value: unknown) =>
    findProblems(check, type, value, () => []).length === 0;
  if (environment === null || fleet === null || !has(checkFleet, "FleetInput", fleet.value)) return null;
  const right = hosts.filter(({ value }) => has(checkHost, "HostInput", value));
  return {
    fleet: fleet.value as FleetInput,
    hosts: new Map(right.map(({ name, value }) => [name, value as HostInput])),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function findProblems(
  check: SchemaCheck,
  type: SchemaRoot,
  value: unknown,
  trace: (path: ValuePath) => readonly Origin[],
): Problem[] {
  try {
    if (check(value)) return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [message, hint] = ["it contains itself, without end", "export plain data"];
    return [{ code: "wrong-type", severity: "error", origins: trace([]), message, hint }];
  }
  return describeErrors(type, value, check.errors ?? []).map(({ path, ...said }) => ({
    ...said,
    severity: "error",
    origins: trace(path),
  }));
}
