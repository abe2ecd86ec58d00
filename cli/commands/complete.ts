import { readNames } from "../completion/names.js";
import { completeWords } from "../completion/shell.js";
import type { CommandResult, Context } from "../context.js";

/** What a shell asks for on TAB; hidden from help. */
export async function run(context: Context, words: readonly string[]): Promise<CommandResult> {
  const text = completeWords(words, await readNames(context.cwd, words));
  return { exitCode: 0, text: () => text, data: () => ({ lines: text.split("\n") }), problems: [] };
}
