import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../model/problem.js";

const REMOVE = "remove the link: meshflake writes this file, and never through one";

/** Not through a link, and not waiting for a writer where somebody put a pipe. */
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads a plain file of the repository; null where there is none. */
export function readText(root: string, path: string): string | null {
  let fd: number;
  try {
    fd = openSync(join(root, path), READ_PLAIN);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "ELOOP" || code === "EMLINK") throw new UserError(`${path} is a symbolic link`, REMOVE, 1);
    throw error;
  }
  try {
    if (fstatSync(fd).isDirectory())
      throw new UserError(`cannot read ${path}: it is a folder, where a file belongs`, undefined, 1);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
