import { spawn } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError } from "../../generators/model/problem.js";

/** An image file, as a stream of what belongs on the disk. */

/** Programs that unpack to stdout; Node 20 has no zstd and no xz. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  ".zst": ["zstd", "--decompress", "--stdout", "--quiet", "--long=31", "--"],
  ".xz": ["xz", "--decompress", "--stdout", "--quiet", "--"],
};

function endingOf(file: string): string {
  return /\.[^./]+$/.exec(file)?.[0] ?? "";
}

/** Whether only unpacking tells how large it is. */
export function isPacked(file: string): boolean {
  return endingOf(file) in PROGRAMS || endingOf(file) === ".gz";
}

async function* unpack([program = "", ...args]: readonly string[], file: string): AsyncGenerator<Buffer> {
  const child = spawn(program, [...args, file], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = new Promise<Error | number | null>((resolve) => {
    child.on("error", resolve);
    child.on("close", resolve);
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const end = await ended;
    if (end === 0) return;
    if (end instanceof Error && (end as NodeJS.ErrnoException).code === "ENOENT") {
      throw new UserError(`${program} is not installed, and ${file} is packed with it`, `install ${program}`, 1);
    }
    if (end instanceof Error) throw end;
    const reason = said.trim().split("\n").at(-1);
    throw new UserError(`${file} cannot be unpacked${reason ? `: ${reason}` : ""}`, "build or copy it again", 1);
  } finally {
    child.kill();
  }
}

async function* gunzip(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const unpacked: Readable = source.pipe(createGunzip());
  source.on("error", (error) => unpacked.destroy(error));
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new UserError(`${file} cannot be unpacked`, "build or copy it again", 1, { cause });
  } finally {
    source.destroy();
  }
}

/** The image's bytes. @throws UserError where it cannot be unpacked, or is no plain file */
export function readImage(file: string): AsyncIterable<Buffer> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${file} does not exist`, "meshflake image HOST builds one", 1);
  if (!stats.isFile()) throw new UserError(`${file} is no file`, "name the image itself", 1);
  if (stats.size === 0) throw new UserError(`${file} is empty`, "build or copy it again", 1);
  const program = PROGRAMS[endingOf(file)];
  if (program !== undefined) return unpack(program, file);
  return endingOf(file) === ".gz" ? gunzip(file) : createReadStream(file, { highWaterMark: 1024 * 1024 });
}

/** How many bytes go onto the disk; a packed image is read to its end, so that a damaged one is found before writing. */
export async function measureImage(file: string): Promise<number> {
  const image = readImage(file);
  if (!isPacked(file)) return statSync(file).size;
  let bytes = 0;
  for await (const { length } of image) bytes += length;
  return bytes;
}
