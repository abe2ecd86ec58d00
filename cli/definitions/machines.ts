import { withIdentity } from "./secrets.js";
import type { CommandDefinition } from "./types.js";

/** What brings identities to machines, and people to machines. */

export const MACHINE_COMMANDS: readonly CommandDefinition[] = [
  {
    usage: "identity <host>",
    summary: "the files to put beside a host's image",
    description:
      "Decrypts a host's identity with an admin's key: the one secret that travels by itself. With --to it lies in a folder as on the machine (etc/meshflake/identity), readable by its owner alone; with --tar it goes to stdout as a tar archive, owned by root.",
    example: "meshflake identity pi4 --tar | ssh root@proxmox.example.org 'tar -C /srv/pi4 -xpf -'",
    options: (command) =>
      withIdentity(command)
        .option("--to <dir>", "the folder that stands for the machine's root")
        .option("--tar", "write a tar archive to stdout"),
    load: () => import("../commands/machines/identity.js"),
  },
  {
    usage: "flash <host> <device>",
    summary: "write a host's SD card: the image, and the identity",
    description:
      "Writes the image of a Raspberry Pi to a card, reads all of it back, and puts the host's identity on it. Refuses a device that is in use, read-only or too small; shows what the device is, and asks. Needs root and an admin's key.",
    example: 'sudo meshflake flash pi4 /dev/sdb --image "$(meshflake image pi4)" --identity ~/.config/age/keys.txt',
    options: (command) =>
      withIdentity(command)
        .option("--image <file>", "the image; also .zst, .xz or .gz (default: builds the host's own)")
        .option("-y, --yes", "do not ask"),
    load: () => import("../commands/machines/flash.js"),
  },
  {
    usage: "install <host> [arguments...]",
    summary: "install a host over SSH, on a machine that runs something else",
    description:
      "Runs nixos-anywhere: it replaces what a machine runs, with its disks, by the host's system, and puts the host's identity on it. The machine's present SSH host key has to be known: given, or confirmed by its fingerprint. What follows -- goes to nixos-anywhere. Needs Nix and an admin's key.",
    example: "meshflake install cosmo --at 203.0.113.10 --host-key 'ssh-ed25519 AAAA…' -- --no-disko-deps",
    options: (command) =>
      withIdentity(command)
        .option("--at <address>", "where the machine is (default: the host's public address)")
        .option("--user <user>", "the account there: root, or one with sudo", "root")
        .option("--port <port>", "sshd's port there", "22")
        .option("--host-key <key>", "the machine's present host key, as in /etc/ssh/ssh_host_ed25519_key.pub")
        .option("--known-hosts <file>", "a known_hosts file that has the machine's present host key")
        .option("--dry-run", "check everything, and say what would run")
        .option("-y, --yes", "do not ask whether the machine's disks may be erased"),
    load: () => import("../commands/machines/install.js"),
  },
  {
    usage: "ssh <host> [command...]",
    summary: "log in to a host, with the host key that the fleet knows",
    description:
      "Runs ssh with the generated known_hosts: it connects to the host that has the key of the lock, or not at all, the first time too. Goes to the public address, else through a public host into the mesh. With --json the command as data. Ends with ssh's exit code.",
    example: "meshflake ssh bianco -- journalctl -u nomad -n 50",
    options: (command) =>
      command
        .option("--at <address>", "another address")
        .option("--port <port>", "another port (default: the fleet's `deploy.port`)")
        .option("--lan", "the address in the site's LAN")
        .option("--mesh", "the mesh address, through a public host, where the public address cannot be reached")
        .option("--print", "print the command, as a line for a shell"),
    load: () => import("../commands/machines/ssh.js"),
  },
];
