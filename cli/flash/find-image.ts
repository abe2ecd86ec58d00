import { resolve } from "node:path";
import type { Host } from "../../generators/model/fleet.js";
import type { CommandOptions, Context } from "../context.js";
import { buildImage, requireNix } from "../image/build.js";
import { hostImage } from "../image/names.js";
import { requireBuildable } from "../image/tracked.js";
import type { Target } from "../targets/targets.js";

/** Where the image comes from: a file that the person names, or a build. */
export interface ImageSource {
  /** @returns the file, absolute */
  readonly find: () => Promise<string>;
}

/**
 * Makes sure that the image can be had, before anything else is done.
 * @throws UserError where it would have to be built, and cannot be
 */
export async function chooseImage(
  context: Context,
  target: Target,
  host: Host,
  { image }: CommandOptions,
): Promise<ImageSource> {
  if (typeof image === "string") return { find: async () => resolve(context.cwd, image) };
  requireNix();
  const own = hostImage(target.plan.fleet, host);
  await requireBuildable(context.root(), target, own);
  return { find: async () => (await buildImage(context, own, "result")).file };
}
