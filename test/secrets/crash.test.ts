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

/** Random moments at which a run really died, for each scenario and beside those before each operation: 201 in all. */
const RANDOM = 67;

/** Moments that are drawn at most: some come after the run's end, more where the machine is busy with something else. */
const DRAWS = 10 * RANDOM;

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

/** Random kills so far, by scenario. */
const interrupted = new Map<string, number>();

for (const { name, from, to } of SCENARIOS) {
  test(`${name}, killed at any moment: nothing is lost, made twice or left over`, async () => {
    const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
    const identity = await generateX25519Identity();
    const admins = { nico: [await identityToRecipient(identity)] };
    const goal: Shape = { admins, ...to };
    try {
      await withFolder(async (start) => {
        if (from !== undefined) await generateSecrets(start, shapeFleet({ admins, ...from }));
        /** @returns whether the run died */
        const try_ = async (
          run: (root: string) => ReturnType<CrashScript["run"]>,
          moment: string,
        ): Promise<boolean> => {
          let died = false;
          await withFolder(async (root) => {
            cpSync(start, root, { recursive: true });
            const result = await run(root);
            assert.ok(result.killed || result.code === 0, `${moment}: ${result.output}`);
            died = result.killed;
            await finish(root, goal, readLock(start, shapeFleet(goal)), identity, moment);
          });
          if (died) killed += 1;
          return died;
        };
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
        await eachOf(points, async (at) => {
          await try_((root) => script.run(args(root), at), `operation ${at}`);
        });
        let kills = 0;
        await eachOf([...Array(DRAWS).keys()], async () => {
          if (kills >= RANDOM) return;
          // The second half of a run is when it writes.
          const at = milliseconds * (0.5 + Math.random() / 2);
          const died = await try_((root) => script.runFor(args(root), at), `${at} ms`);
          if (died) kills += 1;
          // A machine gets slower and faster: two thirds of the moments are to come before the run's end.
          milliseconds *= died ? 1.01 : 0.98;
        });
        interrupted.set(name, kills);
      });
    } finally {
      script.remove();
    }
  });
}

test("there were enough moments", () => {
  const random = [...interrupted.values()];
  assert.is(random.length, SCENARIOS.length);
  for (const [name, kills] of interrupted) assert.ok(kills >= RANDOM, `${name}: ${kills} random moments`);
  const sum = random.reduce((a, b) => a + b, 0);
  assert.ok(sum >= 200 && killed > sum, `killed ${killed} times, ${sum} of them at random`);
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
