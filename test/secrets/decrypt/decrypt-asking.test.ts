import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withFolder } from "../../tree/temp.js";
import { installPlugin } from "../support/plugin.js";

/** Identities that need a person or a plugin, through the real `age` command on a terminal that util-linux' `script` makes. */

const test = suite("secrets/decrypt, asking");

const PACKAGE = new URL("../../..", import.meta.url).pathname;
const MODULE = join(PACKAGE, "generators/secrets/decrypt/decrypt.ts");
const PASSPHRASE = "three cats on a router";

/** Decrypts the files with the identity, and prints each value in brackets, or why not. */
function writeProgram(root: string): string {
  const program = join(root, "program.mts");
  writeFileSync(
    program,
    `import { readFileSync } from "node:fs";
     const { openDecryptor } = await import(${JSON.stringify(MODULE)});
     const [identity, ...files] = process.argv.slice(2);
     try {
       const text = readFileSync(identity, "latin1");
       const decryptor = await openDecryptor([{ file: identity, text }], (line) => console.log("SAID " + line));
       for (const file of files) {
         console.log("[" + (await decryptor.decrypt(file, readFileSync(file), "admin nico")) + "]");
       }
     } catch (error) { console.log(error.name + ": " + error.message); }`,
  );
  return program;
}

/** Runs it on a terminal, and answers every prompt. @returns what was on the screen, and how often it was asked */
function runOnTerminal(root: string, answer: string, ...args: string[]): Promise<{ screen: string; asked: number }> {
  const line = [process.execPath, "--import", "tsx", writeProgram(root), ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: PACKAGE,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PATH: `${join(root, "bin")}:${process.env.PATH}` },
  });
  let screen = "";
  let asked = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    const prompts = screen.match(/[Ee]nter passphrase[^:]*:/g)?.length ?? 0;
    for (; asked < prompts; asked++) child.stdin.write(`${answer}\n`);
  });
  return new Promise((resolve) => child.on("close", () => resolve({ screen, asked })));
}

/** Two files for a recipient. */
function writeFiles(root: string, recipient: string): string[] {
  return ["one", "two"].map((value) => {
    const file = join(root, `${value}.age`);
    writeFileSync(file, execFileSync("age", ["-a", "-r", recipient], { input: value }));
    return file;
  });
}

test("an SSH key behind a passphrase: age asks on the terminal, and the passphrase is in no argument", () =>
  withFolder(async (root) => {
    const locked = join(root, "locked");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", locked]);
    const [file = ""] = writeFiles(root, readFileSync(`${locked}.pub`, "utf8").trim());
    const { screen, asked } = await runOnTerminal(root, PASSPHRASE, locked, file);
    assert.match(screen, /\[one\]/);
    assert.is(asked, 1);
    const wrong = await runOnTerminal(root, "another", locked, file);
    assert.match(wrong.screen, /UserError: age could not decrypt .*one\.age with .*locked/);
    assert.not.match(wrong.screen, /\[one\]/);
  }));

test("an identity file behind a passphrase is opened once, for all files", () =>
  withFolder(async (root) => {
    const identity = await generateX25519Identity();
    const encrypter = new Encrypter();
    encrypter.setPassphrase(PASSPHRASE);
    encrypter.setScryptWorkFactor(10);
    const sealed = join(root, "sealed");
    writeFileSync(sealed, await encrypter.encrypt(`# created\n${identity}\n`));
    const files = writeFiles(root, await identityToRecipient(identity));
    const { screen, asked } = await runOnTerminal(root, PASSPHRASE, sealed, ...files);
    assert.match(screen, /\[one\]\s+\[two\]/);
    assert.is(asked, 1);
    assert.not.match(screen, /AGE-SECRET-KEY/);
    const wrong = await runOnTerminal(root, "another", sealed, ...files);
    assert.match(wrong.screen, /UserError: age could not open .*sealed/);
  }));

test("a plugin's identity: age runs the plugin, and what it says is passed on", () =>
  withFolder(async (root) => {
    const { folder, identity, recipient } = installPlugin(root);
    const file = join(root, "one.age");
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    writeFileSync(file, execFileSync("age", ["-a", "-r", recipient], { input: "one", env }));
    const { screen } = await runOnTerminal(root, "", identity, file);
    assert.match(screen, /\[one\]/);
    assert.match(screen, /touch it/);
  }));

test.run();
