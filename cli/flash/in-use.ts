import { readFileSync } from "node:fs";
import { UserError } from "../../generators/model/problem.js";
import { errorCode } from "../../generators/tree/paths.js";
import { type BlockDevice, deviceNumber } from "./device.js";

/** Whether a disk may be overwritten. */

/** Where the machine that we are on would be lost. */
const SYSTEM: ReadonlySet<string> = new Set([
  "/",
  "/boot",
  "/boot/efi",
  "/boot/firmware",
  "/nix",
  "/nix/store",
  "/usr",
  "/var",
  "/home",
]);

interface Mount {
  readonly number: string;
  readonly point: string;
  readonly source: string;
}

/** Blanks and such are octal in these files. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** proc(5): number, parent, device, root, mount point, options, optional fields, a dash, type, source. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , number, , point] = before.split(" ");
    const source = after.split(" ")[1];
    if (number === undefined || point === undefined || source === undefined) return [];
    return [{ number, point: unescapeOctal(point), source: unescapeOctal(source) }];
  });
}

function readLines(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

/** File systems of several disks have a number of their own; their source is one of the disks. */
function listMountPoints(device: BlockDevice): string[] {
  const numbers = new Set(device.parts.map(({ number }) => number));
  const isOn = ({ number, source }: Mount) =>
    numbers.has(number) || (source.startsWith("/dev/") && numbers.has(deviceNumber(source) ?? ""));
  return parseMounts(readLines("/proc/self/mountinfo"))
    .filter(isOn)
    .map(({ point }) => point);
}

function listSwaps(device: BlockDevice): string[] {
  const numbers = new Set(device.parts.map(({ number }) => number));
  const paths = readLines("/proc/swaps")
    .split("\n")
    .slice(1)
    .map((line) => unescapeOctal(line.split(/\s/)[0] ?? ""));
  return paths.filter((path) => path.startsWith("/") && numbers.has(deviceNumber(path) ?? ""));
}

/**
 * Refuses a disk that is in use. What other mount namespaces do is not seen here: opening it exclusively tells.
 * @throws UserError with what uses it
 */
export function refuseUsed(device: BlockDevice): void {
  const { path, parts } = device;
  if (device.readOnly) {
    throw new UserError(`${path} is read-only`, "slide the card's lock back, or take another reader", 1);
  }
  const points = listMountPoints(device);
  const system = points.find((point) => SYSTEM.has(point));
  if (system !== undefined) {
    throw new UserError(`${path} holds ${system} of this machine`, "name the card: lsblk lists the disks", 1);
  }
  const [point] = points;
  if (point !== undefined) throw new UserError(`${path} is mounted at ${point}`, `umount ${point}`, 1);
  const [swap] = listSwaps(device);
  if (swap !== undefined) throw new UserError(`${path} is used for swap (${swap})`, `swapoff ${swap}`, 1);
  const held = parts.find(({ holders }) => holders.length > 0);
  if (held !== undefined) {
    throw new UserError(
      `/dev/${held.name} is a part of ${held.holders.join(" and ")}: LVM, RAID or encryption`,
      "is it the right disk? Take that apart first, if it is",
      1,
    );
  }
}
