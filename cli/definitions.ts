import { Argument, type Command, Option } from "commander";
import { PLATFORMS } from "../generators/model/vocabulary.js";
import type { CommandModule } from "./context.js";

/** What commands there are. Their code is imported when one runs, so that none pays for another's imports. */

export interface CommandDefinition {
  /** The name, and its arguments as commander writes them. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly example: string;
  /** What an exit code means here, beside 0, 1 and 2. */
  readonly exit3?: string;
  /** Problems are the result, and go to stdout. */
  readonly reportsProblems?: true;
  /** Not in help. */
  readonly hidden?: true;
  /** Adds the command's own options. */
  readonly options?: (command: Command) => Command;
  readonly load: () => Promise<CommandModule>;
}

function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

export const COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "init <dir>",
    summary: "make a new fleet repository, ready to generate",
    description:
      "Makes a repository that works: a fleet with three example hosts to edit, the platforms' Nix modules, flake.nix, and package.json. Your SSH key becomes the admin's.",
    example: "meshflake init cats --domain cats.example.org",
    options: (command) =>
      command
        .option("--name <name>", "the fleet's name (default: the folder's)")
        .option("--domain <domain>", "the domain of public names (default: NAME.example.org)")
        .option("--admin <name>", "the admin's account (default: your own)")
        .option("--ssh-key <file>", "the admin's OpenSSH public key (default: the one in ~/.ssh)")
        .option("--age <recipient>", "who decrypts secrets: age1… or an OpenSSH public key (default: the SSH key)")
        .option("--force", "write into a folder that is not empty, over files of the same name"),
    load: () => import("./commands/init.js"),
  },
  {
    usage: "add <name>",
    summary: "write hosts/NAME.ts",
    description: "Writes the file of a new host, with what its platform needs. meshflake generate does the rest.",
    example: "meshflake add pi4 --platform raspberryPi --site madrid --model 4",
    options: (command) =>
      command
        .addOption(new Option("-p, --platform <platform>", "where it runs").choices(PLATFORMS).makeOptionMandatory())
        .requiredOption("-s, --site <site>", "a site of the fleet")
        .option("--cluster <cluster>", "the cluster, where the fleet has several")
        .option("--tag <tag>", "a label; may be repeated", collect)
        .option("--server", "votes in Nomad's and Consul's Raft")
        .option("--relay", "carries traffic between hosts that cannot reach each other")
        .option("--ipv4 <cidr>", "a static IPv4 address, such as 203.0.113.10/24")
        .option("--gateway4 <address>", "the IPv4 gateway")
        .option("--ipv6 <cidr>", "a static IPv6 address, such as 2001:db8:a::10/64")
        .option("--gateway6 <address>", "the IPv6 gateway")
        .option("--lan <address>", "the address in the site's LAN, or its name there")
        .addOption(new Option("--model <model>", "Raspberry Pi: the model").choices(["3", "4", "5"]))
        .option("--node <node>", "Proxmox: the node")
        .option("--vm-id <id>", "Proxmox: the number")
        .option("--server-type <type>", "Hetzner: the server type, such as cx23")
        .option("--location <location>", "Hetzner: the location, such as nbg1")
        .option("--instance-id <id>", "Contabo: the instance")
        .option("--disk <device>", "the disk that is partitioned at install, such as /dev/sda"),
    load: () => import("./commands/add.js"),
  },
  {
    usage: "check",
    summary: "load, validate, plan and prove the network; write nothing",
    description:
      "Reports every problem of the fleet and of all its environments at once, with file, line and hint. A fleet without problems has a plan, and a proof follows a packet between all hosts, with every relay taken away in turn. Keys that the lock has must be in secrets/.",
    example: "meshflake check --types --format github",
    reportsProblems: true,
    options: (command) => command.option("--types", "also what TypeScript's own check says about hosts/ (slower)"),
    load: () => import("./commands/check.js"),
  },
  {
    usage: "plan [host]",
    summary: "show the derived plan: addresses, peers, relays, quorum, ports",
    description:
      "Shows what follows from the host files, as tables; with a host's name all about that host, with a device's what to type into its WireGuard app.",
    example: "meshflake plan cosmo",
    load: () => import("./commands/plan.js"),
  },
  {
    usage: "generate",
    summary: "write modules/, the lock and missing keys",
    description:
      "Writes the Nix modules of the fleet and of all its environments (with --env: of that one alone), makes keys that are missing, and removes what belongs to no host any more. Files that are up to date are not touched; files edited by hand stop it.",
    example: "meshflake generate --check",
    exit3: "with --check: something would change",
    options: (command) =>
      command
        .option("--check", "write nothing; exit with 3 if anything would change")
        .option("--dry-run", "write nothing; say what would be written")
        .option("--force", "overwrite generated files that were edited by hand"),
    load: () => import("./commands/generate.js"),
  },
  {
    usage: "diff",
    summary: "show what generate would change, in words or as a unified diff",
    description:
      "Shows what generate would change on disk. With --summary or --markdown the comparison is with a git revision: hosts that come and go, peers, addresses, ports, units that restart, Raft voters.",
    example: "meshflake diff --summary --base origin/main",
    exit3: "with --check: there is a difference",
    options: (command) =>
      command
        .option("--summary", "in words, against a git revision")
        .option("--markdown", "in words and as a diff, for a pull request")
        .option(
          "--base <revision>",
          "the git revision to compare with (default: HEAD for words, else the files on disk)",
        )
        .option("--check", "exit with 3 if there is a difference"),
    load: () => import("./commands/diff.js"),
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
    load: () => import("./commands/graph.js"),
  },
  {
    usage: "completion",
    summary: "print a completion script for bash, zsh or fish",
    description: "Prints a script that completes commands, options, and the names of hosts, sites and environments.",
    example: 'eval "$(meshflake completion bash)"',
    options: (command) => command.addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"])),
    load: () => import("./commands/completion.js"),
  },
  {
    usage: "complete [words...]",
    summary: "answer a completion script",
    description: "What completion scripts call.",
    example: 'meshflake complete -- plan ""',
    hidden: true,
    load: () => import("./commands/complete.js"),
  },
];
