import type { CommandResult, Context } from "../context.js";
import { drawMermaid } from "../graph/mermaid.js";
import { compileTarget } from "../targets/targets.js";

export async function run(context: Context): Promise<CommandResult> {
  const { target, problems } = await compileTarget(context);
  const text = drawMermaid(target.plan);
  const { name, environment } = target.plan.fleet;
  return {
    exitCode: 0,
    text: () => text,
    data: () => ({ fleet: name, environment, format: "mermaid", graph: text }),
    problems,
  };
}
