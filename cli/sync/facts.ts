import type { Fleet, Host } from "../../generators/model/fleet.js";
import type { HostFacts, Lock, LockedHost } from "../../generators/model/lock.js";
import { UserError } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { viewCloud } from "../../pulumi/plan/view.js";
import type { SyncedHost, SyncedStack } from "./outputs.js";

/** What providers gave, compared with what the lock holds. */

/** A host whose facts change; a side is null where there are none. */
export interface FactsChange {
  readonly host: string;
  readonly before: HostFacts | null;
  readonly after: HostFacts | null;
}

/** The outcome of a comparison. */
export interface SyncedFacts {
  /** The lock with the stack's facts. */
  readonly lock: Lock;
  /** Sorted by host. */
  readonly changes: readonly FactsChange[];
  /** Hosts of the stack that the fleet does not have any more; sorted. */
  readonly left: readonly string[];
  /** Hosts of the fleet that a provider runs and the stack does not have; sorted. */
  readonly missing: readonly string[];
}

/**
 * Brings a stack's facts into the lock. A host that the stack has no machine for loses its facts: they were another machine's.
 * @param lock the one on disk
 * @throws UserError where the stack is of another fleet, or of another environment
 */
export function syncFacts(plan: FleetPlan, lock: Lock, stack: SyncedStack): SyncedFacts {
  const { fleet } = plan;
  refuseStrangers(fleet, stack);
  const { machines } = viewCloud(plan, stack.cluster === null ? {} : { cluster: stack.cluster });
  const expected = new Set(machines.map(({ host }) => host));
  const hosts: Record<string, LockedHost> = { ...lock.hosts };
  const changes: FactsChange[] = [];
  for (const host of fleet.hosts.values()) {
    const { name } = host;
    const found = stack.hosts[name];
    if (found === undefined && !expected.has(name)) continue;
    const { facts: before, ...rest } = hosts[name] ?? {};
    const after = found === undefined ? undefined : factsOf(host, found);
    if (JSON.stringify(sortFacts(before)) === JSON.stringify(after)) continue;
    changes.push({ host: name, before: before ?? null, after: after ?? null });
    hosts[name] = { ...rest, ...(after && { facts: after }) };
  }
  return {
    lock: { ...lock, hosts },
    changes,
    left: Object.keys(stack.hosts)
      .filter((name) => !fleet.hosts.has(name))
      .sort(),
    missing: [...expected].filter((name) => stack.hosts[name] === undefined),
  };
}

/** @throws UserError where the machine is of another platform than the host */
function factsOf(host: Host, found: SyncedHost): HostFacts {
  refusePlatform(host, found);
  const { ipv4, ipv6, id, volumes } = found;
  return sortFacts({ ipv4, ipv6, id, volumes }) ?? {};
}

/** In one order of fields, for comparing; those without a value are left out. */
function sortFacts(facts: { readonly [K in keyof HostFacts]: HostFacts[K] | undefined } | undefined) {
  if (facts === undefined) return undefined;
  const { ipv4, ipv6, id, volumes } = facts;
  const sorted = volumes && Object.fromEntries(Object.entries(volumes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(id !== undefined && { id }),
    ...(sorted !== undefined && { volumes: sorted }),
  };
}

function refuseStrangers(fleet: Fleet, { fleet: name, environment, stack }: SyncedStack): void {
  if (name !== fleet.name) {
    throw new UserError(
      `stack ${stack} is of the fleet ${name}, and this is ${fleet.name}`,
      "choose another --stack",
      1,
    );
  }
  if (environment === fleet.environment) return;
  const of = environment === null ? "the fleet itself" : `the environment ${environment}`;
  const hint =
    environment === null
      ? "leave --env out, or choose another --stack"
      : `give --env ${environment}, or another --stack`;
  throw new UserError(`stack ${stack} is of ${of}`, hint, 1);
}

function refusePlatform({ name, platform, file }: Host, found: SyncedHost): void {
  if (platform === found.platform) return;
  throw new UserError(
    `${name} is a ${platform} in ${file}, and a ${found.platform} in the stack`,
    `run pulumi up first, which makes the new machine once meshflake remove ${name} has lifted the old one's protection`,
    1,
  );
}
