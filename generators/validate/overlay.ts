import { isObject } from "../load/json.js";
import { suggestName } from "../load/nearest.js";
import { COMMON_HOST_FIELDS } from "../model/generated/schema.js";
import type { FleetInputs, LoadedFile, LoadedRepository } from "../model/inputs.js";
import type { Origin, Problem, ValuePath } from "../model/problem.js";

/** An environment laid over the fleet and its hosts, before anything is known about their shapes. */

type Fields = Readonly<Record<string, unknown>>;

export interface Overlaid {
  readonly fleet: LoadedFile<unknown> | null;
  /** In the order of the repository, then those that the environment adds. */
  readonly hosts: readonly LoadedFile<unknown>[];
  readonly hostNames: ReadonlySet<string>;
  readonly originsOf: FleetInputs["originsOf"];
  readonly fleetOriginsOf: FleetInputs["fleetOriginsOf"];
  readonly problems: readonly Problem[];
}

/** Fields of the fleet that an environment may change. */
const FLEET_FIELDS = ["domain", "sites", "mesh", "clusters", "secrets"];

/** Fields whose keys name what the fleet has. */
const NAMED_FIELDS = ["sites", "clusters"];

/** Common fields that describe the machine: another machine, made by a builder, has its own or none. */
const MACHINE_FIELDS = ["address", "disks"];

const isCommon = new Set(COMMON_HOST_FIELDS);

/** Lays the environment, if there is one, over everything else. */
export function overlayEnvironment(repository: LoadedRepository): Overlaid {
  const { environment, hostNames } = repository;
  const input = isObject(environment?.value) ? environment.value : {};
  const overrides = isObject(input.hosts) ? input.hosts : {};
  const left = (name: string) => overrides[name] !== false;
  const hosts = repository.hosts.filter(({ name }) => left(name));
  const added = Object.keys(overrides).filter((name) => !hostNames.has(name));
  const unknown = added.filter((name) => !isObject(overrides[name]) || overrides[name].platform === undefined);
  const file = environment?.file ?? "";
  return {
    fleet: repository.fleet && overlayFleet(repository.fleet, environment),
    hosts: [
      ...hosts.map((host) => ({ ...host, value: overlayHost(host.value, overrides[host.name]) })),
      ...added.filter((name) => !unknown.includes(name)).map((name) => ({ name, file, value: overrides[name] })),
    ],
    hostNames: new Set([...[...hostNames].filter(left), ...added]),
    originsOf: traceHosts(repository, file, overrides),
    fleetOriginsOf: traceFleet(repository.fleet?.file ?? "", file, input),
    problems: [
      ...unknown.map((name) => describeUnknown(name, file, hostNames)),
      ...NAMED_FIELDS.flatMap((field) => findUnknownNames(field, input[field], repository.fleet?.value, file)),
    ],
  };
}

function overlayFleet(fleet: LoadedFile<unknown>, environment: LoadedFile<unknown> | null): LoadedFile<unknown> {
  if (environment === null || !isObject(environment.value) || !isObject(fleet.value)) return fleet;
  const changes = Object.fromEntries(FLEET_FIELDS.map((field) => [field, (environment.value as Fields)[field]]));
  const given = Object.fromEntries(
    Object.entries(changes)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, NAMED_FIELDS.includes(field) ? keepKnown(value, fleet.value, field) : value]),
  );
  const { domain, zone } = fleet.value;
  // An environment's names are below the fleet's, in the fleet's zone.
  const named = isObject(zone) && zone.name === undefined ? { zone: { ...zone, name: domain } } : {};
  const below = typeof domain === "string" ? { domain: `${environment.name}.${domain}`, ...named } : {};
  return { ...fleet, value: merge(fleet.value, { ...below, ...given }) };
}

function overlayHost(value: unknown, override: unknown): unknown {
  if (!isObject(override) || !isObject(value)) return value;
  if (override.platform === undefined) return merge(value, override);
  const stays = (field: string) => isCommon.has(field) && !MACHINE_FIELDS.includes(field);
  return merge(Object.fromEntries(Object.entries(value).filter(([field]) => stays(field))), override);
}

/** Objects are merged, everything else is replaced; an `undefined` takes a field away. */
function merge(base: Fields, over: Fields): Fields {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) delete merged[key];
    else merged[key] = isTree(value) && isTree(base[key]) ? merge(base[key], value) : value;
  }
  return merged;
}

/** Whether it is an object with fields; a Nix expression is one value. */
function isTree(value: unknown): value is Fields {
  return isObject(value) && !("$nix" in value);
}

function traceHosts({ hosts }: LoadedRepository, file: string, overrides: Fields): FleetInputs["originsOf"] {
  const files = new Map(hosts.map((host) => [host.name, host.file]));
  return (name, path) => {
    const own = files.get(name);
    const origins: Origin[] = [];
    const override = overrides[name];
    if (isObject(override) || own === undefined) origins.push({ file, path: ["hosts", name, ...path] });
    if (own !== undefined && !(isObject(override) && isReplaced(override, path))) origins.push({ file: own, path });
    return origins;
  };
}

/** Whether a builder's result says it all, so that the host's own file has no part in it. */
function isReplaced(override: Fields, [field]: ValuePath): boolean {
  if (override.platform === undefined || field === undefined) return false;
  return !isCommon.has(String(field)) || MACHINE_FIELDS.includes(String(field));
}

function traceFleet(fleet: string, file: string, input: Fields): FleetInputs["fleetOriginsOf"] {
  return (path) => {
    const changed = FLEET_FIELDS.includes(String(path[0])) && String(path[0]) in input;
    return [...(changed ? [{ file, path }] : []), { file: fleet, path }];
  };
}

/** The names that the fleet gives to its sites or clusters. */
function knownNames(fleet: unknown, field: string): readonly string[] {
  const named = isObject(fleet) ? fleet[field] : undefined;
  if (isObject(named)) return Object.keys(named);
  // A fleet without clusters has one of its own name.
  return field === "clusters" && isObject(fleet) && typeof fleet.name === "string" ? [fleet.name] : [];
}

/** Leaves out what the fleet does not have: it is a problem of its own, not a half-empty site. */
function keepKnown(value: unknown, fleet: unknown, field: string): unknown {
  if (!isObject(value)) return value;
  const known = knownNames(fleet, field);
  return Object.fromEntries(Object.entries(value).filter(([name]) => known.includes(name)));
}

function findUnknownNames(field: string, value: unknown, fleet: unknown, file: string): Problem[] {
  if (!isObject(value) || !isObject(fleet)) return [];
  const known = knownNames(fleet, field);
  const what = field.slice(0, -1);
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      code: `unknown-${what}`,
      severity: "error",
      origins: [{ file, path: [field, name] }],
      message: `no ${what} is named \`${name}\``,
      hint: `${sentence(suggestName(name, known))} An environment changes ${field} of the fleet, and adds none`,
    }));
}

function sentence(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}

function describeUnknown(name: string, file: string, known: ReadonlySet<string>): Problem {
  const hint = `${sentence(suggestName(name, known))} A host of the environment alone needs a builder, such as fleet.proxmoxVm`;
  const origins = [{ file, path: ["hosts", name] }];
  return { code: "unknown-host", severity: "error", origins, message: `no host is named \`${name}\``, hint };
}
