import { listEnvironments } from "../../generators/load/files.js";
import { FleetError, isFatal, UserError } from "../../generators/model/problem.js";
import { settleSecrets } from "../../generators/secrets/disk/stage.js";
import { whileAlone } from "../../generators/tree/alone.js";
import { commitStages, type Stage, stageChanges } from "../../generators/tree/apply.js";
import { type Change, diffTree } from "../../generators/tree/diff.js";
import { describeChanges, summarizeChanges } from "../changes.js";
import type { CommandOptions, CommandResult, Context, ExitCode } from "../context.js";
import { type Generation, isPending, prepareGeneration } from "../generate/generation.js";
import { describeDebts, describeSecretWork, listKeyedHosts, toSecretData } from "../generate/secrets.js";
import { stagesOf } from "../generate/stages.js";
import { compileTargets, describeTarget } from "../targets/targets.js";
import { findOrphanTrees, removeEmptyTree, treeOf } from "../targets/trees.js";
import { count } from "../terminal/words.js";

/** The tree of an environment whose file is gone. */
interface OrphanTree {
  readonly environment: string;
  readonly changes: readonly Change[];
}

async function findOrphans(context: Context): Promise<OrphanTree[]> {
  if (context.options.env !== undefined) return [];
  const root = context.root();
  const orphans = findOrphanTrees(root, listEnvironments(root));
  return Promise.all(
    orphans.map(async (environment) => ({ environment, changes: await diffTree(root, [], treeOf(environment)) })),
  );
}

function stageGeneration(root: string, generation: Generation, force: boolean): (() => Promise<Stage>)[] {
  const { target, tree, work, made, lockChanges, treeChanges } = generation;
  const { environment, lockFile } = target;
  const writes = { environment, lockFile, lockChanges, removed: work.removed, files: made?.files ?? [] };
  return stagesOf(root, writes, () => stageChanges(root, treeChanges, { ...tree, force }));
}

async function write(
  context: Context,
  generations: readonly Generation[],
  orphans: readonly OrphanTree[],
  force: boolean,
) {
  const root = context.root();
  for (const { secrets } of generations) settleSecrets(root, secrets);
  await commitStages([
    ...generations.flatMap((generation) => stageGeneration(root, generation, force)),
    ...orphans.map(
      ({ environment, changes }) =>
        () =>
          stageChanges(root, changes, { ...treeOf(environment), force }),
    ),
  ]);
  for (const { environment } of orphans) removeEmptyTree(root, environment);
}

/** What a run mends is no news to it, and nothing to stop for. */
const MENDED = new Set(["lock-gone", "lock-merged"]);

/** What a run does beside files that people read. */
function describeUpkeep({ changes, tree, secrets }: Generation, done: boolean): string[] {
  const { finish, discard } = secrets;
  const left = count(finish.length + discard.length, "file");
  return [
    ...(changes.length > 0 ? [`only the manifest ${tree.manifestPath} ${done ? "was" : "would be"} rewritten`] : []),
    ...(finish.length + discard.length > 0
      ? [`${left} that a stopped run left behind ${done ? "settled" : "to settle"}`]
      : []),
  ];
}

function describe(generation: Generation, context: Context, done: boolean): string {
  const { bold, green } = context.colors;
  const name = bold(describeTarget(generation.target));
  const debts = describeDebts(generation.plan);
  if (!isPending(generation)) return [`${green("✓")} ${name}: everything is up to date`, ...debts].join("\n");
  const { changes } = generation;
  const merged = changes.filter((change) => change.merged).length;
  const settled = merged === 0 ? [] : [`${count(merged, "file")} that git merged ${done ? "settled" : "to settle"}`];
  const what = [...summarizeChanges(changes, done), ...settled, ...describeSecretWork(generation, done)];
  return [
    `${done ? `${green("✓")} ` : ""}${name}: ${(what.length > 0 ? what : describeUpkeep(generation, done)).join(", ")}`,
    ...describeChanges(changes, context.colors),
    ...debts,
  ].join("\n");
}

function toData(generation: Generation): Record<string, unknown> {
  const { target, work, changes } = generation;
  return {
    environment: target.environment,
    pending: isPending(generation),
    keys: listKeyedHosts(work),
    ...toSecretData(generation),
    changes: changes.filter(({ manifest }) => !manifest).map(({ kind, path }) => ({ kind, path })),
  };
}

/** What the real run would exit with, had it to stop: `--dry-run` says it too. */
function exitCodeOf(options: CommandOptions, generations: readonly Generation[], pending: boolean): ExitCode {
  if (options.check === true) return pending ? 3 : 0;
  const conflicts = generations.some(({ changes }) => changes.some(({ kind }) => kind === "conflict"));
  return options.dryRun === true && options.force !== true && conflicts ? 1 : 0;
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const dry = options.check === true || options.dryRun === true;
  // From reading the lock to the last write: another run's keys would end up beside this run's lock.
  return dry ? generate(context, options, true) : whileAlone(context.root(), () => generate(context, options, false));
}

async function generate(context: Context, options: CommandOptions, dry: boolean): Promise<CommandResult> {
  if (options.check === true && options.force === true) throw new UserError("--check and --force exclude each other");
  const { targets, problems } = await compileTargets(context, true, dry ? undefined : MENDED);
  const orphans = await findOrphans(context);
  const generations: Generation[] = [];
  for (const target of targets) {
    context.progress.step(`rendering ${describeTarget(target)}`);
    generations.push(await prepareGeneration(context.root(), target, options.check !== true));
  }
  const strays = generations.flatMap((generation) => generation.problems);
  if (isFatal(strays, context.options.strict)) throw new FleetError([...problems, ...strays]);
  const pending = orphans.length > 0 || generations.some(isPending);
  if (!dry) {
    if (pending) context.progress.step("writing");
    await write(context, generations, orphans, options.force === true);
  }
  context.progress.clear();
  const gone = orphans.map(
    ({ environment }) =>
      `environment ${environment} is gone: modules/environments/${environment} ${dry ? "would be" : "was"} removed`,
  );
  return {
    exitCode: exitCodeOf(options, generations, pending),
    text: () => [...generations.map((generation) => describe(generation, context, !dry)), ...gone].join("\n"),
    data: () => ({
      written: !dry && pending,
      pending,
      trees: generations.map(toData),
      removedEnvironments: orphans.map(({ environment }) => environment),
    }),
    problems: [...problems, ...strays],
  };
}
