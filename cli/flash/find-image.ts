import { resolve } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import type { CommandOptions, Context } from "../context.js";

/** The image to write: what the person names, else the host's own, built now. */
export async function findImage(context: Context, host: string, { image }: CommandOptions): Promise<string> {
  if (typeof image === "string") return resolve(context.cwd, image);
  throw new UserError("no image was named", `meshflake image ${host} builds it; then give --image FILE`);
}
