import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "../../generators/model/problem.js";
import { inspectDevice } from "./device.js";

/** The label that nixpkgs' SD card image gives to its root file system. */
export const ROOT_LABEL = "NIXOS_SD";

/** ext4's superblock lies at byte 1,024; magic number and label at these places in it (Linux, fs/ext4/ext4.h). */
const SUPERBLOCK = 1024;
const MAGIC_AT = 0x38;
const MAGIC = 0xef53;
const LABEL_AT = 0x78;
const LABEL_BYTES = 16;

/** The label of an ext4 file system. @returns null where there is none */
export function readLabel(path: string): string | null {
  const block = Buffer.alloc(LABEL_AT + LABEL_BYTES);
  const fd = openSync(path, "r");
  try {
    readSync(fd, block, 0, block.length, SUPERBLOCK);
  } finally {
    closeSync(fd);
  }
  if (block.readUInt16LE(MAGIC_AT) !== MAGIC) return null;
  return block.toString("latin1", LABEL_AT).split("\0")[0] ?? "";
}

/**
 * The partition that a card's system starts from. The kernel must have read the new partition table.
 * @throws UserError where there is none
 */
export function findRootPartition(device: string): string {
  const parts = inspectDevice(device)
    .parts.slice(1)
    .map(({ name }) => `/dev/${name}`);
  const found = parts.find((path) => readLabel(path) === ROOT_LABEL);
  if (found !== undefined) return found;
  throw new UserError(
    `the image has no ext4 partition with the label ${ROOT_LABEL}`,
    "is it a Raspberry Pi's image? meshflake image HOST builds it",
    1,
  );
}
