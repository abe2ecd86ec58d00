import type { CloudView } from "../plan/types.js";

/** Labels: who made what, for people in Hetzner's console, and for the program when it finds something that exists. */

/** Of things that several machines share. */
export function projectLabels(view: Pick<CloudView, "fleet" | "environment" | "prefix">): Record<string, string> {
  return {
    "managed-by": "meshflake",
    fleet: view.fleet,
    ...(view.environment !== null && { environment: view.environment }),
    stack: view.prefix,
  };
}

/** Of what belongs to one machine. */
export function machineLabels(
  view: Pick<CloudView, "fleet" | "environment" | "prefix">,
  machine: { readonly host: string; readonly cluster: string },
): Record<string, string> {
  return { ...projectLabels(view), host: machine.host, cluster: machine.cluster };
}

/** Whether this stack made something, and not a person or another stack. */
export function isOurs({ prefix }: Pick<CloudView, "prefix">, labels: Readonly<Record<string, string>>): boolean {
  return labels["managed-by"] === "meshflake" && labels.stack === prefix;
}
