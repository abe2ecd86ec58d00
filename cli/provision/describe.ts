import type { Colors } from "../context.js";
import { describeSync, type SyncReport, toSyncData } from "../sync/describe.js";
import type { SyncedStack } from "../sync/outputs.js";
import { joinNames } from "../terminal/words.js";
import { describeGuards, type GuardChanges } from "./guards.js";
import type { Fates } from "./run.js";

/** What `provision` says at its end; Pulumi's own words were shown while it ran. */

/** Everything that a run did. */
export interface ProvisionReport {
  /** Pulumi's name of the stack. */
  readonly stack: string;
  readonly planned: Fates;
  /** Protections that change, which Pulumi does not count. */
  readonly guards: GuardChanges;
  /** Null where nothing was changed. */
  readonly done: Fates | null;
  /** Null where only the preview was wanted. */
  readonly outputs: SyncedStack | null;
  readonly sync: SyncReport | null;
  /** The host whose machine was made anew, or null. */
  readonly replaced: string | null;
  /** Whose Raft the machine that was made anew votes in; empty where none was, or where it does not. */
  readonly votes: readonly string[];
}

/** For people, without the last line break. */
export function describeProvision(report: ProvisionReport, colors: Colors): string {
  const { stack, planned, guards, done, sync, votes } = report;
  if (sync === null)
    return `stack ${stack} would change: ${describeAll(describeFates(planned), describeGuards(guards, "to come"))}`;
  const head = done === null ? "nothing to change" : describeAll(describeFates(done, DONE), describeGuards(guards));
  const joins = listJoins(report);
  return [
    `${colors.green("✓")} stack ${colors.bold(stack)}: ${head}`,
    describeSync(sync, colors),
    ...(joins.length === 0 ? [] : ["  then, for machines that are new:", ...joins.map((command) => `    ${command}`)]),
    ...(votes.length === 0
      ? []
      : [`  it votes in ${joinNames(votes)}: let no other voter be away until it does so again`]),
  ].join("\n");
}

/** Pulumi's words for what it did; its words for what it is about to do are the same for all others. */
const DONE: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  import: "imported",
};

/** @param words for fates that are over; otherwise they are to come */
function describeFates(fates: Fates, words?: typeof DONE): string[] {
  return Object.entries(fates)
    .filter(([fate]) => fate !== "same")
    .map(([fate, many]) => `${many} ${words === undefined ? `to ${fate}` : (words[fate] ?? fate)}`);
}

function describeAll(...parts: readonly string[][]): string {
  return parts.flat().join(", ") || "nothing";
}

/** How machines that were made get their identity, by host. An instance at Contabo that was made anew has the number that it had. */
function listJoins({ outputs, sync, replaced }: ProvisionReport): string[] {
  const fresh = sync?.changes.filter(({ before, after }) => after?.id !== undefined && after.id !== before?.id) ?? [];
  const hosts = new Set([...fresh.map(({ host }) => host), ...(replaced === null ? [] : [replaced])]);
  return [...hosts].flatMap((host) => outputs?.hosts[host]?.join ?? []);
}

/** For `--json`. */
export function toProvisionData(report: ProvisionReport, environment: string | null): Record<string, unknown> {
  const { stack, planned, guards, done, sync } = report;
  return {
    environment,
    stack,
    planned,
    guards,
    done,
    join: listJoins(report),
    sync: sync === null ? null : toSyncData(sync),
  };
}
