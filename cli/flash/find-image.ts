import { resolve } from "node:path";
import type { Fleet, Host } from "../../generators/model/fleet.js";
import type { CommandOptions, Context } from "../context.js";
import { buildImage, requireNix } from "../image/build.js";
import { hostImage } from "../image/names.js";
import { requireTracked } from "../image/tracked.js";

/** Where the image comes from: a file that the person names, or a build. */
export interface ImageSource {
  /** @returns the file, absolute */
  readonly find: () => Promise<string>;
}

/**
 * Makes sure that the image can be had, before anything else is done.
 * @throws UserError where it would have to be built, and cannot be
 */
export function chooseImage(context: Context, fleet: Fleet, host: Host, { image }: CommandOptions): ImageSource {
  if (typeof image === "string") return { find: async () => resolve(context.cwd, image) };
  requireNix();
  const target = hostImage(fleet, host);
  requireTracked(context.root(), fleet, target);
  return { find: async () => (await buildImage(context, target, "result")).file };
}
