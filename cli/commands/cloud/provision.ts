import { UserError } from "../../../generators/model/problem.js";
import { whileAlone } from "../../../generators/tree/alone.js";
import { OUTPUT_NAME } from "../../../pulumi/outputs.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { requireHost } from "../../machines/hosts.js";
import { requirePrograms } from "../../machines/programs.js";
import { votesOf } from "../../machines/votes.js";
import { describeProvision, type ProvisionReport, toProvisionData } from "../../provision/describe.js";
import { type Job, PLAIN_JOB, planReplacement } from "../../provision/replace.js";
import { type Fates, previewStack, readStack, type Terminal, updateStack } from "../../provision/run.js";
import { withSettings } from "../../provision/settings.js";
import { type OpenStack, openStack } from "../../provision/stack.js";
import { parseOutputs, type SyncedStack } from "../../sync/outputs.js";
import { findProgramFolder } from "../../sync/read.js";
import { compileTarget } from "../../targets.js";
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

/** Whether an update would do anything. */
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
type Run = Pick<ProvisionReport, "planned" | "done" | "outputs">;

/** Preview, question, update. */
async function update(context: Context, open: OpenStack, job: Job, options: CommandOptions): Promise<Run> {
  const terminal = terminalOf(context);
  const { stack } = open;
  const { settings, urns } = job;
  const planned = await withSettings(stack, settings, () => previewStack(open, terminal, urns));
  if (options.dryRun === true) return { planned, done: null, outputs: null };
  const known = await readParsed(open);
  if (!isChange(planned) && known !== null) return { planned, done: null, outputs: known };
  if (isChange(planned)) await ask(open, options);
  for (const before of job.before) await withSettings(stack, before, () => updateStack(open, terminal));
  const { fates, outputs } = await withSettings(stack, settings, () => updateStack(open, terminal, urns));
  // What was made anew has no protection until the settings are gone.
  if (job !== PLAIN_JOB) await updateStack(open, terminal);
  return { planned, done: fates, outputs: parseOutputs(outputs) };
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
  const result = await update(context, open, job, options);
  const { outputs } = result;
  const synced = outputs && (await whileAlone(context.root(), () => syncStack(context, outputs, false)));
  const report: ProvisionReport = {
    ...result,
    stack: open.stack.name,
    sync: synced?.report ?? null,
    votes: replaced && result.done ? votesOf(replaced) : [],
  };
  return {
    exitCode: 0,
    text: () => describeProvision(report, context.colors),
    data: () => toProvisionData(report, fleet.environment),
    problems: synced?.problems ?? [],
  };
}
