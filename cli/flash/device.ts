import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { errorCode } from "../../generators/tree/paths.js";

/** A disk, as the kernel tells it in sysfs. */
export interface BlockDevice {
  /** What the person named. */
  readonly path: string;
  /** The kernel's name, e.g. `sdb`. */
  readonly name: string;
  readonly bytes: number;
  readonly readOnly: boolean;
  /** What its maker calls it; empty where it does not say. */
  readonly model: string;
  readonly serial: string;
  /** The disk itself and its partitions. */
  readonly parts: readonly DevicePart[];
}

export interface DevicePart {
  /** The kernel's name, e.g. `sdb1`. */
  readonly name: string;
  /** `8:17`, as in mountinfo. */
  readonly number: string;
  /** Devices that are made of it: LVM, RAID, encryption. */
  readonly holders: readonly string[];
}

/** sysfs counts in sectors of 512 bytes, whatever the device's are. */
const SECTOR = 512;

function readFact(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), "utf8").trim();
  } catch {
    return "";
  }
}

function listNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function readPart(folder: string, name: string): DevicePart {
  return { name, number: readFact(folder, "dev"), holders: listNames(join(folder, "holders")) };
}

/** `major:minor` of a device's number; the layout of glibc's and the kernel's 64-bit `dev_t`. */
function formatNumber(rdev: number): string {
  const wide = BigInt(rdev);
  const major = ((wide >> 8n) & 0xfffn) | ((wide >> 32n) & ~0xfffn);
  const minor = (wide & 0xffn) | ((wide >> 12n) & ~0xffn);
  return `${major}:${minor & 0xffffffffn}`;
}

/** Whether an open file is this disk. */
export function isDisk({ rdev }: { readonly rdev: number }, { parts }: BlockDevice): boolean {
  return formatNumber(rdev) === parts[0]?.number;
}

/** The number of a device file. @returns null where it is none */
export function deviceNumber(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isBlockDevice() === true ? formatNumber(stats.rdev) : null;
}

function requireNumber(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${path} does not exist`, "lsblk lists what is plugged in", 1);
  if (!stats.isBlockDevice()) {
    const what = stats.isDirectory() ? "a folder" : stats.isFile() ? "a file" : "something else";
    throw new UserError(`${path} is no disk, but ${what}`, "lsblk lists disks, e.g. /dev/sdb or /dev/mmcblk0", 1);
  }
  return formatNumber(stats.rdev);
}

/**
 * Looks at a disk.
 * @throws UserError where there is none, or where it is a part of one
 */
export function inspectDevice(path: string): BlockDevice {
  const number = requireNumber(path);
  let folder: string;
  try {
    folder = realpathSync(`/sys/dev/block/${number}`);
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw new UserError(`the kernel does not know ${path}`, "plug it in again", 1);
    throw error;
  }
  if (existsSync(join(folder, "partition"))) {
    const disk = folder.split("/").at(-2) ?? "";
    throw new UserError(`${path} is a partition`, `name the whole disk: /dev/${disk}`, 1);
  }
  const name = folder.split("/").at(-1) ?? "";
  const partitions = listNames(folder).filter((one) => existsSync(join(folder, one, "partition")));
  return {
    path,
    name,
    bytes: Number(readFact(folder, "size")) * SECTOR,
    readOnly: readFact(folder, "ro") === "1",
    // A card says its name, other disks their model; a loop device has the file behind it.
    model: [readFact(folder, "device/vendor"), readFact(folder, "device/model") || readFact(folder, "device/name")]
      .concat(readFact(folder, "loop/backing_file"))
      .filter((text) => text !== "")
      .join(" "),
    serial: readFact(folder, "device/serial"),
    parts: [readPart(folder, name), ...partitions.map((one) => readPart(join(folder, one), one))],
  };
}
