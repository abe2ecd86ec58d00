import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { buildImage, requireNix } from "../../image/build.js";
import { findImage } from "../../image/names.js";
import { requireBuildable } from "../../image/tracked.js";
import { compileTarget } from "../../targets/targets.js";

export async function run(
  context: Context,
  [name = ""]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { target, problems } = await compileTarget(context);
  const { fleet } = target.plan;
  const image = findImage(fleet, name, typeof options.arch === "string" ? options.arch : undefined);
  requireNix();
  await requireBuildable(context.root(), target, image);
  const built = await buildImage(context, image, typeof options.out === "string" ? options.out : "result");
  return { exitCode: 0, text: () => built.file, data: () => ({ ...image, ...built }), problems };
}
