import { UserError } from "../../../generators/model/problem.js";
import { whileAlone } from "../../../generators/tree/alone.js";
import { OUTPUT_NAME } from "../../../pulumi/outputs.js";
import type { CloudMachine } from "../../../pulumi/plan/types.js";
import { viewCloud } from "../../../pulumi/plan/view.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { requireHost } from "../../machines/hosts.js";
import { requirePrograms } from "../../machines/programs.js";
import { votesOf } from "../../machines/votes.js";
import { describeProvision, type ProvisionReport, toProvisionData } from "../../provision/describe.js";
import { findGuardChanges, NO_GUARD_CHANGES } from "../../provision/guards.js";
import { type Job, PLAIN_JOB, planReplacement } from "../../provision/replace.js";
import { type Fates, previewStack, readStack, type Terminal, updateStack } from "../../provision/run.js";
import { withSettings } from "../../provision/settings.js";
import { type OpenStack, openStack } from "../../provision/stack.js";
import { parseOutputs, type SyncedStack } from "../../sync/outputs.js";
import { findProgramFolder } from "../../sync/read.js";
import { compileTarget } from "../../targets/targets.js";
import { confirm } from "../../terminal/ask.js";
import { syncStack } from "./sync.js";

const INSTALL_PULUMI = "install it (https://www.pulumi.com/docs/install, nixpkgs: pulumi-bin)";

/** Pulumi's words go where progress goes. */
function terminalOf({ options, colors }: Context): Terminal {
  const quiet = options.quiet === true;
  let kept = "";
  return {
    write: (text) => {
      if (quiet) kept += text;
      else process.stderr.write(text);
    },
    colors: !quiet && process.stderr.isTTY === true && colors.isColorSupported,
    unseen: () => kept,
  };
}

/** Whether an update would do anything that Pulumi counts. */
function isChange(fates: Fates): boolean {
  return Object.keys(fates).some((fate) => fate !== "same");
}

async function ask(open: OpenStack, options: CommandOptions): Promise<void> {
  if (options.yes === true) return;
  if (await confirm(`Make these changes to stack ${open.stack.name}?`, "give --yes, if the preview is right")) return;
  throw new UserError("nothing was changed", undefined, 1);
}

/** What the stack says so far; null before its first update. */
async function readParsed(open: OpenStack): Promise<SyncedStack | null> {
  const outputs = await readStack(open);
  return OUTPUT_NAME in outputs ? parseOutputs(outputs) : null;
}

/** What a run of Pulumi's engine came to. */
type Run = Pick<ProvisionReport, "planned" | "guards" | "done" | "outputs">;

/** What is run. */
interface Work {
  readonly job: Job;
  /** What the plan asks of providers. */
  readonly machines: readonly CloudMachine[];
}

/** Preview, question, update. */
async function update(context: Context, open: OpenStack, work: Work, options: CommandOptions): Promise<Run> {
  const terminal = terminalOf(context);
  const { settings, urns, before, after } = work.job;
  const known = await readParsed(open);
  const guards = known === null ? NO_GUARD_CHANGES : findGuardChanges(known, work.machines);
  const planned = await withSettings(settings, () => previewStack(open, terminal, urns));
  if (options.dryRun === true) return { planned, guards, done: null, outputs: null };
  if (known !== null && !isChange(planned) && guards === NO_GUARD_CHANGES)
    return { planned, guards, done: null, outputs: known };
  if (isChange(planned)) await ask(open, options);
  for (const earlier of before) await withSettings(earlier, () => updateStack(open, terminal));
  const { fates, outputs } = await withSettings(settings, () => updateStack(open, terminal, urns));
  // What was made anew has no protection until the settings are gone.
  if (after !== null) await withSettings(after, () => updateStack(open, terminal));
  return { planned, guards, done: fates, outputs: parseOutputs(outputs) };
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const folder = findProgramFolder(context.root());
  requirePrograms({ pulumi: INSTALL_PULUMI });
  const { target } = await compileTarget(context);
  const { fleet } = target.plan;
  const replaced = typeof options.replace === "string" ? requireHost(target.plan.hosts, options.replace) : null;
  const name = typeof options.stack === "string" ? { name: options.stack } : {};
  const open = await openStack({ folder, environment: fleet.environment, ...name });
  const job = replaced === null ? PLAIN_JOB : planReplacement(replaced.host, await readParsed(open));
  const result = await update(context, open, { job, machines: viewCloud(target.plan).machines }, options);
  const { outputs } = result;
  const synced = outputs && (await whileAlone(context.root(), () => syncStack(context, outputs, false)));
  const report: ProvisionReport = {
    ...result,
    stack: open.stack.name,
    sync: synced?.report ?? null,
    replaced: replaced && result.done ? replaced.host.name : null,
    votes: replaced && result.done ? votesOf(replaced) : [],
  };
  return {
    exitCode: 0,
    text: () => describeProvision(report, context.colors),
    data: () => toProvisionData(report, fleet.environment),
    problems: synced?.problems ?? [],
  };
}
