import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { armor, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { encryptText } from "../../../generators/secrets/age/encrypt.js";
import { parseRecipient } from "../../../generators/secrets/age/recipients.js";
import { openDecryptor } from "../../../generators/secrets/decrypt/decrypt.js";
import { failure, withFolder } from "../../tree/temp.js";

/** With Debian's `age` and `ssh-keygen`, which these tests need: what they write is read here, and the other way round. */

const test = suite("secrets/decrypt");

const VALUE = "the cat sleeps on the router\n";
const READERS = "admin nico";

interface Pair {
  readonly file: string;
  readonly text: string;
  readonly recipient: string;
}

function makeSsh(root: string, name: string, ...args: readonly string[]): Pair {
  const file = join(root, name);
  execFileSync("ssh-keygen", ["-q", "-N", "", "-C", "a comment", "-f", file, ...args]);
  return { file, text: readFileSync(file, "utf8"), recipient: readFileSync(`${file}.pub`, "utf8").trim() };
}

function makeAge(root: string, name = "identity.txt"): Pair {
  const file = join(root, name);
  execFileSync("age-keygen", ["-o", file], { stdio: "ignore" });
  const recipient = execFileSync("age-keygen", ["-y", file], { encoding: "utf8" }).trim();
  return { file, text: readFileSync(file, "utf8"), recipient };
}

const KINDS: readonly (readonly [string, (root: string) => Pair])[] = [
  ["X25519, with comments", (root) => makeAge(root)],
  ["ssh-ed25519", (root) => makeSsh(root, "ed25519", "-t", "ed25519")],
  ["ssh-rsa of 2048 bits", (root) => makeSsh(root, "rsa", "-t", "rsa", "-b", "2048")],
  ["ssh-rsa of 3072 bits", (root) => makeSsh(root, "rsa", "-t", "rsa", "-b", "3072")],
  ["ssh-rsa in PEM", (root) => makeSsh(root, "rsa", "-t", "rsa", "-b", "2048", "-m", "PEM")],
  ["ssh-rsa in PKCS #8", (root) => makeSsh(root, "rsa", "-t", "rsa", "-b", "2048", "-m", "PKCS8")],
];

function encryptWithAge(value: Uint8Array | string, recipients: readonly string[], ...args: string[]): Buffer {
  return execFileSync("age", [...args, ...recipients.flatMap((one) => ["-r", one])], { input: value });
}

const open = (...pairs: readonly Pick<Pair, "file" | "text">[]) => openDecryptor(pairs, () => {});

for (const [name, make] of KINDS) {
  test(`what age encrypts to ${name} is read, armored and binary; and age reads ours`, () =>
    withFolder(async (root) => {
      const pair = make(root);
      const decryptor = await open(pair);
      const large = Buffer.alloc(200_000, "ä");
      for (const value of [Buffer.from(VALUE), Buffer.from([0, 255, 10]), Buffer.alloc(0), large]) {
        for (const args of [["-a"], []]) {
          const read = await decryptor.decrypt("x.age", encryptWithAge(value, [pair.recipient], ...args), READERS);
          assert.ok(read.equals(value));
        }
      }
      const other = await parseRecipient(await identityToRecipient(await generateX25519Identity()), "host x");
      const ours = await encryptText(VALUE, [other, await parseRecipient(pair.recipient, READERS)]);
      assert.is(execFileSync("age", ["-d", "-i", pair.file], { input: ours, encoding: "utf8" }), VALUE);
      assert.is((await decryptor.decrypt("x.age", Buffer.from(ours), READERS)).toString(), VALUE);
    }));
}

test("of several identities the one that fits is found, in any order", () =>
  withFolder(async (root) => {
    const [a, b, c] = [makeAge(root, "a"), makeSsh(root, "b", "-t", "ed25519"), makeAge(root, "c")];
    const file = encryptWithAge(VALUE, [b.recipient]);
    for (const order of [[a, b, c], [b], [c, a, b]]) {
      assert.is((await (await open(...order)).decrypt("x.age", file, READERS)).toString(), VALUE);
    }
    const both = { file: "both", text: `${a.text}\r\n\n${c.text}` };
    const forC = encryptWithAge(VALUE, [c.recipient], "-a");
    assert.is((await (await open(both)).decrypt("x.age", forC, READERS)).toString(), VALUE);
  }));

test("a post-quantum identity works without any command", async () => {
  const identity = await generateHybridIdentity();
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  const file = await encrypter.encrypt(VALUE);
  const decryptor = await open({ file: "pq", text: identity });
  assert.is((await decryptor.decrypt("x.age", file, READERS)).toString(), VALUE);
});

test("a wrong key says whom the file is for, and never shows a key", () =>
  withFolder(async (root) => {
    const [mine, other] = [makeAge(root, "mine"), makeAge(root, "other")];
    const error = await failure(
      (await open(mine)).decrypt("secrets/x/y.age", encryptWithAge(VALUE, [other.recipient]), "admins maria and nico"),
      UserError,
    );
    assert.match(error.message, /none of the identities can decrypt secrets\/x\/y\.age: .*\/mine$/);
    assert.match(error.hint ?? "", /encrypted to admins maria and nico: give the identity of one with --identity/);
    assert.not.match(`${error.message}${error.hint}${error.stack}`, /AGE-SECRET/);
  }));

test("a file that is cut off, at whatever byte, or changed in any is never read", () =>
  withFolder(async (root) => {
    const pair = makeSsh(root, "id", "-t", "ed25519");
    const decryptor = await open(pair);
    const whole = encryptWithAge(VALUE, [pair.recipient]);
    const text = encryptWithAge(VALUE, [pair.recipient], "-a");
    for (const file of [whole, text]) {
      for (let at = 0; at < file.length; at++) {
        // The armor's last line break may be missing.
        if (file === text && at === file.length - 1) continue;
        const cut = await failure(decryptor.decrypt("x.age", file.subarray(0, at), READERS), UserError);
        assert.match(cut.message, /is damaged|not encrypted with age|is empty/);
        assert.match(cut.hint ?? "", /restore it from git/);
      }
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const error = await failure(decryptor.decrypt("x.age", changed, READERS), UserError);
      assert.match(`${error.message}${error.hint}`, /restore it from git/);
    }
  }));

test("what is no age file is told from a damaged one", async () => {
  const decryptor = await open({ file: "id", text: await generateX25519Identity() });
  for (const [data, message] of [
    ["", /x\.age is empty/],
    ["hello\n", /x\.age is not encrypted with age/],
    [armor.encode(Buffer.from("age-encryption.org/v1\nrubbish")), /x\.age is damaged/],
  ] as const) {
    assert.match((await failure(decryptor.decrypt("x.age", Buffer.from(data), READERS), UserError)).message, message);
  }
});

test("what is no identity is refused, and is not repeated", () =>
  withFolder(async (root) => {
    const pair = makeSsh(root, "ecdsa", "-t", "ecdsa");
    const ed = makeSsh(root, "ed", "-t", "ed25519");
    const damaged = ed.text.replace(/\n[^-]{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
    const key = (await generateX25519Identity()).replace(/.{4}$/, "QQQQ");
    for (const [text, message] of [
      [pair.text, /kind that age does not take \(ecdsa-sha2-nistp256\)/],
      [damaged, /private key id cannot be read/],
      ["# only a comment\n", /holds no identity/],
      ["", /holds no identity/],
      [ed.recipient, /holds a public key/],
      ["password123", /no age identity and no SSH private key/],
      [key, /damaged age identity/],
    ] as const) {
      const error = await failure(open({ file: "id", text }), UserError);
      assert.match(error.message, message);
      assert.not.match(`${error.message}${error.hint}`, /password123|QQQQ/);
    }
  }));

test("a key behind a passphrase, a plugin's identity and a sealed identity file need the age command, which is named", () =>
  withFolder(async (root) => {
    const locked = join(root, "locked");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "password123", "-f", locked]);
    const recipient = readFileSync(`${locked}.pub`, "utf8").trim();
    const file = encryptWithAge(VALUE, [recipient], "-a");
    writeFileSync(join(root, "file.age"), file);
    const script = join(root, "script.mts");
    const module = new URL("../../../generators/secrets/decrypt/decrypt.ts", import.meta.url).pathname;
    writeFileSync(
      script,
      `import { readFileSync } from "node:fs";
       const { openDecryptor } = await import(${JSON.stringify(module)});
       const file = process.argv[2];
       try {
         const decryptor = await openDecryptor([{ file, text: readFileSync(file, "utf8") }], () => {});
         await decryptor.decrypt("x.age", readFileSync(${JSON.stringify(join(root, "file.age"))}), "nico");
       } catch (error) { console.log(error.name + ": " + error.message + " / " + error.hint); }`,
    );
    const plugin = join(root, "plugin");
    writeFileSync(plugin, "# a comment\nAGE-PLUGIN-YUBIKEY-1QQPQQQQZNQ2Z0\n");
    const sealed = join(root, "sealed");
    writeFileSync(sealed, file);
    for (const [identity, why] of [
      [locked, /behind a passphrase/],
      [plugin, /for an age plugin/],
      [sealed, /behind a passphrase/],
    ] as const) {
      const run = spawnSync(process.execPath, ["--import", "tsx", script, identity], {
        cwd: new URL("../../..", import.meta.url).pathname,
        env: { PATH: "/nonexistent" },
        encoding: "utf8",
      });
      assert.match(run.stdout, /UserError: .* needs the `age` command, and it is not installed/, run.stderr);
      assert.match(run.stdout, why);
      assert.match(run.stdout, /install age/);
    }
    // The locked key of somebody else is not even asked for.
    const other = makeAge(root, "other");
    const decryptor = await open({ file: locked, text: readFileSync(locked, "utf8") });
    const error = await failure(
      decryptor.decrypt("x.age", encryptWithAge(VALUE, [other.recipient]), READERS),
      UserError,
    );
    assert.match(error.message, /none of the identities/);
  }));

test.run();
