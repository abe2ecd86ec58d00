import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DISK_LAYOUTS } from "../../generators/model/input.js";
import { PACKAGE } from "../cli/process.js";
import { findFacts } from "../lab/host/nix/evaluated.js";
import { type NixosFacts, readFacts } from "../lab/host/nix/facts.js";

/** Disks have the UUIDs that `modules/images/uuids.nix` gives them: what disko's scripts say, as NixOS evaluates the hosts. */

const test = suite("image: UUIDs");

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}/;

/** What a script of disko's gives partitions, file systems and the disk. */
function idsIn(script: string) {
  const all = (pattern: RegExp) => [...new Set([...script.matchAll(pattern)].map((match) => match[1] ?? ""))];
  return {
    disk: all(/--disk-guid=(\S+)/g),
    partitions: all(/--partition-guid="\d+:([^"]+)"/g),
    ext4: all(/mkfs\.ext4 \\\s+-U (\S+)/g),
    vfat: all(/mkfs\.vfat \\\s+-i (\S+)/g),
    formatted: all(/(mkfs\.\w+|mkswap)/g),
  };
}

test("every layout that draws a UUID is known to the module", () => {
  const text = readFileSync(join(PACKAGE, "modules/images/uuids.nix"), "utf8");
  // A pool's numbers are ZFS's own business, and decision 0008 says so.
  for (const layout of DISK_LAYOUTS) if (layout !== "zfs") assert.ok(text.includes(`"${layout}"`), layout);
});

const found = findFacts();
if ("why" in found) console.log(`not tried: ${found.why}`);
else {
  const hosts: (readonly [string, NixosFacts])[] = [...readFacts(found.file)].flatMap(([, fleet]) => [...fleet]);

  test("a disk, its partitions and its file systems have a UUID that is theirs alone", () => {
    const seen = new Set<string>();
    for (const [name, { disks }] of hosts) {
      for (const [disk, script] of Object.entries(disks)) {
        const { disk: own, partitions, ext4, vfat, formatted } = idsIn(script);
        const title = `${name} ${disk}:\n${script}`;
        assert.is(own.length, 1, title);
        assert.equal(formatted.sort(), ["mkfs.ext4", "mkfs.vfat"], title);
        assert.equal([partitions.length, ext4.length, vfat.length], [3, 1, 1], title);
        for (const id of [...own, ...partitions, ...ext4]) assert.match(id, UUID, title);
        assert.match(vfat[0] ?? "", /^[0-9a-f]{8}$/, title);
        for (const id of [...own, ...partitions, ...ext4, ...vfat]) {
          assert.not.ok(seen.has(id), `${id} is there twice: ${title}`);
          seen.add(id);
        }
      }
    }
    assert.ok(seen.size > 0, "no host has a disk");
  });

  test("partitions are mounted by their names: a disk that was laid out before starts as well", () => {
    const laidOut = hosts.filter(([, { disks }]) => "main" in disks);
    assert.ok(laidOut.length > 0);
    for (const [name, { mounts }] of laidOut) {
      assert.is(mounts["/"], "/dev/disk/by-partlabel/disk-main-root", name);
      assert.is(mounts["/boot"], "/dev/disk/by-partlabel/disk-main-ESP", name);
    }
  });
}

test.run();
