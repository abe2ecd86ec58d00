import type { CloudMachine } from "../../pulumi/plan/types.js";
import type { SyncedStack } from "../sync/outputs.js";
import { joinNames } from "../terminal/words.js";

/**
 * Protections that an update lifts or brings back. Where the provider has none of its own, as on Proxmox and at Contabo, only an option
 * of Pulumi's changes, which its preview calls `same`: without a look at them that update would never be run.
 */

/** Hosts whose machines change their protection; sorted. */
export interface GuardChanges {
  readonly lifted: readonly string[];
  readonly restored: readonly string[];
}

export const NO_GUARD_CHANGES: GuardChanges = { lifted: [], restored: [] };

/**
 * Pure.
 * @param stack what the last update left
 * @param machines what the plan asks for; those that the stack does not have yet do not count
 * @returns {@link NO_GUARD_CHANGES} itself where there are none
 */
export function findGuardChanges(stack: SyncedStack, machines: readonly CloudMachine[]): GuardChanges {
  const differs = (isProtected: boolean) =>
    machines
      .filter(({ host, guard }) => stack.hosts[host]?.protected === isProtected && (guard === "kept") !== isProtected)
      .map(({ host }) => host);
  const [lifted, restored] = [differs(true), differs(false)];
  return lifted.length + restored.length === 0 ? NO_GUARD_CHANGES : { lifted, restored };
}

/** @param when protections that change later; otherwise they have changed */
export function describeGuards({ lifted, restored }: GuardChanges, when?: "to come"): string[] {
  const parts = [
    ["lift", "lifted", lifted],
    ["restore", "restored", restored],
  ] as const;
  return parts.flatMap(([verb, done, hosts]) => {
    if (hosts.length === 0) return [];
    const what = `protection of ${joinNames(hosts)}`;
    return [when === undefined ? `${what} ${done}` : `${what} to ${verb}`];
  });
}
