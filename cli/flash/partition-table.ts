import { UserError } from "../../generators/model/problem.js";
import { readImage } from "./image.js";

/** The first sector of a disk that has a PC's partition table; a GPT has one before it, so that old programs keep off. */
const SECTOR = 512;
const TABLE_AT = 446;
const ENTRY_BYTES = 16;
const SIGNATURE = 0xaa55;

/** A file system's own first sector ends in the same signature: there, these bytes are code, not four entries. */
function hasPartitions(sector: Buffer): boolean {
  if (sector.length < SECTOR || sector.readUInt16LE(SECTOR - 2) !== SIGNATURE) return false;
  const entries = [0, 1, 2, 3].map((index) => sector.subarray(TABLE_AT + index * ENTRY_BYTES).subarray(0, ENTRY_BYTES));
  const marks = entries.map((entry) => entry.readUInt8(0));
  const used = entries.filter((entry) => entry.readUInt8(4) !== 0);
  const lies = (entry: Buffer) => entry.readUInt32LE(8) > 0 && entry.readUInt32LE(12) > 0;
  return marks.every((mark) => mark === 0 || mark === 0x80) && used.length > 0 && used.every(lies);
}

async function readStart(file: string): Promise<Buffer> {
  let start = Buffer.alloc(0);
  for await (const part of readImage(file)) {
    start = Buffer.concat([start, part.subarray(0, SECTOR)]);
    if (start.length >= SECTOR) break;
  }
  return start.subarray(0, SECTOR);
}

/**
 * Makes sure that a file, unpacked where it is packed, is the image of a disk.
 * @throws UserError where it has no partition table, or cannot be read
 */
export async function requirePartitions(file: string): Promise<void> {
  if (hasPartitions(await readStart(file))) return;
  throw new UserError(
    `${file} is no image of a disk: it has no partition table, and nothing was written`,
    "meshflake image HOST builds one; a packed one is named .zst, .xz or .gz",
    1,
  );
}
