/** Opens files with one identity, and checks what is in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { armor, Decrypter, identityToRecipient } from "age-encryption";
import * as assert from "uvu/assert";
import type { Lock } from "../../../generators/model/lock.js";
import type { SecretSpec } from "../../../generators/model/secrets.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { wireguardPublicKey } from "./wireguard.js";

export async function decrypt(text: string, identity: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(text), "text");
}

export async function openFile(root: string, path: string, identity: string): Promise<string> {
  return decrypt(readFileSync(join(root, path), "utf8"), identity);
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A value in the clear is what its kind documents, and belongs to what the lock says of it. */
export async function checkValue(lock: Lock, spec: SecretSpec, value: string): Promise<void> {
  const id = idOf(lock, spec);
  assert.ok(id !== null, `${spec.name} is not in the lock`);
  assert.ok(value.endsWith("\n"), spec.name);
  const text = value.trim();
  switch (spec.kind) {
    case "identity":
      return assert.is(await identityToRecipient(text), id);
    case "wireguard":
      return assert.is(wireguardPublicKey(text), id);
    case "ssh": {
      const wire = Buffer.from(id.split(" ")[1] ?? "", "base64");
      const raw = Buffer.from(text.split("\n").slice(1, -1).join(""), "base64");
      return assert.ok(raw.includes(wire), `${spec.name} is another key`);
    }
    case "consul-gossip":
    case "nomad-gossip": {
      const keys: string[] = JSON.parse(text);
      assert.is(value, `${JSON.stringify(keys)}\n`);
      assert.equal(
        keys.map((key) => Buffer.from(key, "base64").length),
        [32],
      );
      return assert.match(id, /^[0-9a-f]{32}$/);
    }
    case "own":
      return;
    default:
      assert.match(text, UUID);
      assert.match(id, UUID);
      assert.is.not(text, id);
  }
}
