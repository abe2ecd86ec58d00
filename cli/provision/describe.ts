import type { Colors } from "../context.js";
import { describeSync, type SyncReport, toSyncData } from "../sync/describe.js";
import type { SyncedStack } from "../sync/outputs.js";
import type { Fates } from "./run.js";

/** What `provision` says at its end; Pulumi's own words were shown while it ran. */

/** Everything that a run did. */
export interface ProvisionReport {
  /** Pulumi's name of the stack. */
  readonly stack: string;
  readonly planned: Fates;
  /** Null where nothing was changed. */
  readonly done: Fates | null;
  /** Null where only the preview was wanted. */
  readonly outputs: SyncedStack | null;
  readonly sync: SyncReport | null;
}

/** For people, without the last line break. */
export function describeProvision(report: ProvisionReport, colors: Colors): string {
  const { stack, planned, done, sync } = report;
  if (sync === null) return `stack ${stack} would change: ${describeFates(planned)}`;
  const head = done === null ? "nothing to change" : describeFates(done);
  const joins = listJoins(report);
  return [
    `${colors.green("✓")} stack ${colors.bold(stack)}: ${head}`,
    describeSync(sync, colors),
    ...(joins.length === 0 ? [] : ["  then, for machines that are new:", ...joins.map((command) => `    ${command}`)]),
  ].join("\n");
}

function describeFates(fates: Fates): string {
  const parts = Object.entries(fates)
    .filter(([fate]) => fate !== "same")
    .map(([fate, many]) => `${many} to ${fate}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

/** How machines that were made get their identity, by host. */
function listJoins({ outputs, sync }: ProvisionReport): string[] {
  const fresh = sync?.changes.filter(({ before, after }) => after?.id !== undefined && after.id !== before?.id) ?? [];
  return fresh.flatMap(({ host }) => outputs?.hosts[host]?.join ?? []);
}

/** For `--json`. */
export function toProvisionData(report: ProvisionReport, environment: string | null): Record<string, unknown> {
  const { stack, planned, done, sync } = report;
  return { environment, stack, planned, done, join: listJoins(report), sync: sync === null ? null : toSyncData(sync) };
}
