import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inspectSecrets } from "../../generators/secrets/key-files.js";
import { bundleScript, eachOf } from "../tree/crash.js";
import { readTree, withFolder } from "../tree/temp.js";
import { makeAdmin, makeFleet } from "./fleet.js";
import { generateKeys, readLock } from "./generate.js";
import { wireguardPublicKey } from "./wireguard.js";

const test = suite("secrets/crash");

const HOSTS = ["ari", "cosmo"];

test("killed at any operation: no key is lost, none is made twice, nothing is left over", async () => {
  const script = await bundleScript(fileURLToPath(new URL("kill-script.ts", import.meta.url)));
  const admin = await generateX25519Identity();
  const recipient = await identityToRecipient(admin);
  try {
    let count = 0;
    await withFolder(async (root) => {
      const result = await script.run([root, recipient, ...HOSTS], 0);
      assert.is(result.code, 0, result.output);
      count = result.operations;
    });
    assert.ok(count > 10, `only ${count} operations`);
    const points = Array.from({ length: count }, (_, index) => index + 1);
    await eachOf(points, (killAt) =>
      withFolder(async (root) => {
        const result = await script.run([root, recipient, ...HOSTS], killAt);
        assert.ok(result.killed, `operation ${killAt}: ${result.output}`);
        await finish(root, recipient, admin);
      }),
    );
  } finally {
    script.remove();
  }
});

async function finish(root: string, recipient: string, admin: string): Promise<void> {
  const fleet = makeFleet(HOSTS, [makeAdmin([recipient])]);
  const atDeath = readLock(root, fleet);
  assert.equal(inspectSecrets(root, fleet, atDeath).problems, []);
  const lock = await generateKeys(root, fleet);
  for (const host of HOSTS) {
    const locked = lock.hosts[host];
    assert.is(locked?.age, atDeath.hosts[host]?.age ?? locked?.age);
    assert.is(locked?.wireguard, atDeath.hosts[host]?.wireguard ?? locked?.wireguard);
    assert.is(await identityToRecipient(await open(root, `secrets/${host}/identity.age`, admin)), locked?.age);
    assert.is(wireguardPublicKey(await open(root, `secrets/${host}/wireguard.age`, admin)), locked?.wireguard);
  }
  const files = Object.keys(readTree(root)).filter((path) => !path.endsWith("/"));
  assert.equal(files, [
    "hosts/fleet.lock.json",
    ...HOSTS.flatMap((host) => [`secrets/${host}/identity.age`, `secrets/${host}/wireguard.age`]),
  ]);
}

async function open(root: string, path: string, identity: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  assert.ok(existsSync(join(root, path)), path);
  const text = await decrypter.decrypt(armor.decode(readFileSync(join(root, path), "utf8")), "text");
  assert.ok(text.endsWith("\n"));
  return text.trim();
}

test.run();
