import type { FleetPlan } from "../../generators/plan/types.js";
import { compareHostPlans, type NamesByAddress } from "./host.js";
import type { FileCounts, FleetComparison, HostChange, Snapshot, VoterChange } from "./types.js";
import { compareUnits } from "./units.js";

/** Compares a fleet at two points in time. Pure; linear in hosts, peers and files. */

function indexAddresses(...plans: readonly FleetPlan[]): NamesByAddress {
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

function compareHosts(before: Snapshot, after: Snapshot, files: ReadonlyMap<string, string[]>): HostChange[] {
  const names = indexAddresses(before.plan, after.plan);
  const hosts = new Set([...before.plan.hosts.keys(), ...after.plan.hosts.keys()]);
  return [...hosts].sort().flatMap((name): HostChange[] => {
    const [old, now] = [before.plan.hosts.get(name), after.plan.hosts.get(name)];
    const [oldViews, nowViews] = [before.views.get(name), after.views.get(name)];
    const own = files.get(name) ?? [];
    const units = own.map((file) => file.replace(/\.nix$/, ""));
    const change = {
      ...compareHostPlans(old, now, names),
      units: oldViews && nowViews ? compareUnits(units, oldViews, nowViews) : [],
      files: own,
    };
    if (old === undefined || now === undefined) return [{ name, kind: old ? "removed" : "added", ...change }];
    return isChange(change) ? [{ name, kind: "changed", ...change }] : [];
  });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function compareVoters(before: FleetPlan, after: FleetPlan, hosts: readonly HostChange[]): VoterChange[] {
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

function countFiles(before: Snapshot, after: Snapshot, changed: readonly string[]): FileCounts {
  const created = changed.filter((path) => !before.files.has(path)).length;
  const deleted = changed.filter((path) => !after.files.has(path)).length;
  return { created, deleted, updated: changed.length - created - deleted };
}

/** @param folder the generated tree, e.g. `modules/hosts` */
export function compareFleets(before: Snapshot, after: Snapshot, folder: string): FleetComparison {
  const changed = findChangedFiles(before, after);
  const hosts = compareHosts(before, after, groupByHost(changed, folder));
  return {
    hosts,
    voters: compareVoters(before.plan, after.plan, hosts),
    files: countFiles(before, after, changed),
  };
}
