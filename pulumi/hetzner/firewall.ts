import type { OpenView } from "../plan/types.js";
import type { RuleFact } from "./inventory.js";

/** Hetzner's firewall in front of a server: exactly what the plan opens, and never a lock-out. */

/** The whole internet. */
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** A rule as the provider takes it. */
export interface Rule {
  readonly direction: "in";
  readonly protocol: string;
  readonly port?: string;
  readonly sourceIps: string[];
  readonly description: string;
}

/** Marks a rule that goes with the next update that is a run of its own. */
const LEAVING = ", until the next update";

/**
 * The rules of a firewall. The port of SSH or of the mesh that was open so far stays open for one more update: hosts listen on the
 * old one until they were deployed, and an admin who comes over the mesh would be locked out in the step that opens the new one.
 * @param open what the plan opens
 * @param current the rules that the firewall has now; none where it does not exist
 * @param isStep the update is one of several that are a single run, in which nobody can deploy: what is marked stays
 */
export function listRules(open: readonly OpenView[], current: readonly RuleFact[], isStep = false): Rule[] {
  const rules = open.map(({ purpose, protocol, port }) => allow(purpose, protocol, port?.toString()));
  const leaving = current.filter((rule) => staysOnce(rule, open, isStep));
  return [
    ...rules,
    ...leaving.map(({ description, protocol, port }) => allow(markLeaving(description), protocol, port)),
  ];
}

function markLeaving(description: string): string {
  return description.endsWith(LEAVING) ? description : description + LEAVING;
}

function allow(description: string, protocol: string, port: string | undefined): Rule {
  return {
    direction: "in",
    protocol,
    ...(port !== undefined && port !== "" && { port }),
    sourceIps: [...EVERYWHERE],
    description,
  };
}

/** A way in that the plan has at another port now. */
function staysOnce({ description, protocol, port }: RuleFact, open: readonly OpenView[], isStep: boolean): boolean {
  const isMarked = description.endsWith(LEAVING);
  if (isMarked ? !isStep : description !== "ssh" && description !== "mesh") return false;
  return !open.some((rule) => rule.protocol === protocol && rule.port?.toString() === port);
}
