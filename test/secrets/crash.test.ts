import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../generators/model/lock.js";
import { KEY_FIELDS } from "../../generators/model/secrets.js";
import { listEntries } from "../../generators/secrets/lock-entries.js";
import { bundleScript, type CrashScript, eachOf } from "../tree/crash.js";
import { readTree, withFolder } from "../tree/temp.js";
import { planOf, type Shape, shapeFleet } from "./fleet.js";
import { generateSecrets, inspect, readLock } from "./generate.js";
import { checkValue, openFile } from "./open.js";

/**
 * `generate` is killed while it makes the secrets of a fleet with every kind, adds a host, and removes one: before each of its
 * file operations, and at random moments, so that half-written files are among what is left.
 */

const test = suite("secrets/crash");

/** Kills at random moments, beside those before each operation. */
const RANDOM = 165;

interface Scenario {
  readonly name: string;
  /** What there is before, if anything. */
  readonly from?: Omit<Shape, "admins">;
  readonly to: Omit<Shape, "admins">;
}

const SCENARIOS: readonly Scenario[] = [
  { name: "a new fleet", to: { servers: ["cosmo"], agents: ["ari"] } },
  {
    name: "a host more",
    from: { servers: ["cosmo"], agents: ["ari"] },
    to: { servers: ["cosmo"], agents: ["ari", "maco"] },
  },
  { name: "hosts less", from: { servers: ["cosmo", "maco"], agents: ["ari"] }, to: { servers: ["cosmo"] } },
];

let killed = 0;

for (const { name, from, to } of SCENARIOS) {
  test(`${name}, killed at any moment: nothing is lost, made twice or left over`, async () => {
    const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
    const identity = await generateX25519Identity();
    const admins = { nico: [await identityToRecipient(identity)] };
    const goal: Shape = { admins, ...to };
    try {
      await withFolder(async (start) => {
        if (from !== undefined) await generateSecrets(start, shapeFleet({ admins, ...from }));
        const try_ = (run: (root: string) => ReturnType<CrashScript["run"]>, moment: string) =>
          withFolder(async (root) => {
            cpSync(start, root, { recursive: true });
            const result = await run(root);
            assert.ok(result.killed || result.code === 0, `${moment}: ${result.output}`);
            if (result.killed) killed += 1;
            await finish(root, goal, readLock(start, shapeFleet(goal)), identity, moment);
          });
        const args = (root: string) => [root, JSON.stringify(goal)];
        let [count, milliseconds] = [0, 0];
        await withFolder(async (root) => {
          cpSync(start, root, { recursive: true });
          const began = performance.now();
          count = (await script.run(args(root), 0)).operations;
          milliseconds = performance.now() - began;
        });
        assert.ok(count > 10, `only ${count} operations`);
        const points = Array.from({ length: count }, (_, index) => index + 1);
        await eachOf(points, (at) => try_((root) => script.run(args(root), at), `operation ${at}`));
        // The second half of a run is when it writes.
        const moments = Array.from(
          { length: RANDOM / SCENARIOS.length },
          () => milliseconds * (0.5 + Math.random() / 2),
        );
        await eachOf(moments, (at) => try_((root) => script.runFor(args(root), at), `${at} ms`));
      });
    } finally {
      script.remove();
    }
  });
}

test("there were enough moments", () => {
  assert.ok(killed > 150, `killed ${killed} times`);
});

/** The next run ends in a consistent tree, and another one finds nothing to do. */
async function finish(root: string, shape: Shape, start: Lock, identity: string, moment: string): Promise<void> {
  const fleet = shapeFleet(shape);
  const atDeath = readLock(root, fleet);
  assert.equal(inspect(root, fleet, atDeath).problems, [], moment);
  const lock = await generateSecrets(root, fleet);
  for (const before of [start, atDeath]) assert.equal(findLost(before, lock), [], moment);
  for (const host of Object.keys(start.hosts).filter((name) => !fleet.hosts.has(name))) {
    for (const { id } of Object.values(start.hosts[host]?.secrets ?? {})) assert.ok(lock.revoked?.includes(id), moment);
    assert.ok(lock.rotate?.["cats/consul-gossip"]?.includes(`host ${host}`), moment);
    assert.not.ok(JSON.stringify([lock.hosts, lock.clusters]).includes(`"${host}"`), moment);
  }
  const specs = [...planOf(fleet, lock).secrets.values()];
  const tree = readTree(root);
  const files = Object.keys(tree).filter((path) => !path.endsWith("/"));
  assert.equal(files, ["hosts/fleet.lock.json", ...specs.map((spec) => `secrets/${spec.name}.age`).sort()], moment);
  for (const spec of specs) await checkValue(lock, spec, await openFile(root, `secrets/${spec.name}.age`, identity));
  await generateSecrets(root, fleet);
  assert.equal(readTree(root), tree, moment);
}

/** Public halves and ids of a lock that a later one neither has nor revokes, of hosts that are still there. */
function findLost(before: Lock, after: Lock): string[] {
  const lost: string[] = [];
  for (const [host, block] of Object.entries(before.hosts)) {
    const now = after.hosts[host];
    if (now === undefined) continue;
    for (const field of Object.values(KEY_FIELDS)) {
      if (block[field] !== undefined && now[field] !== block[field]) lost.push(`${host}.${field}`);
    }
  }
  const ids = new Set([...listEntries(after)].map(({ entry }) => entry.id).concat(after.revoked ?? []));
  for (const { spec, entry } of listEntries(before)) if (!ids.has(entry.id)) lost.push(spec.name);
  return lost;
}

test.run();
