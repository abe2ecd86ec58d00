import { printScript } from "../completion/shell.js";
import type { CommandResult, Context } from "../context.js";

export async function run(_context: Context, [shell = ""]: readonly string[]): Promise<CommandResult> {
  const text = printScript(shell);
  return { exitCode: 0, text: () => text, data: () => ({ shell, script: text }), problems: [] };
}
