import { type HostFacts, lockFolder } from "../../generators/model/lock.js";
import type { Colors } from "../context.js";
import { nameSome } from "../summary/words.js";
import { describeTarget, type Target } from "../targets/targets.js";
import { count } from "../terminal/words.js";
import type { FactsChange, SyncedFacts } from "./facts.js";
import type { ModuleChange } from "./modules.js";

/** What `sync` says. */

/** Everything that a sync found. */
export interface SyncReport extends SyncedFacts {
  /** With the new facts. */
  readonly target: Target;
  /** Pulumi's name of the stack. */
  readonly stack: string;
  readonly modules: readonly ModuleChange[];
  /** Hosts whose address nobody knows yet; sorted. */
  readonly waiting: readonly string[];
  /** Whether the lock was written, or would be. */
  readonly written: boolean;
}

/** For people, without the last line break. */
export function describeSync(report: SyncReport, colors: Colors): string {
  const { target, stack, changes, left, missing, waiting, written } = report;
  const name = colors.bold(describeTarget(target));
  const head =
    changes.length === 0
      ? `${colors.green("✓")} ${name}: the lock has what stack ${stack} says`
      : `${written ? `${colors.green("✓")} ` : ""}${name}: facts of ${count(changes.length, "host")} from stack ${stack} ${written ? "written" : "to write"} to ${lockFolder(target.lockFile)}/`;
  return [
    head,
    ...changes.map((change) => describeChange(change, colors)),
    ...describeModules(report),
    ...(missing.length > 0 ? [`  no machine in the stack yet: ${nameSome(missing)}`] : []),
    ...(left.length > 0
      ? [`  in the stack, and not in the fleet any more: ${nameSome(left)}; pulumi up deletes them`]
      : []),
    ...(waiting.length > 0 ? [`  still without a public address: ${nameSome(waiting)}`] : []),
  ].join("\n");
}

function describeChange({ host, before, after }: FactsChange, colors: Colors): string {
  if (after === null) return `  ${colors.red("-")} ${host}: its machine is gone`;
  const sign = before === null ? colors.green("+") : colors.yellow("~");
  return `  ${sign} ${host}: ${describeFacts(before ?? {}, after).join(", ")}`;
}

function describeFacts(before: HostFacts, after: HostFacts): string[] {
  const values = (["ipv4", "ipv6", "id"] as const).flatMap((field) => {
    const [was, is] = [before[field], after[field]];
    if (was === is) return [];
    return [was === undefined ? `${field} ${is}` : `${field} ${was} → ${is ?? "none"}`];
  });
  const volumes = Object.keys(after.volumes ?? {}).filter((name) => before.volumes?.[name] !== after.volumes?.[name]);
  return volumes.length === 0
    ? values
    : [...values, `${volumes.length === 1 ? "volume" : "volumes"} ${nameSome(volumes)}`];
}

function describeModules({ modules, target }: SyncReport): string[] {
  if (modules.length === 0) return [];
  const command = target.environment === null ? "meshflake generate" : `meshflake generate --env ${target.environment}`;
  const hosts = modules.map(({ host, modules: own }) => `${host} (${own.join(", ")})`);
  return [`  modules that change: ${nameSome(hosts)}`, `  next: ${command}`];
}

/** For `--json`. */
export function toSyncData(report: SyncReport): Record<string, unknown> {
  const { target, stack, changes, modules, left, missing, waiting, written } = report;
  const { environment, lockFile } = target;
  return {
    environment,
    stack,
    lockFile,
    written: written && changes.length > 0,
    changes,
    modules,
    missing,
    left,
    waiting,
  };
}
