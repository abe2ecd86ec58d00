import { resolve } from "node:path";
import type { Host } from "../../../generators/model/fleet.js";
import { UserError } from "../../../generators/model/problem.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { type BlockDevice, inspectDevice } from "../../flash/device.js";
import { chooseImage } from "../../flash/find-image.js";
import { findRoot, holdDisk, writeVerified } from "../../flash/flash.js";
import { measureImage } from "../../flash/image.js";
import { refuseUsed } from "../../flash/in-use.js";
import { requirePartitions } from "../../flash/partition-table.js";
import { putIdentity } from "../../flash/put-identity.js";
import { formatBytes } from "../../flash/sizes.js";
import { readIdentity } from "../../identity/read.js";
import { requireHost } from "../../machines/hosts.js";
import { requirePrograms } from "../../machines/programs.js";
import { openSecrets } from "../../secrets/session.js";
import { confirm } from "../../terminal/ask.js";

const UTIL_LINUX = "install util-linux";

/** What can be known before anything is built or written. */
function checkPlace({ name, platform, disks, file }: Host, options: CommandOptions): void {
  if (platform !== "raspberryPi") {
    throw new UserError(
      `${name} is no Raspberry Pi (${file}): only those start from a card that is written like this`,
      `meshflake image ${name} builds its image, meshflake install ${name} installs it over SSH`,
    );
  }
  if (disks !== null) {
    throw new UserError(
      `${name} has disks of its own (${file}), and no card`,
      `meshflake install ${name} installs it over SSH`,
    );
  }
  if (process.platform !== "linux") {
    throw new UserError(
      "flash works on Linux alone",
      `write the image with a program of your system, mount its partition NIXOS_SD, and: meshflake identity ${name} --to FOLDER`,
      1,
    );
  }
  if (process.getuid?.() !== 0) {
    const image = typeof options.image === "string" ? options.image : `"$(meshflake image ${name})"`;
    throw new UserError(
      "writing a disk needs root",
      `sudo meshflake flash ${name} DEVICE --image ${image} --identity FILE`,
      1,
    );
  }
  requirePrograms({
    blockdev: UTIL_LINUX,
    partx: UTIL_LINUX,
    mount: UTIL_LINUX,
    umount: UTIL_LINUX,
    unshare: UTIL_LINUX,
  });
}

function describeDisk({ path, name, model, serial, bytes, parts }: BlockDevice): string {
  const what = [model === "" ? "no model" : model, ...(serial === "" ? [] : [`serial ${serial}`])];
  const partitions =
    parts.length === 1
      ? "no partitions"
      : parts
          .slice(1)
          .map((part) => part.name)
          .join(", ");
  const real = path === `/dev/${name}` ? path : `${path} (${name})`;
  return `${real}: ${what.join(", ")}, ${formatBytes(bytes)}, ${partitions}`;
}

function requireRoom(disk: BlockDevice, image: string, bytes: number): void {
  if (bytes <= disk.bytes) return;
  throw new UserError(
    `${disk.path} is too small: it has ${formatBytes(disk.bytes)}, and ${image} takes ${formatBytes(bytes)}`,
    "take a larger card",
    1,
  );
}

async function ask(host: string, disk: BlockDevice, bytes: number): Promise<void> {
  const question = `${describeDisk(disk)}\nErase it, and write ${host}'s card (${formatBytes(bytes)})?`;
  if (await confirm(question, "give --yes, if the device is the right one")) return;
  throw new UserError("nothing was written", undefined, 1);
}

export async function run(
  context: Context,
  [name, device = ""]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { progress, cwd } = context;
  const secrets = await openSecrets(context);
  const host = requireHost(secrets.fleet.hosts, name);
  checkPlace(host, options);
  const path = resolve(cwd, device);
  refuseUsed(inspectDevice(path));
  const source = await chooseImage(context, secrets.target, host, options);
  const identity = await readIdentity(context, secrets, host.name, options);
  const image = await source.find();
  progress.step("reading the image");
  await requirePartitions(image);
  const bytes = await measureImage(image);
  progress.clear();
  // Building takes a while: the card may have been mounted meanwhile, or be another one.
  const disk = inspectDevice(path);
  refuseUsed(disk);
  requireRoom(disk, image, bytes);
  await holdDisk(disk, async (open, requireSame) => {
    if (options.yes !== true) {
      await ask(host.name, disk, bytes);
      await requireSame();
    }
    await writeVerified(open, disk, image, bytes, progress);
  });
  progress.step("putting the identity on it");
  await putIdentity(await findRoot(disk), identity);
  progress.clear();
  return {
    exitCode: 0,
    text: () => `${path} is ${host.name}'s card: ${formatBytes(bytes)} written and read back, with its identity`,
    data: () => ({ host: host.name, device: path, model: disk.model, serial: disk.serial, image, bytes }),
    problems: secrets.problems,
  };
}
