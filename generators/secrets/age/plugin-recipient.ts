/**
 * Recipients that only a plugin of age knows, e.g. admins' hardware keys. The plugin wraps the file key itself, over age's plugin
 * protocol (c2sp.org/age-plugin, `recipient-v1`), so the other recipients of a file stay as they are.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { base64nopad } from "@scure/base";
import type { Recipient, Stanza } from "age-encryption";
import { findProgram } from "../../machine/programs.js";
import { UserError } from "../../model/problem.js";
import { formatStanza, STANZA_COLUMNS } from "./age-file.js";

interface Wrapping {
  readonly stanzas: readonly Stanza[];
  /** What the plugin says is wrong. */
  readonly errors: readonly string[];
}

/**
 * Makes a recipient of a plugin's.
 * @param text `age1NAME1…`
 * @param plugin NAME: `age-plugin-NAME` is run for each file
 * @param owner how errors call whose it is
 */
export function makePluginRecipient(text: string, plugin: string, owner: string): Recipient {
  const program = `age-plugin-${plugin}`;
  return {
    async wrapFileKey(fileKey) {
      const { stanzas, errors } = await runPlugin(program, text, fileKey, owner);
      if (errors.length === 0 && stanzas.length > 0) return [...stanzas];
      const why = errors.length > 0 ? errors.join("; ") : "it wrapped nothing";
      throw new UserError(`${program} cannot encrypt to ${text} of ${owner}: ${why}`, "try it: age -r RECIPIENT", 1);
    },
  };
}

/** @throws UserError where the plugin is not installed */
async function runPlugin(program: string, text: string, fileKey: Uint8Array, owner: string): Promise<Wrapping> {
  if (findProgram(program) === null) throw isMissing(program, text, owner);
  return new Promise((resolve, reject) => {
    // What it writes to stderr is for people who develop it.
    const child = spawn(program, ["--age-plugin=recipient-v1"], { stdio: ["pipe", "pipe", "ignore"] });
    child.on("error", reject);
    // It may end before it has read everything: then it wrapped nothing.
    child.stdin.on("error", () => {});
    const send = (args: readonly string[], body: Uint8Array = new Uint8Array()) =>
      child.stdin.write(formatStanza({ args: [...args], body }));
    send(["add-recipient", text]);
    send(["wrap-file-key"], fileKey);
    send(["done"]);
    converse(createInterface({ input: child.stdout }), send)
      .then(resolve, reject)
      .finally(() => child.stdin.end());
  });
}

function isMissing(program: string, text: string, owner: string): UserError {
  return new UserError(
    `the age recipient ${text} of ${owner} needs ${program}, which is not installed`,
    `install ${program}, and age itself, which reads the files with it; or give ${owner} a recipient that age knows by itself`,
    1,
  );
}

/** Reads what the plugin says, and answers, until it is done or ends. */
async function converse(lines: AsyncIterable<string>, send: (args: readonly string[]) => void): Promise<Wrapping> {
  const stanzas: Stanza[] = [];
  const errors: string[] = [];
  for await (const { args, body } of readStanzas(lines)) {
    const [command, , ...rest] = args;
    if (command === "done") break;
    if (command === "recipient-stanza") stanzas.push({ args: rest, body });
    if (command === "error") errors.push(Buffer.from(body).toString());
    // Nobody is asked anything: a public key is all that wrapping takes.
    const known = command === "recipient-stanza" || command === "error" || command === "msg";
    send([known ? "ok" : "unsupported"]);
  }
  return { stanzas, errors };
}

/** A body's last line is shorter than the others, be it empty. */
async function* readStanzas(lines: AsyncIterable<string>): AsyncGenerator<Stanza> {
  let args: string[] | null = null;
  let body = "";
  for await (const line of lines) {
    if (args === null) {
      args = line.split(" ").slice(1);
      continue;
    }
    body += line;
    if (line.length >= STANZA_COLUMNS) continue;
    yield { args, body: base64nopad.decode(body) };
    [args, body] = [null, ""];
  }
}
