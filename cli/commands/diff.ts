import { UserError } from "../../generators/model/problem.js";
import { treeFolder } from "../../generators/render/paths.js";
import type { Change } from "../../generators/tree/diff.js";
import { unifiedDiff } from "../../generators/tree/unified.js";
import { describeChanges } from "../changes.js";
import type { CommandOptions, CommandResult, Context, ExitCode } from "../context.js";
import { prepareGeneration } from "../generate/generation.js";
import { listKeyedHosts } from "../generate/secrets.js";
import { compareFleets } from "../summary/compare.js";
import { formatMarkdown } from "../summary/markdown.js";
import { readSnapshot, toChanges, toFiles } from "../summary/snapshot.js";
import { formatComparison } from "../summary/text.js";
import type { FleetComparison } from "../summary/types.js";
import { withBaseRevision } from "../targets/base.js";
import { compileTargets, describeTarget, type Target } from "../targets/targets.js";
import { count } from "../terminal/words.js";

/** One target against a git revision. */
interface BaseDiff {
  readonly target: Target;
  readonly comparison: FleetComparison;
  readonly changes: readonly Change[];
  /** Why only files could be compared. */
  readonly note?: string;
}

function formatChanges(changes: readonly Change[], color: boolean): string {
  const shown = changes.filter(({ manifest }) => !manifest);
  return shown
    .map((change) => unifiedDiff(change, { color }))
    .join("\n")
    .trimEnd();
}

function exitCodeFor(options: CommandOptions, differs: boolean): ExitCode {
  return options.check === true && differs ? 3 : 0;
}

/** What generate would change on disk. */
async function diffDisk(context: Context, options: CommandOptions): Promise<CommandResult> {
  const { targets, problems } = await compileTargets(context, true);
  const changes: Change[] = [];
  const keys: string[] = [];
  for (const target of targets) {
    const generation = await prepareGeneration(context.root(), target, false);
    changes.push(...generation.changes);
    keys.push(...listKeyedHosts(generation.work));
  }
  if (keys.length > 0)
    context.progress.note(`generate also makes keys for ${count(keys.length, "host")}; placeholders stand for them`);
  const files = changes.filter(({ manifest }) => !manifest);
  return {
    exitCode: exitCodeFor(options, changes.length + keys.length > 0),
    text: () => formatChanges(changes, context.colors.isColorSupported),
    data: () => ({
      against: "disk",
      keys,
      changes: files.map(({ kind, path, ...change }) => ({
        kind,
        path,
        diff: unifiedDiff({ kind, path, ...change }, { color: false }),
      })),
    }),
    problems,
  };
}

async function diffTarget(root: string, target: Target): Promise<BaseDiff> {
  const { note, ...before } = await readSnapshot(root, target);
  const after = { plan: target.plan, views: target.views, files: toFiles(target) };
  const comparison = compareFleets(before, after, treeFolder(target));
  return { target, comparison, changes: toChanges(before.files, after.files), ...(note !== undefined && { note }) };
}

function formatDiffs(diffs: readonly BaseDiff[], revision: string, context: Context, options: CommandOptions): string {
  const { bold, isColorSupported } = context.colors;
  const texts = diffs.map(({ target, comparison, changes, note }) => {
    const title = `${describeTarget(target)} against ${revision}`;
    if (options.markdown === true) {
      return formatMarkdown(title, comparison, formatChanges(changes, false), note);
    }
    if (options.summary !== true) return formatChanges(changes, isColorSupported);
    const words = formatComparison(comparison, context.colors) || "nothing changes";
    if (note === undefined) return [bold(title), words].join("\n");
    return [bold(title), `(${note})`, ...describeChanges(changes, context.colors), words].join("\n");
  });
  return texts.filter((text) => text !== "").join("\n\n");
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { summary, markdown, base } = options;
  if (summary === true && markdown === true) throw new UserError("--summary and --markdown exclude each other");
  if (summary !== true && markdown !== true && base === undefined) return diffDisk(context, options);
  const { targets, problems } = await compileTargets(context, true);
  context.progress.step("reading the base revision");
  return withBaseRevision(context.root(), typeof base === "string" ? base : "HEAD", async ({ root, revision }) => {
    const diffs: BaseDiff[] = [];
    for (const target of targets) diffs.push(await diffTarget(root, target));
    context.progress.clear();
    const differs = diffs.some(({ changes, comparison }) => changes.length + comparison.hosts.length > 0);
    return {
      exitCode: exitCodeFor(options, differs),
      text: () => formatDiffs(diffs, typeof base === "string" ? base : `HEAD (${revision})`, context, options),
      data: () => ({
        against: revision,
        targets: diffs.map(({ target, comparison, note }) => ({
          environment: target.environment,
          note,
          ...comparison,
        })),
      }),
      problems,
    };
  });
}
