import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lock } from "../../../generators/model/lock.js";
import { KEY_FIELDS, type SecretSpec } from "../../../generators/model/secrets.js";
import { readersOf } from "../../../generators/plan/secrets.js";
import { digestFile, digestOf } from "../../../generators/secrets/digest.js";
import { listEntries } from "../../../generators/secrets/lock-entries.js";
import { printLock } from "../../../generators/secrets/lock-text.js";
import { LOCK, lockOf } from "../../support/locks.js";
import { bundleScript, type CrashScript, eachOf } from "../../tree/crash.js";
import { readTree, withFolder } from "../../tree/temp.js";
import { planOf, type Shape, shapeFleet } from "../support/fleet.js";
import { generateSecrets, inspect, readLock } from "../support/generate.js";
import { checkValue, openFile } from "../support/open.js";

/**
 * `generate` is killed while it makes the secrets of a fleet with every kind, adds a host, and removes one, and `rekey` while it
 * encrypts all: before each file operation, and at random moments, so that half-written files are among what is left.
 */

const test = suite("secrets/crash");

/** Random moments at which a run really died, for each scenario and beside those before each operation: 205 in all. */
const RANDOM = 41;

/** Moments that are drawn at most: some come after the run's end, more where the machine is busy with something else. */
const DRAWS = 10 * RANDOM;

interface Scenario {
  readonly name: string;
  /** Whether all files are encrypted anew, to another admin as well, once the fleet is as it is to be. */
  readonly rekey?: true;
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
  {
    name: "a host more, and one less",
    from: { servers: ["cosmo"], agents: ["ari", "toto"] },
    to: { servers: ["cosmo"], agents: ["maco", "toto"] },
  },
  {
    name: "a rekey, for a server and an admin who came later",
    rekey: true,
    from: { servers: ["cosmo"], agents: ["ari"] },
    to: { servers: ["cosmo", "maco"], agents: ["ari"] },
  },
  { name: "hosts less", from: { servers: ["cosmo", "maco"], agents: ["ari"] }, to: { servers: ["cosmo"] } },
];

let killed = 0;

/** Random kills so far, by scenario. */
const interrupted = new Map<string, number>();

for (const { name, from, to, rekey = false } of SCENARIOS) {
  test(`${name}, killed at any moment: nothing is lost, made twice or left over`, async () => {
    const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
    const identity = await generateX25519Identity();
    const admins = { nico: [await identityToRecipient(identity)] };
    const eva = [await identityToRecipient(await generateX25519Identity())];
    const goal: Shape = { admins: rekey ? { ...admins, eva } : admins, ...to };
    try {
      await withFolder(async (start) => {
        if (from !== undefined) await generateSecrets(start, shapeFleet({ admins, ...from }));
        if (rekey) await generateSecrets(start, shapeFleet(goal));
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
            await finish(root, goal, await readLock(start, shapeFleet(goal)), identity, moment);
          });
          if (died) killed += 1;
          return died;
        };
        const args = (root: string) => [root, JSON.stringify(goal), rekey ? identity : ""];
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
  const atDeath = await readLock(root, fleet);
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
  const locks = [...fleet.hosts.keys()].map((host) => lockOf(host)).sort();
  assert.equal(files, [...locks, LOCK, ...specs.map((spec) => `secrets/${spec.name}.age`).sort()], moment);
  for (const spec of specs) {
    await checkValue(lock, spec, await openFile(root, `secrets/${spec.name}.age`, identity));
    assert.is(digestOf(lock, spec), digestFile(String(tree[`secrets/${spec.name}.age`])), `${moment}: ${spec.name}`);
  }
  if (shape.admins.eva !== undefined) await checkReaders(root, lock, specs, identity);
  assert.ok([textOf(start), textOf(lock)].includes(textOf(atDeath)), `${moment}: half of a lock`);
  await generateSecrets(root, fleet);
  assert.equal(readTree(root), tree, moment);
}

function textOf(lock: Lock): string {
  return [...printLock(LOCK, lock)].sort().join("\n");
}

/** Each host opens what the lock says that it can. */
async function checkReaders(root: string, lock: Lock, specs: readonly SecretSpec[], identity: string): Promise<void> {
  for (const host of Object.keys(lock.hosts)) {
    const own = (await openFile(root, `secrets/${host}/identity.age`, identity)).trim();
    for (const spec of specs) {
      if (readersOf(lock, spec)?.includes(host)) await openFile(root, `secrets/${spec.name}.age`, own);
    }
  }
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
