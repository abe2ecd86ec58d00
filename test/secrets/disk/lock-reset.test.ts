import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { printLock } from "../../../generators/secrets/lock-text.js";
import { LOCK, lockOf } from "../../support/locks.js";
import { bundleScript, eachOf } from "../../tree/crash.js";
import { readTree, withFolder } from "../../tree/temp.js";
import { type Shape, shapeFleet } from "../support/fleet.js";
import { generateSecrets, inspect, readLock } from "../support/generate.js";

/** A run that changes several lock files is killed, and somebody takes all of it back with git before the next one. */

const test = suite("secrets/lock-reset");

function git(root: string, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=nico", "-c", "user.email=nico@example.org"];
  const env = { PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", [...identity, ...args], { cwd: root, env, stdio: "pipe" });
}

test("wherever it died, git reset leaves the old lock, and the next run goes on from there", async () => {
  const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
  const admins = { nico: [await identityToRecipient(await generateX25519Identity())] };
  const before: Shape = { admins, servers: ["cosmo"], agents: ["ari", "toto"] };
  const goal: Shape = { admins, servers: ["cosmo"], agents: ["maco", "toto"] };
  let halves = 0;
  try {
    await withFolder(async (start) => {
      const old = await generateSecrets(start, shapeFleet(before));
      git(start, "init", "--quiet");
      git(start, "add", "--all");
      git(start, "commit", "--quiet", "--message=fleet");
      let count = 0;
      await withFolder(async (root) => {
        cpSync(start, root, { recursive: true });
        count = (await script.run([root, JSON.stringify(goal)], 0)).operations;
      });
      assert.ok(count > 20, `only ${count} operations`);
      await eachOf([...Array(count).keys()], (index) =>
        withFolder(async (root) => {
          cpSync(start, root, { recursive: true });
          await script.run([root, JSON.stringify(goal)], index + 1);
          const files = Object.keys(readTree(root, "hosts"));
          if (files.some((path) => path.includes("journal"))) halves += 1;
          git(root, "reset", "--hard", "--quiet");
          const fleet = shapeFleet(goal);
          const lock = await readLock(root, fleet);
          // Once the whole change is done, a new host's file is as good as one that a person put there.
          const { maco, ...hosts } = lock.hosts;
          assert.equal([...printLock(LOCK, { ...lock, hosts })], [...printLock(LOCK, old)], `operation ${index + 1}`);
          assert.ok(maco === undefined || maco.ssh !== undefined);
          assert.equal(inspect(root, fleet, lock).problems, [], `operation ${index + 1}`);
          const after = await generateSecrets(root, fleet);
          assert.equal(Object.keys(after.hosts).sort(), ["cosmo", "maco", "toto"]);
          assert.equal(
            Object.keys(readTree(root, "hosts")).filter((path) => !path.endsWith("/")),
            [...["cosmo", "maco", "toto"].map((host) => lockOf(host)), LOCK],
          );
          const tree = readTree(join(root, "secrets"));
          await generateSecrets(root, fleet);
          assert.equal(readTree(join(root, "secrets")), tree);
        }),
      );
    });
    assert.ok(halves > 3, `${halves} runs died between the first lock file and the last`);
  } finally {
    script.remove();
  }
});

test.run();
