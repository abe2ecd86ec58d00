import type { CommandDefinition } from "./types.js";

/** What makes machines at providers, and brings back what they gave. */
export const CLOUD_COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "provision",
    showsWarnings: true,
    summary: "make the fleet's machines: Pulumi's preview, its update, and sync",
    description:
      "Runs the repository's Pulumi program (pulumi/) as pulumi up does: shows the preview, asks, and makes cloud servers, containers and virtual machines as the host files say. Then brings addresses and ids into the lock, as sync does. Needs the pulumi command, and the providers' tokens in the environment.",
    example: "meshflake provision --stack prod",
    options: (command) =>
      command
        .option("--stack <stack>", "the stack (default: the environment's name, else the selected one, else prod)")
        .option("--replace <host>", "make this host's machine anew; its addresses and volumes stay")
        .option("--dry-run", "show the preview, and change nothing")
        .option("-y, --yes", "do not ask"),
    load: () => import("../commands/cloud/provision.js"),
  },
  {
    usage: "sync",
    showsWarnings: true,
    summary: "bring addresses and ids that providers gave into the lock",
    description:
      "Reads the outputs of the fleet's Pulumi stack (pulumi stack output --json, or a file) and writes addresses, ids and volumes to the lock; then says which hosts' modules change. Hosts whose machine is gone lose their facts. Needs no key.",
    example: "meshflake sync --stack prod",
    options: (command) =>
      command
        .option("--from <file>", "a file with what pulumi stack output --json prints; - is stdin")
        .option("--stack <stack>", "the stack (default: the one that is selected in pulumi/)")
        .option("--dry-run", "write nothing; say what would be written"),
    load: () => import("../commands/cloud/sync.js"),
  },
  {
    usage: "remove <host>",
    summary: "let a host's machine be deleted, and say what comes next",
    description:
      "Lifts the protection of a host's machine, by a line in the lock: nothing is deleted until the host's file is gone and the fleet is provisioned. Volumes and public addresses stay at the provider, unless --with-data is given. Says what to do in which order.",
    example: "meshflake remove miki",
    options: (command) =>
      command
        .option("--with-data", "its volumes and public addresses go as well")
        .option("--undo", "it stays after all: take the line out of the lock"),
    load: () => import("../commands/cloud/remove.js"),
  },
];
