import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../generators/model/problem.js";
import type { Context } from "../../context.js";
import { withPrivateFolder } from "../../private-folder/private-folder.js";
import { runForeground } from "../../process/foreground.js";
import { quietArguments } from "./quiet.js";

/**
 * Lets a person edit a value in `$VISUAL` or `$EDITOR`.
 * @param name what the editor shows as the file's name
 * @throws UserError where the editor fails
 */
export async function editValue(context: Context, name: string, value: Buffer): Promise<Buffer> {
  return withPrivateFolder(context.progress, "edit", async (folder) => {
    const file = join(folder, name);
    writeFileSync(file, value, { mode: 0o600, flag: "wx" });
    context.progress.clear();
    const [program, args] = editorOf(file);
    const stdout = context.options.json === true ? "stderr" : "inherit";
    const status = await runForeground(program, args, { install: "set EDITOR to one that is", stdout });
    if (status === 0) return readFileSync(file);
    throw new UserError(`the editor ended with status ${status}, and nothing was written`, undefined, 1);
  });
}

/** The variable may hold arguments (`code --wait`), or anything that a shell understands. */
function editorOf(file: string): [program: string, args: readonly string[]] {
  const { VISUAL, EDITOR } = process.env;
  const editor = VISUAL?.trim() || EDITOR?.trim() || "vi";
  if (!/^[\w@%+:,./~ -]+$/.test(editor) || editor.includes("~")) return ["sh", ["-c", `${editor} "$@"`, editor, file]];
  const [program = "vi", ...args] = editor.split(/ +/);
  return [program, [...quietArguments(program), ...args, file]];
}
