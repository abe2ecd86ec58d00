import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { whileAlone } from "../../../generators/tree/alone.js";
import { errorCode } from "../../../generators/tree/paths.js";
import { failure, readTree, withFolder } from "../../tree/temp.js";
import { shapeFleet } from "../support/fleet.js";
import { generateSecrets } from "../support/generate.js";

/** A disk that is full or read-only: a real one in memory, which takes the right to mount. */

const test = suite("secrets/full-disk");

const ADMINS = { nico: ["age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s"] };
const FLEET = shapeFleet({ admins: ADMINS, servers: ["cosmo"] });
const MORE = shapeFleet({ admins: ADMINS, servers: ["cosmo"], agents: ["ari"] });

/** Does nothing where mounting is not allowed. */
async function withDisk(options: string, work: (root: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const root = join(folder, "disk");
    mkdirSync(root);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", root]).status !== 0) return;
    try {
      await work(root);
    } finally {
      spawnSync("umount", [root]);
    }
  });
}

test("a full disk: what there was is there, nothing else is, and the next run makes it good", () =>
  withDisk("size=256k", async (root) => {
    await generateSecrets(root, FLEET);
    const before = readTree(root);
    const space = () =>
      Number(spawnSync("df", ["--output=avail", "-B1", root], { encoding: "utf8" }).stdout.split("\n")[1]);
    // Room for some of the new files, not for all of them.
    writeFileSync(join(root, "hosts/ballast"), Buffer.alloc(space() - 3 * 4096));
    const error = await failure(generateSecrets(root, MORE), Error);
    assert.is(errorCode(error), "ENOSPC");
    assert.not.ok(/AGE-SECRET|PRIVATE KEY/.test(`${error.message}${error.stack}`));
    spawnSync("rm", [join(root, "hosts/ballast")]);
    assert.equal(readTree(root), before);
    const lock = await generateSecrets(root, MORE);
    assert.ok(lock.hosts.ari?.ssh);
  }));

test("not a block is left: a run that cannot even say that it runs leaves nothing behind", () =>
  withDisk("size=256k", async (root) => {
    const ballast = join(root, "ballast");
    spawnSync("sh", ["-c", 'cat /dev/zero > "$1" 2>/dev/null', "fill", ballast]);
    const work = () => Promise.reject(new Error("it began"));
    for (const _ of [1, 2]) assert.is(errorCode(await failure(whileAlone(root, work), Error)), "ENOSPC");
    assert.equal(readdirSync(root), ["ballast"]);
    rmSync(ballast);
    assert.is(await whileAlone(root, async () => 7), 7);
  }));

test("a read-only disk: an error, and nothing has changed", () =>
  withDisk("size=256k", async (root) => {
    await generateSecrets(root, FLEET);
    const before = readTree(root);
    assert.is(spawnSync("mount", ["-o", "remount,ro", root]).status, 0);
    assert.is(errorCode(await failure(generateSecrets(root, MORE), Error)), "EROFS");
    assert.equal(readTree(root), before);
    await generateSecrets(root, FLEET);
  }));

test("a removal on a read-only disk removes nothing; the next run does it", () =>
  withDisk("size=256k", async (root) => {
    await generateSecrets(root, MORE);
    const before = readTree(root);
    assert.is(spawnSync("mount", ["-o", "remount,ro", root]).status, 0);
    assert.is(errorCode(await failure(generateSecrets(root, FLEET), Error)), "EROFS");
    assert.equal(readTree(root), before);
    assert.is(spawnSync("mount", ["-o", "remount,rw", root]).status, 0);
    const lock = await generateSecrets(root, FLEET);
    assert.is(lock.revoked?.length, 2);
    assert.not.ok("secrets/ari/" in readTree(root));
  }));

test.run();
