/**
 * What follows from a host, a cluster or a role that is gone: whose tokens are to be revoked, which secrets somebody knows who
 * must not know them any more, and which files go. A host whose identity was taken out of the lock counts as gone, and as new.
 * Decided from the fleet and the lock alone, so that a killed run does it again; nothing is encrypted anew.
 */
import type { Fleet } from "../../model/fleet.js";
import type { Lock, LockedSecret } from "../../model/lock.js";
import { CLUSTER_SECRETS, HOST_SECRETS, type SecretSpec } from "../../model/secrets.js";
import { type EntryChange, type LockEntry, listEntries, withRevoked, withSecrets } from "../lock-entries.js";

export interface Departures {
  readonly lock: Lock;
  /** Secrets whose files go, by name; sorted. Some may never have been made. */
  readonly removed: readonly string[];
}

/** Tokens that Consul's servers installed under their accessors. */
const TOKENS: ReadonlySet<string> = new Set(["consul-token", "nomad-token"]);
const GOSSIP = "consul-gossip";

interface Leavers {
  /** Hosts of the lock that the fleet does not have. */
  readonly gone: ReadonlySet<string>;
  /** Hosts without an identity: what they read, somebody else may have. */
  readonly renewed: ReadonlySet<string>;
}

/**
 * Settles what is gone.
 * @param before the lock on disk
 * @param planned the plan's: without the hosts that are gone
 * @param lost own secrets that nothing declares any more, and that have no file either
 * @returns `planned` itself where nothing is gone
 */
export function settleDepartures(
  fleet: Fleet,
  specs: ReadonlyMap<string, SecretSpec>,
  before: Lock,
  planned: Lock,
  lost: ReadonlySet<string>,
): Departures {
  const leavers: Leavers = {
    gone: new Set(Object.keys(before.hosts).filter((name) => !fleet.hosts.has(name))),
    renewed: new Set(Object.keys(planned.hosts).filter((name) => planned.hosts[name]?.age === undefined)),
  };
  const goneClusters = Object.keys(before.clusters ?? {}).filter((name) => !fleet.clusters.has(name));
  const removed = new Set<string>();
  for (const of of leavers.gone) for (const slug of HOST_SECRETS) removed.add(`${of}/${slug}`);
  for (const of of goneClusters) for (const slug of CLUSTER_SECRETS) removed.add(`${of}/${slug}`);
  const changes: EntryChange[] = [];
  const revoked: string[] = [];
  const debts: [name: string, who: string][] = [];
  for (const { spec, entry } of listEntries(before)) {
    const ends = endOf(fleet, specs, spec, leavers, lost);
    if (ends !== null) {
      if (TOKENS.has(spec.kind)) revoked.push(entry.id, ...(entry.retiring ?? []));
      if (ends === "removed") removed.add(spec.name);
      if (!leavers.gone.has(spec.of) || spec.scope === "cluster") changes.push({ spec, entry: null });
      continue;
    }
    // Also one whose block another branch removed, while this secret was made for it on its own.
    const leaving = entry.readers.filter((name) => !fleet.hosts.has(name) || leavers.renewed.has(name));
    for (const name of leaving) debts.push([spec.name, `host ${name}`]);
    if (leaving.length > 0) changes.push({ spec, entry: without(entry, leaving) });
  }
  changes.push(...renewPairs(planned, leavers.renewed));
  const lock = withRevoked(withSecrets(planned, changes), revoked);
  for (const name of [...leavers.gone, ...leavers.renewed]) debts.push(...gossipDebts(fleet, before, lock, name));
  return { lock: addDebts(lock, debts), removed: [...removed].sort() };
}

/** Whether a secret ends, or is made anew with its host's identity; null where it stays. */
function endOf(
  fleet: Fleet,
  specs: ReadonlyMap<string, SecretSpec>,
  { name, scope, of, kind }: SecretSpec,
  { renewed }: Leavers,
  lost: ReadonlySet<string>,
): "removed" | "renewed" | null {
  if (!(scope === "host" ? fleet.hosts : fleet.clusters).has(of)) return "removed";
  if (kind === "own") return lost.has(name) ? "removed" : null;
  if (!specs.has(name)) return "removed";
  return scope === "host" && renewed.has(of) ? "renewed" : null;
}

function without(entry: LockedSecret, leaving: readonly string[]): LockedSecret {
  return { ...entry, readers: entry.readers.filter((name) => !leaving.includes(name)) };
}

/** A host's own pairs are encrypted to the identity that it had. */
function* renewPairs(planned: Lock, renewed: ReadonlySet<string>): Generator<EntryChange> {
  for (const of of renewed) {
    for (const kind of ["ssh", "wireguard"] as const) {
      if (planned.hosts[of]?.[kind] === undefined) continue;
      yield { spec: { name: `${of}/${kind}`, scope: "host", of, slug: kind, kind, readers: [of] }, entry: null };
    }
  }
}

/** Every agent gets Consul's gossip key: one that came later than the file, from the servers. */
function* gossipDebts(fleet: Fleet, before: Lock, after: Lock, host: string): Generator<[string, string]> {
  if (before.hosts[host]?.secrets?.["consul-token"] === undefined) return;
  for (const cluster of clustersOf(fleet, before, host)) {
    if (after.clusters?.[cluster]?.secrets?.[GOSSIP] !== undefined) yield [`${cluster}/${GOSSIP}`, `host ${host}`];
  }
}

/** The cluster of a host: from its file, or from the servers that read its token; all of them where nothing tells. */
function clustersOf(fleet: Fleet, before: Lock, host: string): readonly string[] {
  const own = fleet.hosts.get(host)?.cluster;
  if (own !== undefined) return [own];
  const near = [host, ...(before.hosts[host]?.secrets?.["consul-token"]?.readers ?? [])];
  const found = new Set(near.flatMap((name) => fleet.hosts.get(name)?.cluster ?? []));
  for (const [name, { secrets }] of Object.entries(before.clusters ?? {})) {
    if (secrets?.[GOSSIP]?.readers.some((reader) => near.includes(reader))) found.add(name);
  }
  return found.size > 0 ? [...found] : [...fleet.clusters.keys()];
}

function addDebts(lock: Lock, debts: readonly (readonly [string, string])[]): Lock {
  if (debts.length === 0) return lock;
  const rotate = new Map(Object.entries(lock.rotate ?? {}).map(([name, who]) => [name, new Set(who)]));
  for (const [name, who] of debts) rotate.set(name, (rotate.get(name) ?? new Set()).add(who));
  return { ...lock, rotate: Object.fromEntries([...rotate].map(([name, who]) => [name, [...who].sort()])) };
}

/** Drops debts of secrets that are gone, or that get a new value. */
export function dropDebts(lock: Lock, specs: ReadonlyMap<string, SecretSpec>, made: ReadonlySet<string>): Lock {
  const debts = Object.entries(lock.rotate ?? {});
  if (debts.length === 0) return lock;
  const entries = new Set([...listEntries(lock)].map(({ spec }: LockEntry) => spec.name));
  const kept = debts.filter(([name]) => !made.has(name) && (specs.has(name) || entries.has(name)));
  if (kept.length === debts.length) return lock;
  const { rotate: _, ...rest } = lock;
  return kept.length > 0 ? { ...rest, rotate: Object.fromEntries(kept) } : rest;
}
