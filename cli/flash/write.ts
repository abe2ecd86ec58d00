import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../../generators/model/problem.js";
import { errorCode } from "../../generators/tree/paths.js";

/** Writing a disk, and reading back what arrived. */

/** What is written, hashed and compared at once. */
export const CHUNK = 4 * 1024 * 1024;

/** What was written: the hash of each chunk. */
export interface Written {
  readonly bytes: number;
  readonly hashes: readonly string[];
}

type OnProgress = (bytes: number) => void;

/**
 * Opens a disk for ourselves alone: the kernel refuses while anybody has mounted or claimed it, in whatever namespace.
 * @throws UserError where somebody has
 */
export async function openDisk(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_EXCL);
  } catch (error) {
    if (errorCode(error) !== "EBUSY") throw error;
    throw new UserError(`${path} is in use`, "unmount it everywhere (findmnt, lsblk), and end what uses it", 1);
  }
}

async function* cut(image: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  for await (const part of image) {
    for (let at = 0; at < part.length; ) {
      const taken = part.copy(chunk, filled, at);
      at += taken;
      filled += taken;
      if (filled < CHUNK) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

function hashOf(chunk: Uint8Array): string {
  return createHash("sha256").update(chunk).digest("hex");
}

async function writeAll(disk: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await disk.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

/** Writes an image from the disk's start, until it has arrived there. */
export async function writeDisk(
  disk: FileHandle,
  image: AsyncIterable<Buffer>,
  onProgress: OnProgress,
): Promise<Written> {
  const hashes: string[] = [];
  let bytes = 0;
  for await (const chunk of cut(image)) {
    hashes.push(hashOf(chunk));
    await writeAll(disk, chunk, bytes);
    bytes += chunk.length;
    // Otherwise memory takes gigabytes at once, and the last second takes minutes.
    if (hashes.length % 16 === 0) await disk.datasync();
    onProgress(bytes);
  }
  await disk.sync();
  return { bytes, hashes };
}

/**
 * Reads back what was written. The cache must be gone, or it would only tell what we meant to write.
 * @throws UserError where a byte differs
 */
export async function verifyDisk(disk: FileHandle, { bytes, hashes }: Written, onProgress: OnProgress): Promise<void> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (const [index, hash] of hashes.entries()) {
    const start = index * CHUNK;
    const length = Math.min(CHUNK, bytes - start);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await disk.read(chunk, filled, length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < length || hashOf(chunk.subarray(0, length)) !== hash) {
      throw new UserError(
        `the card does not give back what was written, between bytes ${start} and ${start + length}`,
        "it is worn out, or claims more room than it has: take another one",
        1,
      );
    }
    onProgress(start + length);
  }
}
