import { UserError } from "../../generators/model/problem.js";
import type { CommandResult } from "../context.js";

export async function run(): Promise<CommandResult> {
  throw new UserError("not here yet", undefined, 1);
}
