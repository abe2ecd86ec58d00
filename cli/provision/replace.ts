import type { Host } from "../../generators/model/fleet.js";
import { UserError } from "../../generators/model/problem.js";
import type { OnceSettings } from "../../pulumi/plan/once.js";
import type { SyncedStack } from "../sync/outputs.js";

/** How one machine is made anew. */

/** An update of a stack, in steps. */
export interface Job {
  /** Settings of updates that come before; those at a provider that locks machines lift that lock. */
  readonly before: readonly OnceSettings[];
  /** Settings of the update that comes after, which protects the machine again; null where there is none. */
  readonly after: OnceSettings | null;
  /** Settings of the update itself. */
  readonly settings: OnceSettings;
  /** Pulumi's names of what the update makes anew, whether it changed or not. */
  readonly urns: readonly string[];
}

/** What is done where nothing is made anew. */
export const PLAIN_JOB: Job = { before: [], settings: {}, after: null, urns: [] };

/**
 * @param stack what the last update left; null where there was none
 * @throws UserError where the stack has no machine of the host
 */
export function planReplacement({ name, file }: Host, stack: SyncedStack | null): Job {
  const machine = stack?.hosts[name];
  if (machine === undefined) {
    throw new UserError(
      `the stack has no machine of ${name}`,
      `leave --replace out, which makes it; hosts that no provider runs are installed anew by meshflake install (${file})`,
    );
  }
  const common = { settings: { replace: name }, after: { relock: name } };
  // An instance at Contabo is reinstalled, which is an update: replacing it would only forget and adopt it.
  if (machine.platform === "contaboVm") return { ...common, before: [], urns: [] };
  return { ...common, before: [{ unlock: name }], urns: [machine.urn] };
}
