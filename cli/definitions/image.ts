import { Option } from "commander";
import { ARCHITECTURES } from "../../generators/model/vocabulary.js";
import type { CommandDefinition } from "./types.js";

export const IMAGE_COMMAND: CommandDefinition = {
  usage: "image <host|platform>",
  summary: "build the image that a host starts from",
  description:
    "Runs nix build and prints the image's file. A host's image has its system; a platform's (raspberry-pi-3, -4, -5, proxmox-lxc, proxmox-vm, hetzner-vm, contabo-vm, bare-metal) is the same for all of its hosts and lets the admins in. Neither holds a secret: meshflake identity, flash and install put the host's identity beside it.",
  example: "meshflake image bianco --out bianco-card",
  options: (command) =>
    command
      .option("-o, --out <link>", "the link to the result", "result")
      .addOption(new Option("--arch <arch>", "of a platform that has several").choices(ARCHITECTURES)),
  load: () => import("../commands/machines/image.js"),
};
