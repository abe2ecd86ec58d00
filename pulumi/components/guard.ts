import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Guard } from "../plan/types.js";

/** What a guard means to Pulumi, and to providers that have a protection of their own. */

/**
 * A machine. It is deleted before it is made anew, since its name, its number and its addresses are taken until then.
 * @param ignore inputs that matter when the machine is made, and would replace a running one
 */
export function machineOptions(guard: Guard, ignore: readonly string[]): CustomResourceOptions {
  return {
    protect: isMachineLocked(guard),
    deleteBeforeReplace: true,
    // A machine that is made anew gets what is new.
    ignoreChanges: guard === "replaced" ? [] : [...ignore],
  };
}

/** What belongs to a machine and goes with it: an update that may not delete the machine must not begin with these. */
export function partOptions(guard: Guard): CustomResourceOptions {
  return { protect: isMachineLocked(guard) };
}

/** Whether the machine may not be deleted: by Pulumi, and by the provider itself, whoever asks. */
export function isMachineLocked(guard: Guard): boolean {
  return guard === "kept";
}

/** What outlives a machine: its addresses and volumes. */
export function keepsakeOptions(guard: Guard): CustomResourceOptions {
  return { protect: guard === "kept" || guard === "replaced", retainOnDelete: guard !== "data" };
}

/** Whether the provider itself refuses to delete what outlives a machine. */
export function isKeepsakeLocked(guard: Guard): boolean {
  return guard !== "data";
}
