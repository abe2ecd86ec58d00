import { UserError } from "../../../generators/model/problem.js";
import type { CommandResult, Context } from "../../context.js";

export async function run(context: Context): Promise<CommandResult> {
  context.root();
  throw new UserError("not there yet");
}
