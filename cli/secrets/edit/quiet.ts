import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { findProgram } from "../../../generators/machine/programs.js";

/** Vim keeps what was on the screen in files of its own, in folders that a vimrc names: it is told not to. */

type Family = "vim" | "nvim";

/** Without swap and history files, whatever vimrc says: `-c` runs after it, and before the first write. */
const QUIET: Readonly<Record<Family, readonly string[]>> = {
  vim: quietWith("viminfo"),
  nvim: quietWith("shada"),
};

function quietWith(history: string): readonly string[] {
  return ["-n", "-i", "NONE", "-c", `set noswapfile noundofile nobackup nowritebackup ${history}=`];
}

/** `vi`, `view`, `vim.basic`, `gvim`, `rvim`, `nvim`, `ex`: names of vim, and some of them of other editors as well. */
const NAME = /^(?:r?g?|n|m|e)(?:vimx?|vi|view|ex)(?![a-z])/;
/** An editor that does not know `--version` could wait for a person. */
const PATIENCE_MS = 5000;

/**
 * Arguments that keep an editor from leaving a copy of the value; they come before a person's own.
 * @param program a name that the search path finds, or a path
 * @returns none where it is no vim: other editors called `vi` end at arguments that they do not know
 */
export function quietArguments(program: string): readonly string[] {
  const path = program.includes("/") ? program : findProgram(program);
  if (path === null || !(NAME.test(basename(path)) || NAME.test(realName(path)))) return [];
  const family = askFamily(path);
  return family === null ? [] : QUIET[family];
}

/** Of what links such as Debian's alternatives lead to. */
function realName(path: string): string {
  try {
    return basename(realpathSync(path));
  } catch {
    return "";
  }
}

/** Where `vi` is a script or a copy, its path tells nothing: the program itself does. */
function askFamily(path: string): Family | null {
  const { stdout } = spawnSync(path, ["--version"], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PATIENCE_MS,
    encoding: "utf8",
  });
  if (/^NVIM v/m.test(stdout ?? "")) return "nvim";
  return /^VIM - Vi IMproved/m.test(stdout ?? "") ? "vim" : null;
}
