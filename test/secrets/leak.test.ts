import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundleScript } from "../tree/crash.js";
import { put, withFolder } from "../tree/temp.js";

const test = suite("secrets/leak");

/** A fleet with every kind of secret. */
function shapeOf(recipient: string): string {
  return JSON.stringify({ admins: { nico: [recipient] }, servers: ["cosmo"], agents: ["ari"] });
}

const FILES = 14;

test("secret halves are nowhere on disk or in the output, dead or alive; the same search finds a planted one", () =>
  withFolder(async (root) => {
    const script = await bundleScript(fileURLToPath(new URL("disk/kill-script.ts", import.meta.url)));
    const admin = await generateX25519Identity();
    try {
      const { output, code } = await script.run([root, shapeOf(await identityToRecipient(admin))], 0);
      assert.is(code, 0, output);
      const secrets = await readSecrets(root, admin);
      assert.is(secrets.length, FILES);
      for (const secret of secrets) {
        for (const form of formsOf(secret)) {
          assert.not.ok(output.includes(form));
          assert.equal(search(root, form), []);
          put(root, "planted/file.nix", `text ${form} text`);
          assert.equal(search(root, form), ["planted/file.nix"]);
          put(root, "planted/file.nix", "");
        }
      }
    } finally {
      script.remove();
    }
  }));

test("a run that dies leaves staged files that only their owner reads, encrypted", () =>
  withFolder(async (root) => {
    const script = await bundleScript(fileURLToPath(new URL("disk/kill-script.ts", import.meta.url)));
    const admin = await generateX25519Identity();
    try {
      const args = [root, shapeOf(await identityToRecipient(admin))];
      // The lock's rename is the last operation before those of the secrets: then every secret is staged.
      const count = (await script.run(args, 0)).operations;
      assert.ok(count > 0);
      for (const folder of ["secrets", "hosts"]) rmSync(join(root, folder), { recursive: true });
      await script.run(args, count - FILES);
      const staged = listFiles(root).filter((path) => path.includes(".meshflake-tmp-") && path.startsWith("secrets/"));
      assert.is(staged.length, FILES);
      for (const path of staged) {
        assert.match(readFileSync(join(root, path), "utf8"), /^-----BEGIN AGE ENCRYPTED FILE-----/);
        assert.is(statSync(join(root, path)).mode & 0o777, 0o600);
      }
    } finally {
      script.remove();
    }
  }));

/** As text, and as other encodings of its bytes. */
function formsOf(secret: string): string[] {
  if (secret.startsWith("AGE-")) return [secret, secret.toLowerCase()];
  if (secret.startsWith("[")) return [secret, ...JSON.parse(secret).flatMap(formsOf)];
  if (!secret.startsWith("-----BEGIN")) return [secret, ...encodings(Buffer.from(secret, "base64"))];
  const lines = secret.split("\n").slice(1, -1);
  const wire = Buffer.from(lines.join(""), "base64");
  // The private half is the only string of 64 bytes: the seed, then the public half.
  const at = wire.indexOf(Buffer.from([0, 0, 0, 64])) + 4;
  return [secret, lines.join(""), lines[2] ?? "", ...encodings(wire.subarray(at, at + 32))];
}

function encodings(bytes: Buffer): string[] {
  return [bytes.toString("hex"), bytes.toString("base64url")];
}

async function readSecrets(root: string, identity: string): Promise<string[]> {
  const files = listFiles(root).filter((path) => path.endsWith(".age"));
  return Promise.all(
    files.map(async (path) => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return (await decrypter.decrypt(armor.decode(readFileSync(join(root, path), "utf8")), "text")).trim();
    }),
  );
}

function listFiles(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function search(root: string, needle: string): string[] {
  return listFiles(root).filter((path) => readFileSync(join(root, path)).includes(needle));
}

test.run();
