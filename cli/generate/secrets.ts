import type { FleetPlan } from "../../generators/plan/types.js";
import { listEntries } from "../../generators/secrets/lock-entries.js";
import type { SecretWork } from "../../generators/secrets/make/work.js";
import { describeKnower } from "../secrets/knowers.js";
import { nameSome } from "../summary/words.js";
import { count } from "../terminal/words.js";
import type { Generation } from "./generation.js";

/** What `generate` says about secrets. */

type Part = Pick<Generation, "target" | "plan" | "work">;

/** Hosts that get keys or tokens, sorted. */
export function listKeyedHosts({ missing }: SecretWork): readonly string[] {
  return listOwners(missing.filter(({ scope }) => scope === "host"));
}

function listOwners(specs: readonly { readonly of: string }[]): readonly string[] {
  return [...new Set(specs.map(({ of }) => of))].sort();
}

interface Removed {
  /** Hosts and clusters whose secrets all go. */
  readonly hosts: readonly string[];
  readonly clusters: readonly string[];
  /** Secrets of roles that are gone, by name. */
  readonly secrets: readonly string[];
}

function findRemoved({ target, plan, work }: Part): Removed {
  const { hosts, clusters } = plan.fleet;
  const names = new Set(work.removed);
  const entries = [...listEntries(target.lock)].filter(({ spec }) => names.has(spec.name));
  return {
    hosts: Object.keys(target.lock.hosts).filter((name) => !hosts.has(name)),
    clusters: Object.keys(target.lock.clusters ?? {}).filter((name) => !clusters.has(name)),
    secrets: entries
      .filter(({ spec }) => (spec.scope === "host" ? hosts : clusters).has(spec.of))
      .map(({ spec }) => spec.name),
  };
}

/** Short phrases: what was made, and what was removed. @param done whether it was, or would be */
export function describeSecretWork(part: Part, done: boolean): string[] {
  const keyed = listKeyedHosts(part.work);
  const clusters = listOwners(part.work.missing.filter(({ scope }) => scope === "cluster"));
  const made = done ? "made" : "missing";
  const removed = done ? "removed" : "to remove";
  const gone = findRemoved(part);
  const ofClusters = (names: readonly string[]) =>
    `secrets of ${names.length === 1 ? "cluster" : "clusters"} ${nameSome(names)}`;
  return [
    ...(keyed.length > 0 ? [`keys for ${count(keyed.length, "host")} ${made}`] : []),
    ...(clusters.length > 0 ? [`${ofClusters(clusters)} ${made}`] : []),
    ...(gone.hosts.length > 0 ? [`secrets of ${gone.hosts.join(", ")} ${removed}`] : []),
    ...(gone.clusters.length > 0 ? [`${ofClusters(gone.clusters)} ${removed}`] : []),
    ...(gone.secrets.length > 0 ? [`${nameSome(gone.secrets)} ${removed}`] : []),
  ];
}

/** What must be rotated, as long as it is; no lines where nothing must. */
export function describeDebts({ lock: { rotate = {} }, secrets }: Pick<FleetPlan, "lock" | "secrets">): string[] {
  const debts = Object.entries(rotate);
  if (debts.length === 0) return [];
  const knowers = debts.flatMap(([name, all]) => all.map((who) => describeKnower(who, secrets.get(name))));
  const who = nameSome([...new Set(knowers)].sort());
  const names = nameSome(debts.map(([name]) => name));
  return [
    `  to rotate, since ${who} knew ${debts.length === 1 ? "it" : "them"}: ${names} (see meshflake secrets audit)`,
  ];
}

/** The same for `--json`. */
export function toSecretData(part: Part): Record<string, unknown> {
  const gone = findRemoved(part);
  return {
    secrets: part.work.missing.map(({ name }) => name),
    removedSecrets: gone.hosts,
    removedClusters: gone.clusters,
    removedRoles: gone.secrets,
    rotate: part.plan.lock.rotate ?? {},
  };
}
