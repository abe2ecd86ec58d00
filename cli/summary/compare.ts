import { findCautions } from "./cautions.js";
import { compareHostPlans, compareValues, type NamesByAddress, type Values } from "./host.js";
import { stripComments } from "./meaning.js";
import type {
  FileCounts,
  FleetComparison,
  HostChange,
  NameChange,
  Snapshot,
  ValueChange,
  VoterChange,
} from "./types.js";
import { compareUnits } from "./units.js";

/** Compares a fleet at two points in time. Pure; linear in hosts, peers and files. */

type Plan = NonNullable<Snapshot["plan"]>;

function indexAddresses(...plans: readonly Plan[]): NamesByAddress {
  const names = new Map<string, string>();
  for (const plan of plans) {
    for (const { host, mesh } of plan.hosts.values()) names.set(mesh.ip, host.name);
    for (const cluster of plan.clusters.values()) {
      for (const { device, ip } of cluster.devices) names.set(ip, device.name);
    }
  }
  return names;
}

function findChangedFiles(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()]);
  return [...paths].filter((path) => before.files.get(path) !== after.files.get(path)).sort();
}

/** Whether a machine reads the same: files that differ in comments alone. */
function meansSame(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && after !== undefined && stripComments(before) === stripComments(after);
}

/** Paths below each host's folder, by host; files of the tree itself, such as its index, are left out. */
function groupByHost(files: readonly string[], folder: string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const end = file.indexOf("/", folder.length + 1);
    if (end < 0) continue;
    const host = file.slice(folder.length + 1, end);
    const group = groups.get(host);
    if (group === undefined) groups.set(host, [file.slice(end + 1)]);
    else group.push(file.slice(end + 1));
  }
  return groups;
}

function isChange(change: Omit<HostChange, "name" | "kind">): boolean {
  return Object.values(change).some((list) => list.length > 0);
}

function compareHosts(
  [old, before]: readonly [Plan, Snapshot],
  [now, after]: readonly [Plan, Snapshot],
  files: ReadonlyMap<string, string[]>,
): HostChange[] {
  const names = indexAddresses(old, now);
  return [...new Set([...old.hosts.keys(), ...now.hosts.keys()])].sort().flatMap((name): HostChange[] => {
    const [was, is] = [old.hosts.get(name), now.hosts.get(name)];
    const views = after.views.get(name);
    const own = files.get(name) ?? [];
    const units = own.map((file) => file.replace(/\.nix$/, ""));
    const change = {
      ...compareHostPlans(was, is, names),
      units: was && views ? compareUnits(units, before.views.get(name), views) : [],
      files: own,
    };
    if (was === undefined || is === undefined) return [{ name, kind: was ? "removed" : "added", ...change }];
    return isChange(change) ? [{ name, kind: "changed", ...change }] : [];
  });
}

function namesOf(plan: Plan, cluster: string): string[] {
  return (plan.clusters.get(cluster)?.records ?? []).map(({ name, address }) => `${name} (${address})`);
}

function compareNames(before: Plan, after: Plan): NameChange[] {
  return [...after.clusters].flatMap(
    ([
      cluster,
      {
        cluster: { hosts },
      },
    ]) => {
      const [old, now] = [namesOf(before, cluster), namesOf(after, cluster)];
      const [known, kept] = [new Set(old), new Set(now)];
      const gained = now.filter((name) => !known.has(name));
      const lost = old.filter((name) => !kept.has(name));
      return gained.length + lost.length === 0 ? [] : [{ cluster, gained, lost, hosts: hosts.length }];
    },
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function compareVoters(before: Plan, after: Plan, hosts: readonly HostChange[]): VoterChange[] {
  const touched = (system: string) =>
    new Set(hosts.filter(({ units }) => units.some(({ unit }) => unit === system)).map(({ name }) => name));
  const restarts = { consul: touched("consul"), nomad: touched("nomad") };
  const clusters = [...new Set([...before.clusters.keys(), ...after.clusters.keys()])].sort();
  return clusters.flatMap((cluster) => {
    const [old, now] = [before.clusters.get(cluster), after.clusters.get(cluster)];
    const rafts = [
      ["consul", old?.consulServers ?? [], now?.consulServers ?? []],
      ["nomad", old?.nomadServers ?? [], now?.nomadServers ?? []],
    ] as const;
    return rafts.flatMap(([system, was, is]): VoterChange[] => {
      const restarting = is.filter((name) => was.includes(name) && restarts[system].has(name));
      if (sameList(was, is) && restarting.length === 0) return [];
      return [{ cluster, system, before: was, after: is, restarting }];
    });
  });
}

function countFiles(before: Snapshot, after: Snapshot, changed: readonly string[], comments: number): FileCounts {
  const created = changed.filter((path) => !before.files.has(path)).length;
  const deleted = changed.filter((path) => !after.files.has(path)).length;
  return { created, deleted, updated: changed.length - created - deleted, comments };
}

function fleetFacts({ fleet, clusters }: Plan): Values {
  if (fleet === undefined) return [];
  return [
    ["domain", fleet.domain],
    ["deploy user", fleet.deploy.user],
    ["SSH port", String(fleet.deploy.port)],
    ...[...clusters].flatMap(
      ([name, { cluster }]): Values => [
        [`Consul datacenter of ${name}`, cluster.consul.datacenter],
        [`Nomad region of ${name}`, cluster.nomad.region],
      ],
    ),
  ];
}

/** A fleet that is new has nothing that changes, and a cluster that comes or goes shows in its hosts. */
function compareFleetFacts(before: Plan, after: Plan): ValueChange[] {
  if (before.fleet === undefined || after.fleet === undefined) return [];
  return compareValues(fleetFacts(before), fleetFacts(after)).filter(
    (change) => change.before !== null && change.after !== null,
  );
}

/**
 * Without the old plan only files are counted: nothing is derived from what the fleet may have been.
 * @param folder the generated tree, e.g. `modules/hosts`
 */
export function compareFleets(before: Snapshot, after: Snapshot, folder: string): FleetComparison {
  const changed = findChangedFiles(before, after);
  const meant = changed.filter((path) => !meansSame(before.files.get(path), after.files.get(path)));
  const files = countFiles(before, after, changed, changed.length - meant.length);
  const [old, now] = [before.plan, after.plan];
  if (old === null || now === null) return { fleet: [], cautions: [], hosts: [], voters: [], names: [], files };
  const hosts = compareHosts([old, before], [now, after], groupByHost(meant, folder));
  const voters = compareVoters(old, now, hosts);
  return {
    fleet: compareFleetFacts(old, now),
    cautions: findCautions(hosts, voters),
    hosts,
    voters,
    names: compareNames(old, now),
    files,
  };
}
