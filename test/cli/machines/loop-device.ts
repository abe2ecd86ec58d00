import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../process.js";

/** Disks and images for tests that write them: real loop devices, real file systems. */

const MIB = 1024 * 1024;
const SECTOR = 512;

const devices: string[] = [];
process.on("exit", () => {
  for (const device of devices) spawnSync("losetup", ["--detach", device]);
});

/** Why disks cannot be tried here; null where they can. */
export function whyNoDisks(): string | null {
  if (process.getuid?.() !== 0) return "only root may attach loop devices";
  if (!existsSync("/dev/loop-control")) return "this machine has no loop devices";
  const missing = ["losetup", "mkfs.ext4", "blockdev", "unshare", "zstd"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  return missing.length === 0 ? null : `not installed: ${missing.join(", ")}`;
}

/** A disk of zeros. @param options of losetup */
export function attachDisk(mib: number, ...options: string[]): { readonly device: string; readonly file: string } {
  const file = join(makeFolder(), "disk");
  writeFileSync(file, "");
  truncateSync(file, mib * MIB);
  const args = ["--find", "--show", "--partscan", ...options, file];
  const device = execFileSync("losetup", args).toString().trim();
  devices.push(device);
  return { device, file };
}

/** An entry of a PC's partition table; addresses by cylinder are long out of use. */
function entryOf(type: number, startMib: number, mib: number): Buffer {
  const entry = Buffer.alloc(16);
  entry[4] = type;
  entry.writeUInt32LE((startMib * MIB) / SECTOR, 8);
  entry.writeUInt32LE((mib * MIB) / SECTOR, 12);
  return entry;
}

/** Like nixpkgs' SD card image: a table, a partition for the firmware, an ext4 root; 64 MiB, with noise in it. */
export function makeImage(label: string): string {
  const file = join(makeFolder(), "card.img");
  writeFileSync(file, Buffer.alloc(64 * MIB, "some noise between partitions "));
  const table = Buffer.concat([
    entryOf(0x0b, 1, 8),
    entryOf(0x83, 16, 40),
    Buffer.alloc(32),
    Buffer.from([0x55, 0xaa]),
  ]);
  const fd = openSync(file, "r+");
  writeSync(fd, table, 0, table.length, 446);
  closeSync(fd);
  const options = ["-q", "-F", "-L", label, "-E", `offset=${16 * MIB}`, file, `${40 * 1024}k`];
  execFileSync("mkfs.ext4", options, { stdio: "pipe" });
  return file;
}
