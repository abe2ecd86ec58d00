import { setTimeout as sleep } from "node:timers/promises";
import type { ContaboPace } from "./api/client.js";
import { ContaboError } from "./api/error.js";
import type { ContaboInstance, ContaboInstances, Installation } from "./api/instances.js";

/** Brings an instance to where it should be, also where an earlier run was killed in between: every step begins with a look. */

/** What an instance can be told to do. */
export const POWERS = ["running", "stopped", "rescue"] as const;
/** One of {@link POWERS}. */
export type Power = (typeof POWERS)[number];

/** Statuses that end by themselves. */
const PASSING = new Set(["provisioning", "installing", "manual_provisioning", "reset_password", "unknown", "other"]);

/** Statuses that only a person ends, and how. */
const STUCK: Readonly<Record<string, string>> = {
  error: "look at it in the customer panel, or ask Contabo's support",
  uninstalled: "install it with any Linux in the customer panel first",
  pending_payment: "pay the order in the customer panel",
  verification_required: "verify the account in the customer panel",
  product_not_available: "choose another product in the customer panel",
};

/** How often an action is asked for whose outcome was not known. */
const TRIES = 3;

/**
 * Switches an instance on, off, or into its rescue system, and waits until it is there. Does nothing where it is.
 * @param sshKeys for the rescue system; see {@link ContaboInstances.rescue}
 * @throws ContaboError where it cannot get there, or not in time
 */
export async function bringTo(
  instances: ContaboInstances,
  id: number,
  power: Power,
  pace: ContaboPace,
  sshKeys: readonly number[] = [],
): Promise<ContaboInstance> {
  let doubt: ContaboError | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    const instance = await settle(instances, id, pace);
    if (instance.status === power) return instance;
    doubt = await doubtOf(() => switchPower(instances, instance, power, sshKeys));
    const wait = doubt === null ? pace.patience : pace.grace;
    const there = await watch(instances, id, pace, wait, ({ status }) => status === power || status in STUCK);
    if (there !== null) return refuseStuck(there);
    if (doubt === null) throw unfinished(instance, `does not become ${power}`);
  }
  throw doubt ?? new Error("no try was made");
}

/**
 * Erases an instance and installs it anew, and waits for that. Where an earlier run's request was carried out already, only waits.
 * @param requestId the same for every run of this one reinstallation
 * @throws ContaboError where it fails, or does not end in time
 */
export async function reinstall(
  instances: ContaboInstances,
  id: number,
  installation: Installation,
  requestId: string,
  pace: ContaboPace,
): Promise<ContaboInstance> {
  await settle(instances, id, pace);
  if (!(await instances.wasDone(id, requestId))) {
    const doubt = await doubtOf(() => instances.reinstall(id, installation, requestId));
    if (doubt !== null && !(await instances.wasDone(id, requestId))) throw doubt;
    // Contabo shows it a moment later; one that is over before we look is fine as well.
    await watch(instances, id, pace, pace.grace, ({ status }) => status === "installing");
  }
  const instance = await settle(instances, id, pace);
  if (instance.imageId === installation.imageId) return instance;
  throw unfinished(instance, `has image ${instance.imageId} after its reinstallation with ${installation.imageId}`);
}

/** Waits for what ends by itself. @throws ContaboError where it does not, or where only a person can go on */
async function settle(instances: ContaboInstances, id: number, pace: ContaboPace): Promise<ContaboInstance> {
  const settled = await watch(instances, id, pace, pace.patience, ({ status }) => !PASSING.has(status));
  if (settled === null) throw unfinished(await instances.get(id), "does not come to rest");
  return refuseStuck(settled);
}

/** Looks until it is so. @returns null where it was not in time */
async function watch(
  instances: ContaboInstances,
  id: number,
  { poll }: ContaboPace,
  patience: number,
  isSo: (instance: ContaboInstance) => boolean,
): Promise<ContaboInstance | null> {
  const end = Date.now() + patience;
  for (;;) {
    const instance = await instances.get(id);
    if (isSo(instance)) return instance;
    if (Date.now() + poll > end) return null;
    await sleep(poll);
  }
}

function refuseStuck(instance: ContaboInstance): ContaboInstance {
  const hint = STUCK[instance.status];
  if (hint === undefined) return instance;
  const { name, id, status, errorMessage } = instance;
  const why = errorMessage === undefined || errorMessage === "" ? "" : `: ${errorMessage}`;
  throw new ContaboError("refused", `${name} (${id}) is in status ${status}${why}`, hint);
}

/** Runs an action. @returns why nobody knows whether it was carried out; null where it was @throws every other failure */
async function doubtOf(action: () => Promise<void>): Promise<ContaboError | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof ContaboError && error.fault === "unsure") return error;
    throw error;
  }
}

function switchPower(
  instances: ContaboInstances,
  { id, status }: ContaboInstance,
  power: Power,
  sshKeys: readonly number[],
): Promise<void> {
  switch (power) {
    case "running":
      // The rescue system ends with a restart.
      return status === "rescue" ? instances.restart(id) : instances.start(id);
    case "stopped":
      return instances.shutDown(id);
    case "rescue":
      return instances.rescue(id, sshKeys);
    default:
      return power satisfies never;
  }
}

function unfinished({ name, id, status }: ContaboInstance, what: string): ContaboError {
  return new ContaboError(
    "unfinished",
    `${name} (${id}) ${what}: its status is ${status}`,
    "look at its console in the customer panel, then run it again: it goes on from there",
  );
}
