import { Option } from "commander";
import type { CommandDefinition } from "./types.js";

/** What works on the description of the fleet. */
export const FLEET_COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "check",
    summary: "load, validate, plan and prove the network; write nothing",
    description:
      "Reports every problem of the fleet and of all its environments at once, with file, line and hint. A fleet without problems has a plan, and a proof follows a packet between all hosts, with every relay taken away in turn. Keys that the lock has must be in secrets/.",
    example: "meshflake check --types --format github",
    reportsProblems: true,
    showsWarnings: true,
    options: (command) => command.option("--types", "also what TypeScript's own check says about hosts/ (slower)"),
    load: () => import("../commands/check.js"),
  },
  {
    usage: "plan [host|device]",
    summary: "show the derived plan: addresses, peers, relays, quorum, ports",
    description:
      "Shows what follows from the host files, as tables; with a host's name all about that host, with a device's what to type into its WireGuard app.",
    example: "meshflake plan cosmo",
    load: () => import("../commands/plan.js"),
  },
  {
    usage: "generate",
    summary: "write modules/, the lock and missing keys",
    description:
      "Writes the Nix modules of the fleet and of all its environments (with --env: of that one alone), makes keys that are missing, and removes what belongs to no host any more. Files that are up to date are not touched; files edited by hand stop it.",
    example: "meshflake generate --check",
    showsWarnings: true,
    exitCodes: { "3": "with --check: something would change" },
    options: (command) =>
      command
        .option("--check", "write nothing; exit with 3 if anything would change")
        .option("--dry-run", "write nothing; say what would be written")
        .option("--force", "overwrite generated files that were edited by hand"),
    load: () => import("../commands/generate.js"),
  },
  {
    usage: "diff",
    summary: "show what generate would change, in words or as a unified diff",
    description:
      "Shows what generate would change on disk. With --summary or --markdown the comparison is with a git revision: hosts that come and go, peers, addresses, ports, units that restart, Raft voters.",
    example: "meshflake diff --summary --base origin/main",
    exitCodes: { "3": "with --check: there is a difference" },
    options: (command) =>
      command
        .option("--summary", "in words, against a git revision")
        .option("--markdown", "in words and as a diff, for a pull request")
        .option(
          "--base <revision>",
          "the git revision to compare with (default: HEAD for words, else the files on disk)",
        )
        .option("--check", "exit with 3 if there is a difference"),
    load: () => import("../commands/diff.js"),
  },
  {
    usage: "graph",
    summary: "draw the topology, as Mermaid",
    description:
      "Prints a Mermaid flowchart: sites with their uplinks, hosts, direct links, links over relays (dashed), and devices at the relay that they join through. Above 64 hosts it draws sites.",
    example: "meshflake graph > topology.mmd",
    options: (command) =>
      command.addOption(
        new Option("--format <format>", "the drawing's format").choices(["mermaid"]).default("mermaid"),
      ),
    load: () => import("../commands/graph.js"),
  },
];
