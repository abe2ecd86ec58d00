import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bech32 } from "@scure/base";

/** A plugin that hides nothing: the file key is the stanza's body (age's plugin protocol, C2SP). */
const PLUGIN = `#!${process.execPath}
const { createInterface } = require("node:readline");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const stanza = async () => {
  const args = (await next()).split(" ").slice(1);
  let body = "";
  for (;;) { const line = await next(); body += line; if (line.length < 64) return { args, body }; }
};
const send = (args, body = "") => process.stdout.write("-> " + args.join(" ") + "\\n" + body + "\\n");
(async () => {
  const phase = process.argv[2].split("=")[1];
  const stanzas = [];
  for (;;) { const one = await stanza(); if (one.args[0] === "done") break; stanzas.push(one); }
  for (const { args, body } of stanzas) {
    if (process.env.REFUSE && args[0] === "add-recipient") {
      send(["error", "recipient", "0"], Buffer.from("no such slot").toString("base64").replace(/=/g, ""));
      await stanza();
      break;
    }
    if (phase === "recipient-v1" && args[0] === "wrap-file-key") {
      send(["recipient-stanza", "0", "plain", "x"], body);
      await stanza();
    }
    if (phase === "identity-v1" && args[0] === "recipient-stanza" && args[2] === "plain") {
      send(["msg"], Buffer.from("touch it").toString("base64").replace(/=/g, ""));
      await stanza();
      send(["file-key", args[1]], body);
      await stanza();
    }
  }
  send(["done"]);
  process.exit(0);
})();
`;

export interface Plugin {
  /** For the search path. */
  readonly folder: string;
  /** The identity's file. */
  readonly identity: string;
  readonly recipient: string;
}

/** Puts `age-plugin-plain` into a folder below `root`, and an identity beside it. */
export function installPlugin(root: string): Plugin {
  const folder = join(root, "bin");
  mkdirSync(folder);
  writeFileSync(join(folder, "age-plugin-plain"), PLUGIN, { mode: 0o755 });
  const identity = join(root, "identity");
  const words = bech32.toWords(Buffer.alloc(4, 7));
  writeFileSync(identity, `# a key\n${bech32.encode("age-plugin-plain-", words).toUpperCase()}\n`);
  return { folder, identity, recipient: bech32.encode("age1plain", words) };
}
