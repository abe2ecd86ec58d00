import { Option } from "commander";
import { PLATFORMS } from "../../generators/model/vocabulary.js";
import { type CommandDefinition, collect } from "./types.js";

/** What writes the files that people go on with. */
export const START_COMMANDS: readonly CommandDefinition[] = [
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
    load: () => import("../commands/init.js"),
  },
  {
    usage: "add <name>",
    summary: "write hosts/NAME.ts",
    description: "Writes the file of a new host, with what its platform needs. meshflake generate does the rest.",
    example: "meshflake add pi4 --platform raspberryPi --site madrid --model 4",
    showsWarnings: true,
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
    load: () => import("../commands/add.js"),
  },
];
