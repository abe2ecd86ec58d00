import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inspectDevice } from "../../../cli/flash/device.js";
import { holdDisk } from "../../../cli/flash/flash.js";
import { readImage } from "../../../cli/flash/image.js";
import { parseMounts } from "../../../cli/flash/in-use.js";
import { requirePartitions } from "../../../cli/flash/partition-table.js";
import { formatBytes } from "../../../cli/flash/sizes.js";
import { CHUNK, openDisk, verifyDisk, writeDisk } from "../../../cli/flash/write.js";
import { makeFolder } from "../process.js";
import { makeMachineFleet } from "./fleet.js";
import { attachDisk, makeImage, whyNoDisks } from "./loop-device.js";

const flash = suite("cli: flash");

/** Whether disks can be tried; says so where not. */
function hasDisks(): boolean {
  const why = whyNoDisks();
  if (why !== null) console.log(`not tried: ${why}`);
  return why === null;
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { stdio: "pipe" }).toString();
}

flash("a card gets the image, byte by byte, and the identity where agenix looks for it", async () => {
  if (!hasDisks()) return;
  const fleet = await makeMachineFleet();
  const image = makeImage("NIXOS_SD");
  run("zstd", "-q", image);
  const { device, file } = attachDisk(96);
  const shown = await fleet.run("secrets", "show", "bianco/identity", "-i", fleet.admin);
  for (const source of [image, `${image}.zst`]) {
    const { code, stdout, stderr } = await fleet.run(
      ...["flash", "bianco", device, "--image", source, "--yes", "-i", fleet.admin],
    );
    assert.is(code, 0, stderr);
    assert.match(stdout, `${device} is bianco's card: 64.0 MiB written and read back, with its identity`);
    assert.not.match(stdout + stderr, "AGE-SECRET-KEY");
    const [before, after] = [readFileSync(image), readFileSync(file)];
    // The root file system has changed since; all else is the image, and what lies behind it is as it was.
    const root = [16, 56].map((mib) => mib * 1024 * 1024) as [number, number];
    assert.ok(before.subarray(0, root[0]).equals(after.subarray(0, root[0])));
    assert.ok(before.subarray(root[1]).equals(after.subarray(root[1], before.length)));
    assert.ok(after.subarray(before.length).every((byte) => byte === 0));
    const folder = makeFolder();
    run("mount", "-o", "ro", `${device}p2`, folder);
    try {
      const entries = run("find", `${folder}/etc`, "-printf", "%P %m %u:%g\\n").trim().split("\n").sort();
      assert.equal(entries, ["755 root:root", "meshflake 700 root:root", "meshflake/identity 600 root:root"]);
      assert.is(readFileSync(join(folder, "etc/meshflake/identity"), "utf8"), shown.stdout.trim().concat("\n"));
    } finally {
      run("umount", folder);
    }
  }
});

flash("a disk that is in use, too small or no disk is refused, and stays as it is", async () => {
  if (!hasDisks()) return;
  const fleet = await makeMachineFleet();
  const image = makeImage("NIXOS_SD");
  const { device, file } = attachDisk(96);
  run("dd", `if=${image}`, `of=${device}`, "bs=4M", "status=none", "conv=fsync");
  run("partx", "--update", device);
  const refusalOf = async (path: string, ...more: string[]) => {
    const args = ["flash", "bianco", path, "--image", image, "-i", fleet.admin, "--yes", ...more];
    const { code, stderr } = await fleet.run(...args);
    assert.is(code, 1, stderr);
    return stderr;
  };
  const before = readFileSync(file);
  const folder = makeFolder();
  run("mount", `${device}p2`, folder);
  try {
    assert.match(await refusalOf(device), `${device} is mounted at ${folder}\nHint: umount ${folder}`);
  } finally {
    run("umount", folder);
  }
  // In another mount namespace, where /proc/self/mountinfo does not show it.
  const script = 'mount "$1" "$2" && echo mounted && read -r line';
  const hidden = spawn("unshare", ["--mount", "sh", "-c", script, "sh", `${device}p2`, folder]);
  await new Promise((resolve) => hidden.stdout.once("data", resolve));
  try {
    assert.match(await refusalOf(device), `${device} is in use`);
  } finally {
    const ended = new Promise((resolve) => hidden.once("close", resolve));
    hidden.stdin.end("\n");
    await ended;
  }
  assert.match(await refusalOf(`${device}p2`), `${device}p2 is a partition\nHint: name the whole disk: ${device}`);
  assert.match(await refusalOf(image), "card.img is no disk, but a file");
  assert.match(await refusalOf("/dev/null"), "/dev/null is no disk, but something else");
  assert.match(await refusalOf("/dev/no-such-disk"), "/dev/no-such-disk does not exist");
  const small = attachDisk(32);
  assert.match(await refusalOf(small.device), "is too small: it has 32.0 MiB, and");
  assert.match(await refusalOf(attachDisk(96, "--read-only").device), "is read-only");
  const broken = join(makeFolder(), "broken.img.zst");
  run("zstd", "-q", image, "-o", broken);
  truncateSync(broken, 3000);
  assert.match(await refusalOf(device, "--image", broken), "broken.img.zst cannot be unpacked");
  assert.ok(readFileSync(small.file).every((byte) => byte === 0));
  const { code, stderr } = await fleet.run("flash", "bianco", device, "--image", image, "-i", fleet.admin);
  assert.is(code, 2);
  assert.match(stderr, "there is no terminal to ask on\nHint: give --yes, if the device is the right one");
  assert.match((await fleet.run("flash", "cosmo", device)).stderr, "cosmo is no Raspberry Pi (hosts/cosmo.ts)");
  // Mounting counts the mounts in the file system; nothing else has changed.
  const after = readFileSync(file);
  assert.ok(before.subarray(0, 16 * 1024 * 1024).equals(after.subarray(0, 16 * 1024 * 1024)));
});

flash("the disk that this machine runs from is refused", async () => {
  if (!hasDisks()) return;
  const fleet = await makeMachineFleet();
  const source = run("findmnt", "-no", "SOURCE", "/").trim();
  const disk = run("lsblk", "-nso", "PATH,TYPE", source)
    .split("\n")
    .find((line) => line.endsWith("disk"));
  if (disk === undefined) {
    console.log("not tried: / is on no disk");
    return;
  }
  const path = disk.split(/\s/)[0] ?? "";
  const { code, stderr } = await fleet.run("flash", "bianco", path, "--image", "x", "--yes", "-i", fleet.admin);
  assert.is(code, 1);
  assert.match(stderr, /holds \/\S* of this machine|is a part of/);
});

flash("a file that is no image of a disk is refused before the first byte, packed or not", async () => {
  const [folder, image] = [makeFolder(), join(makeFolder(), "card.img")];
  const refusalOf = async (name: string, data: Buffer) => {
    const file = join(folder, name);
    writeFileSync(file, data);
    return requirePartitions(file).then(
      () => null,
      (error: Error) => error.message,
    );
  };
  const table = Buffer.alloc(1024);
  table.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0], 446);
  table.set([0x55, 0xaa], 510);
  assert.is(await refusalOf("card.img", table), null);
  assert.is(await refusalOf("card.img.gz", gzipSync(table)), null);
  const zeros = Buffer.alloc(4096);
  const bootSector = Buffer.from(table).fill("code", 446, 510);
  for (const [name, data] of [
    ["notes.txt", Buffer.from("a list of things to do")],
    ["zeros.img", zeros],
    ["zeros.img.gz", gzipSync(zeros)],
    ["fat.img", bootSector],
    ["packed.img", gzipSync(table)],
  ] as const) {
    assert.match((await refusalOf(name, data)) ?? "taken", `${name} is no image of a disk: it has no partition table`);
  }
  if (!hasDisks()) return;
  const fleet = await makeMachineFleet();
  const { device, file } = attachDisk(96);
  writeFileSync(image, Buffer.alloc(8 * 1024 * 1024, "no image"));
  const { code, stderr } = await fleet.run("flash", "bianco", device, "--image", image, "--yes", "-i", fleet.admin);
  assert.is(code, 1);
  assert.match(stderr, /no partition table/);
  assert.ok(readFileSync(file).every((byte) => byte === 0));
});

flash("an image without the root, or with a link in its place, is said so", async () => {
  if (!hasDisks()) return;
  const fleet = await makeMachineFleet();
  const { device } = attachDisk(96);
  const flashIt = (image: string) => fleet.run("flash", "bianco", device, "--image", image, "--yes", "-i", fleet.admin);
  assert.match((await flashIt(makeImage("ELSE"))).stderr, "no ext4 partition with the label NIXOS_SD");
  const trap = makeImage("NIXOS_SD");
  run("dd", `if=${trap}`, `of=${device}`, "bs=4M", "status=none", "conv=fsync");
  run("partx", "--update", device);
  const [folder, outside] = [makeFolder(), makeFolder()];
  run("mount", `${device}p2`, folder);
  run("ln", "-s", outside, join(folder, "etc"));
  run("umount", folder);
  run("dd", `if=${device}`, `of=${trap}`, "bs=4M", "count=16", "status=none");
  const { code, stderr } = await flashIt(trap);
  assert.is(code, 1);
  assert.match(stderr, "/etc is a symbolic link in this image");
  assert.is(run("ls", "-A", outside), "");
});

flash("a byte that did not arrive is found", async () => {
  if (!hasDisks()) return;
  const image = join(makeFolder(), "image");
  writeFileSync(image, Buffer.alloc(2 * CHUNK + 12_345, "abc"));
  const { device, file } = attachDisk(32);
  const disk = await openDisk(device);
  try {
    const written = await writeDisk(disk, readImage(image), () => {});
    assert.is(written.bytes, 2 * CHUNK + 12_345);
    await verifyDisk(disk, written, () => {});
    // Behind the device's back, as a card that forgets: its cache still has the right bytes until it is dropped.
    const fd = openSync(file, "r+");
    writeSync(fd, "x", CHUNK + 777);
    closeSync(fd);
    run("blockdev", "--flushbufs", device);
    let found = "";
    try {
      await verifyDisk(disk, written, () => {});
    } catch (error) {
      found = String(error);
    }
    assert.match(found, `does not give back what was written, between bytes ${CHUNK} and ${2 * CHUNK}`);
  } finally {
    await disk.close();
  }
});

flash("the disk that was confirmed is held, and another one at its path is not written", async () => {
  if (!hasDisks()) return;
  const [first, second] = [attachDisk(8), attachDisk(8)];
  const path = join(makeFolder(), "card");
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error) => String(error),
    );
  const pointAt = (device: string) => run("ln", "-sfn", device, path);
  pointAt(first.device);
  const device = inspectDevice(path);
  await holdDisk(device, async (_disk, requireSame) => {
    assert.match(await failureOf(openDisk(first.device)), "is in use");
    await requireSame();
    pointAt(second.device);
    assert.match(await failureOf(requireSame()), "card is another disk by now, and nothing was written");
    pointAt(first.device);
    await requireSame();
    truncateSync(first.file, 4 * 1024 * 1024);
    run("losetup", "--set-capacity", first.device);
    assert.match(await failureOf(requireSame()), "is another disk by now");
  });
  pointAt(second.device);
  let used = false;
  const late = holdDisk(device, async () => {
    used = true;
  });
  assert.match(await failureOf(late), "is another disk by now");
  assert.is(used, false);
});

flash("what the kernel tells of a disk, and of mounts", () => {
  assert.equal(parseMounts("36 35 98:0 /mnt1 /mnt2\\040x rw,noatime master:1 - ext3 /dev/sd\\040a rw\n"), [
    { number: "98:0", point: "/mnt2 x", source: "/dev/sd a" },
  ]);
  assert.equal([0, 1023, 1024, 64 * 1024 ** 2, 31_914_983_424].map(formatBytes), [
    "0 bytes",
    "1023 bytes",
    "1.0 KiB",
    "64.0 MiB",
    "29.7 GiB",
  ]);
  if (!hasDisks()) return;
  const { device, file } = attachDisk(8);
  const disk = inspectDevice(device);
  assert.is(disk.bytes, 8 * 1024 ** 2);
  assert.is(disk.model, file);
  const link = join(makeFolder(), "by-id");
  mkdirSync(link);
  run("ln", "-s", device, join(link, "card"));
  assert.is(inspectDevice(join(link, "card")).name, device.replace("/dev/", ""));
});

flash.run();
