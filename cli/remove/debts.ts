import type { Fleet } from "../../generators/model/fleet.js";
import type { Lock } from "../../generators/model/lock.js";
import { planSecretFiles } from "../../generators/plan/secrets.js";
import { settleDepartures } from "../../generators/secrets/make/departures.js";
import { debtsOf } from "../secrets/readers.js";

/** Secrets that a host knows, and that stay in use when it is gone; sorted. */
export interface Debts {
  /** `secrets rotate` makes new ones. */
  readonly rotate: readonly string[];
  /** A person gives new ones. */
  readonly set: readonly string[];
}

/** What `generate` is going to note once the host is gone. Pure. */
export function foresee(fleet: Fleet, lock: Lock, host: string): Debts {
  const after = withoutHost(fleet, host);
  const specs = planSecretFiles(after);
  const { [host]: _, ...hosts } = lock.hosts;
  const settled = settleDepartures(after, specs, lock, { ...lock, hosts }, new Set());
  const names = [...debtsOf(settled.lock, `host ${host}`)].sort();
  const isOwn = (name: string) => specs.get(name)?.kind === "own";
  return { rotate: names.filter((name) => !isOwn(name)), set: names.filter(isOwn) };
}

function withoutHost(fleet: Fleet, host: string): Fleet {
  const clusters = [...fleet.clusters].map(
    ([name, cluster]) => [name, { ...cluster, hosts: cluster.hosts.filter((other) => other !== host) }] as const,
  );
  return {
    ...fleet,
    hosts: new Map([...fleet.hosts].filter(([name]) => name !== host)),
    clusters: new Map(clusters),
  };
}
