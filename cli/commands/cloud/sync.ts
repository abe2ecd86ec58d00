import { locateProblems } from "../../../generators/load/source/locate.js";
import type { Problem } from "../../../generators/model/problem.js";
import { writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { whileAlone } from "../../../generators/tree/alone.js";
import { findWaiting } from "../../check/waiting.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { describeSync, type SyncReport, toSyncData } from "../../sync/describe.js";
import { findDifferences } from "../../sync/differences.js";
import { syncFacts } from "../../sync/facts.js";
import { compileWithLock } from "../../sync/modules.js";
import { parseOutputs, type SyncedStack } from "../../sync/outputs.js";
import { readOutputs } from "../../sync/read.js";
import { compileTarget } from "../../targets/targets.js";

/** A sync that is done, and what it found to say. */
export interface Synced {
  readonly report: SyncReport;
  readonly problems: readonly Problem[];
}

/**
 * Brings a stack's facts into the lock, and works out what follows from them.
 * @param dry writes nothing
 * @throws UserError where the stack is another one
 * @throws FleetError where the fleet is wrong, with the new facts or without; nothing is written then
 */
export async function syncStack(context: Context, stack: SyncedStack, dry: boolean): Promise<Synced> {
  const { target } = await compileTarget(context);
  const synced = syncFacts(target.plan, target.lock, stack);
  const { target: after, modules, problems } = await compileWithLock(context, target, synced.lock);
  if (!dry && synced.changes.length > 0) await writeLock(context.root(), target.lockFile, synced.lock);
  const differences = await locateProblems(findDifferences(after.plan.fleet, stack), context.root());
  return {
    report: { ...synced, target: after, stack: stack.stack, modules, waiting: findWaiting(after.plan), written: !dry },
    problems: [...problems, ...differences],
  };
}

function textOption(value: CommandOptions[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [from, stack] = [textOption(options.from), textOption(options.stack)];
  const outputs = await readOutputs(context, {
    ...(from !== undefined && { from }),
    ...(stack !== undefined && { stack }),
  });
  const parsed = parseOutputs(outputs);
  const dry = options.dryRun === true;
  const sync = () => syncStack(context, parsed, dry);
  const { report, problems } = await (dry ? sync() : whileAlone(context.root(), sync));
  return {
    exitCode: 0,
    text: () => describeSync(report, context.colors),
    data: () => toSyncData(report),
    problems,
  };
}
