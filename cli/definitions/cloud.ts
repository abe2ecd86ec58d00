import type { CommandDefinition } from "./types.js";

/** What makes machines at providers, and brings back what they gave. */
export const CLOUD_COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "sync",
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
];
