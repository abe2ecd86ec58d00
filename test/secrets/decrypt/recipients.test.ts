import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bech32 } from "@scure/base";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { encryptText } from "../../../generators/secrets/age/encrypt.js";
import { parseRecipient } from "../../../generators/secrets/age/recipients.js";
import { failure, withFolder } from "../../tree/temp.js";
import { installPlugin } from "../support/plugin.js";

const test = suite("secrets/recipients");

const SECRET = "the cat sleeps on the router\n";

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

function decryptWithAge(root: string, identityFile: string, text: string): string {
  const run = spawnSync("age", ["--decrypt", "-i", join(root, identityFile)], { input: text, encoding: "utf8" });
  assert.is(run.status, 0, run.stderr);
  return run.stdout;
}

test("our X25519 stanzas are age's", async () => {
  const identity = await generateX25519Identity();
  const text = await encryptText(SECRET, [await parseRecipient(await identityToRecipient(identity), "admin nico")]);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  assert.is(await decrypter.decrypt(armor.decode(text), "text"), SECRET);
});

test("the real age reads X25519, where it is installed", () =>
  withFolder(async (root) => {
    if (!isInstalled("age")) return;
    const identity = await generateX25519Identity();
    writeFileSync(join(root, "identity"), `${identity}\n`, { mode: 0o600 });
    const recipient = await parseRecipient(await identityToRecipient(identity), "admin nico");
    assert.is(decryptWithAge(root, "identity", await encryptText(SECRET, [recipient])), SECRET);
  }));

test("the real age reads ssh-ed25519 and ssh-rsa, each among other readers, where it is installed", () =>
  withFolder(async (root) => {
    if (!isInstalled("age") || spawnSync("ssh-keygen", ["-?"]).error !== undefined) return;
    const recipients = [];
    for (const [kind, bits] of [
      ["ed25519", "256"],
      ["rsa", "2048"],
    ] as const) {
      spawnSync("ssh-keygen", ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "a comment", "-f", join(root, kind)]);
      recipients.push(await parseRecipient(readFileSync(join(root, `${kind}.pub`), "utf8"), "admin nico"));
    }
    const text = await encryptText(SECRET, recipients);
    for (const kind of ["ed25519", "rsa"]) assert.is(decryptWithAge(root, kind, text), SECRET);
  }));

test("SSH stanzas name their key, and hold no plain file key", async () => {
  const text = await encryptText(SECRET, [await parseRecipient(sshLine("ssh-ed25519", [makeEd25519()]), "admin nico")]);
  const header = Buffer.from(armor.decode(text)).toString("latin1");
  assert.match(
    header,
    /^age-encryption\.org\/v1\n-> ssh-ed25519 [A-Za-z0-9+/]{6} [A-Za-z0-9+/]{43}\n[A-Za-z0-9+/]{43}\n---/,
  );
});

test("post-quantum and hardware tag recipients go to the library", async () => {
  const error = await failure(parseRecipient("age1pq1qqqq", "admin nico"), UserError);
  assert.match(error.message, /of admin nico is not an age recipient/);
});

test("values of any size, among stanzas of any length, are read by age-encryption and by age", () =>
  withFolder(async (root) => {
    const identity = await generateX25519Identity();
    writeFileSync(join(root, "identity"), `${identity}\n`, { mode: 0o600 });
    const recipient = await parseRecipient(await identityToRecipient(identity), "admin nico");
    // Stanzas of a kind that nobody knows; 48 bytes fill a line.
    const foreign = (bytes: number) => ({ wrapFileKey: () => [{ args: ["cat", "1"], body: new Uint8Array(bytes) }] });
    for (const size of [0, 1, 47, 48, 49, 4096, 65_535, 65_536, 65_537, 200_000]) {
      const value = randomBytes(size);
      const text = await encryptText(value, [
        foreign(0),
        foreign(47),
        foreign(48),
        recipient,
        foreign(96),
        foreign(300),
      ]);
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      assert.ok(value.equals(await decrypter.decrypt(armor.decode(text), "uint8array")), `${size} bytes`);
      if (!isInstalled("age")) continue;
      const { status, stdout, stderr } = spawnSync("age", ["-d", "-i", join(root, "identity")], { input: text });
      assert.is(status, 0, `${size} bytes: ${stderr}`);
      assert.ok(value.equals(stdout), `${size} bytes`);
    }
  }));

test("nothing is encrypted to nobody", async () => {
  assert.match((await failure(encryptText(SECRET, []), Error)).message, /nobody/);
});

const WRONG: readonly (readonly [string, RegExp])[] = [
  [bech32.encode("age1../yubikey", bech32.toWords(Buffer.alloc(33, 7)), false), /is not an age recipient/],
  ["age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4t", /is not an age recipient/],
  ["age1", /is not an age recipient/],
  ["AGE1XUFVGR67XM8GCGQDQS7F7DQLZD45MRXRNGKPMGJNDREJL5GEL99QSRRZ4S", /is not an age recipient/],
  ["nico", /is not an age recipient/],
  ["", /is not an age recipient/],
  ["ssh-ed25519 AAAA", /cut off/],
  ["ssh-ed25519", /the ssh-ed25519 key of admin nico cannot be read/],
  ["ecdsa-sha2-nistp256 AAAA", /age cannot encrypt to the ecdsa-sha2-nistp256 key/],
  ["sk-ssh-ed25519@openssh.com AAAA", /age cannot encrypt to the sk-ssh-ed25519@openssh\.com key/],
];

test("what is no recipient is refused with its owner", async () => {
  for (const [text, message] of WRONG) {
    const error = await failure(parseRecipient(text, "admin nico"), UserError);
    assert.match(error.message, message);
    assert.match(error.message, /admin nico/);
    assert.ok(error.hint);
  }
});

test("a plugin wraps the key itself, beside other recipients, and the real age reads what it wrapped", () =>
  withFolder(async (root) => {
    const { folder, recipient } = installPlugin(root);
    const identity = await generateX25519Identity();
    writeFileSync(join(root, "native"), `${identity}\n`);
    const recipients = [
      await parseRecipient(await identityToRecipient(identity), "host ari"),
      await parseRecipient(recipient, "admin nico"),
    ];
    const missing = await failure(encryptText(SECRET, recipients), UserError);
    assert.match(missing.message, /age1plain1\w+ of admin nico needs age-plugin-plain, which is not installed/);
    assert.match(missing.hint ?? "", /install age-plugin-plain, and age itself/);
    const { PATH } = process.env;
    process.env.PATH = `${folder}:${PATH}`;
    try {
      // One is a single chunk, and the other is left to age-encryption.
      for (const value of [SECRET, SECRET.repeat(4000)]) {
        const text = await encryptText(value, recipients);
        for (const name of ["native", "identity"]) assert.is(decryptWithAge(root, name, text), value);
      }
      process.env.REFUSE = "1";
      const refused = await failure(encryptText(SECRET, recipients), UserError);
      assert.match(refused.message, /age-plugin-plain cannot encrypt to age1plain\w+ of admin nico: no such slot/);
    } finally {
      process.env.PATH = PATH;
      delete process.env.REFUSE;
    }
  }));

test("an SSH key that lies about its kind, is short or is no point, is refused", async () => {
  const lie = sshLine("ssh-rsa", [makeEd25519()]).replace("ssh-rsa", "ssh-ed25519");
  assert.match((await failure(parseRecipient(lie, "admin nico"), UserError)).message, /kind differs/);
  const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
  const short = sshLine("ssh-rsa", [Buffer.from(e, "base64url"), Buffer.from(n, "base64url")]);
  assert.match((await failure(parseRecipient(short, "admin nico"), UserError)).message, /at least 2048 bits/);
  const offCurve = sshLine("ssh-ed25519", [Buffer.alloc(32, 2)]);
  await failure(parseRecipient(offCurve, "admin nico"), UserError);
});

test("a secret key given as recipient is not repeated in the message", async () => {
  const identity = await generateX25519Identity();
  const error = await failure(parseRecipient(identity, "admin nico"), UserError);
  assert.match(error.message, /admin nico gave a secret key/);
  assert.not.ok(`${error.message}${error.hint}`.includes(identity.slice(20, 40)));
});

function makeEd25519(): Buffer {
  const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  return Buffer.from(x, "base64url");
}

function sshLine(kind: string, fields: readonly Buffer[]): string {
  const wire = [Buffer.from(kind), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${kind} ${Buffer.concat(wire).toString("base64")} a comment`;
}

test.run();
