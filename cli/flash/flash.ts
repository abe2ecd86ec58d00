import { spawnSync } from "node:child_process";
import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../generators/model/problem.js";
import type { Progress } from "../terminal/progress.js";
import { type BlockDevice, inspectDevice, isDisk } from "./device.js";
import { readImage } from "./image.js";
import { refuseUsed } from "./in-use.js";
import { findRootPartition } from "./root-partition.js";
import { formatBytes } from "./sizes.js";
import { openDisk, verifyDisk, writeDisk } from "./write.js";

/** From an image file to a card that holds it. */

/** How many lines a log gets where there is no terminal. */
const STEPS = 20;

function reportBytes(progress: Progress, what: string, total: number): (bytes: number) => void {
  let shown = -1;
  return (bytes) => {
    const step = Math.floor((bytes / total) * STEPS);
    if (step === shown) return;
    shown = step;
    progress.step(`${what}: ${formatBytes(bytes)} of ${formatBytes(total)}`);
  };
}

function runQuietly(program: string, ...args: string[]): string | null {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? null : stderr.trim();
}

/**
 * Holds a disk for ourselves alone: the one that was looked at, and no other that has come to the same path.
 * @param use gets a check that it still is that disk with the same card in it, for after a person was asked
 * @throws UserError where somebody uses it, or it is another one
 */
export async function holdDisk<Result>(
  device: BlockDevice,
  use: (disk: FileHandle, requireSame: () => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const disk = await openDisk(device.path);
  const requireSame = async () => {
    const now = inspectDevice(device.path);
    const same =
      isDisk(await disk.stat(), device) &&
      isDisk(await disk.stat(), now) &&
      [now.bytes, now.serial, now.model].join("\n") === [device.bytes, device.serial, device.model].join("\n");
    if (same) return refuseUsed(now);
    throw new UserError(`${device.path} is another disk by now, and nothing was written`, "look at it again", 1);
  };
  try {
    await requireSame();
    return await use(disk, requireSame);
  } finally {
    await disk.close();
  }
}

/**
 * Writes the image and reads every byte of it back from the disk.
 * @param disk open for us alone
 * @param total the image's size
 * @throws UserError where it does not give back what was written
 */
export async function writeVerified(
  disk: FileHandle,
  device: BlockDevice,
  image: string,
  total: number,
  progress: Progress,
): Promise<void> {
  const written = await writeDisk(disk, readImage(image), reportBytes(progress, "writing", total));
  if (written.bytes !== total) throw new UserError(`${image} changed while it was read`, "run it again", 1);
  const fault = runQuietly("blockdev", "--flushbufs", device.path);
  if (fault !== null) throw new UserError(`the cache of ${device.path} cannot be dropped: ${fault}`, undefined, 1);
  await verifyDisk(disk, written, reportBytes(progress, "reading back", total));
}

/** udev looks at the new disk as well, which makes it busy for moments. */
const TRIES = 50;
const PAUSE_MS = 100;

/**
 * Makes the kernel read the new partition table.
 * @returns the root's partition
 * @throws UserError where the kernel does not, or there is no root
 */
export async function findRoot(device: BlockDevice): Promise<string> {
  let fault: string | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    // The kernel forgets the old partitions; partx tells it the new ones, where it cannot read such a table itself.
    fault = runQuietly("blockdev", "--rereadpt", device.path) ?? runQuietly("partx", "--update", device.path);
    if (fault === null && inspectDevice(device.path).parts.length > 1) return findRootPartition(device.path);
    await sleep(PAUSE_MS);
  }
  const why = fault === null ? "the image has no partitions" : fault;
  throw new UserError(
    `${device.path} shows no partitions after writing: ${why}`,
    "plug it in again, and write it again",
    1,
  );
}
