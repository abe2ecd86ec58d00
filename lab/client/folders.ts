import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";

/** Where running labs have their folders, and what is in one. */

/** unix(7): `sun_path` has 108 bytes, the last of which is zero. */
const MOST_SOCKET_BYTES = 107;

/** Names of files in a lab's folder. */
export const LAB_FILES = {
  record: "record.json",
  /** Whoever starts the lab, until there is a record. */
  starter: "starter.json",
  order: "order.json",
  socket: "control.sock",
  /** What the supervisor prints. */
  log: "lab.log",
} as const;

function userId(): number {
  return process.getuid?.() ?? 0;
}

function isOwn(stats: Stats | undefined): boolean {
  return stats?.isDirectory() === true && stats.uid === userId();
}

/** A folder that somebody else could have made, or can look into, is not for tokens. */
function requirePrivate(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || (isOwn(stats) && (stats.mode & 0o077) === 0)) return;
  throw new UserError(
    `${folder} is not a folder that only you can use`,
    "look at it (ls -ld), and remove it if it is not yours; or set XDG_RUNTIME_DIR to a private folder",
    1,
  );
}

/**
 * The folder of this person's labs, which is there while one runs: below `$XDG_RUNTIME_DIR` where that is a folder of theirs, else in /tmp.
 * @throws UserError where somebody else got there first
 */
export function labsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_RUNTIME_DIR: runtime = "" } = env;
  const inRuntime = runtime.startsWith("/") && isOwn(statSync(runtime, { throwIfNoEntry: false }));
  const folder = inRuntime ? join(runtime, "meshflake-labs") : `/tmp/meshflake-labs-${userId()}`;
  requirePrivate(folder);
  return folder;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a lab can be called so: as a DNS label. */
export function isLabName(name: string): boolean {
  return NAME.test(name);
}

/**
 * The folder of a lab, which need not exist.
 * @throws UserError where the name is no label, or too long for its socket's path
 */
export function labFolder(name: string, env?: NodeJS.ProcessEnv): string {
  if (!isLabName(name)) {
    const hint = "use lower-case letters, digits and hyphens, at most 63, with a letter or digit at both ends";
    throw new UserError(`\`${name}\` cannot be the name of a lab`, hint);
  }
  const folder = join(labsFolder(env), name);
  const over = Buffer.byteLength(join(folder, LAB_FILES.socket)) - MOST_SOCKET_BYTES;
  if (over > 0) {
    const hint = `--name NAME gives the lab one that is shorter by ${over} or more`;
    throw new UserError(`the name ${name} is too long: the path of the lab's socket would not fit`, hint);
  }
  return folder;
}
